// Residual convolutional networks with torchvision's names.

/// The parts in which residual networks differ, beside the numbers of blocks and channels.
struct ResidualForm {
  /// Whether a block has convolutions of 1 × 1, 3 × 3 and 1 × 1, of which the last has four times as many channels.
  var isBottleneck = false

  /// Whether the network begins, for large images, with a convolution of 7 × 7 and a pooling that each halve the image.
  var isForLargeImages = false
}

extension ModelFamily {
  /// The residual networks: those of the paper for small images, those for large ones, and others by their numbers of blocks.
  static let residualNetworks: [ModelFamily] = {
    let deep: [(String, [Int], Bool)] = [
      ("resnet18", [2, 2, 2, 2], false), ("resnet34", [3, 4, 6, 3], false),
      ("resnet50", [3, 4, 6, 3], true), ("resnet101", [3, 4, 23, 3], true),
    ]
    return [("resnet20", 3), ("resnet32", 5), ("resnet56", 9)].map {
      residual($0.0, Array(repeating: $0.1, count: 3), width: 16, ResidualForm())
    } + deep.map { residual($0.0, $0.1, width: 64, ResidualForm(isBottleneck: $0.2)) }
      + [residual("resnet", [2, 2, 2, 2], width: 64, ResidualForm())]
      + deep.map {
        residual(
          "imagenet_\($0.0)", $0.1, width: 64,
          ResidualForm(isBottleneck: $0.2, isForLargeImages: true))
      }
  }()

  private static func residual(_ name: String, _ blocks: [Int], width: Int, _ form: ResidualForm)
    -> ModelFamily
  {
    let layers = (form.isBottleneck ? 3 : 2) * blocks.reduce(0, +) + 2
    let images = form.isForLargeImages ? "large images, as torchvision's" : "small images"
    return ModelFamily(
      name: name,
      summary: name == "resnet"
        ? "residual network of any blocks and widths"
        : "residual network of \(layers) layers for \(images), \(width) channels in the first stage",
      width: width, norm: .batch, imageSide: form.isForLargeImages ? 224 : 28
    ) { settings throws(ModelError) in
      try Model.resnet(settings, family: name, blocks: blocks, form)
    }
  }
}

extension ModelSettings {
  /// The numbers of blocks and channels of each stage.
  ///
  /// - Parameters:
  ///   - family: The name of the model.
  ///   - blocks: The numbers of blocks unless the settings have some.
  /// - Returns: One pair per stage.
  /// - Throws: `ModelError` for numbers that do not match, and for settings that convolutional networks do not have.
  func stages(family: String, blocks: [Int]) throws(ModelError) -> [(blocks: Int, width: Int)] {
    if depth != 1 { throw .unusedSetting("depth", family: family) }
    if isResidual { throw .unusedSetting("residual", family: family) }
    guard norm != .rms else {
      throw .unsuitableNorm("rms", family: family, known: ["batch", "group", "layer", "none"])
    }
    let blocks = self.blocks.isEmpty ? blocks : self.blocks
    let widths =
      self.widths.isEmpty ? blocks.indices.map { width << min($0, 16) } : self.widths
    guard blocks.count == widths.count else {
      throw .wrongStages(
        "\(blocks.count) stages of blocks and \(widths.count) of widths; state as many of both")
    }
    guard (1...16).contains(blocks.count),
      (blocks + widths).allSatisfy({ (1...65_536).contains($0) })
    else {
      throw .wrongStages("blocks and widths must be 1 to 16 numbers from 1 to 65536 each")
    }
    if norm == .group,
      let channels = widths.first(where: { !$0.isMultiple(of: ModelNormalization.groups) })
    {
      throw .groupsDoNotDivide(channels: channels, groups: ModelNormalization.groups)
    }
    return zip(blocks, widths).map { ($0, $1) }
  }
}

extension Model {
  /// A residual network.
  ///
  /// For small images the first convolution keeps the size; for large ones it is 7 × 7 with stride 2, and a pooling of 3 × 3 with stride 2
  /// follows. Each stage but the first halves the image. A block is
  ///
  /// ```
  /// h ← f(S(h) + N(conv2(f(N(conv1(h))))))                      basic
  /// h ← f(S(h) + N(conv3(f(N(conv2(f(N(conv1(h)))))))))         bottleneck
  /// ```
  ///
  /// where S is the identity, or a 1 × 1 convolution and N where the size changes (`downsample.0`, `downsample.1`). The mean over the
  /// pixels enters the last layer, `fc`. The names are those of torchvision's `ResNet`, which is the network for large images.
  ///
  /// Source: K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition" (2016), sections 4.1 and 4.2; the
  /// bottleneck halves the image in its 3 × 3 convolution, as torchvision's.
  ///
  /// - Parameters:
  ///   - settings: The sizes and choices.
  ///   - family: The name of the model.
  ///   - blocks: The numbers of blocks unless the settings have some.
  ///   - form: The kind of its blocks and of its beginning.
  /// - Returns: The model.
  /// - Throws: `ModelError`.
  static func resnet(
    _ settings: ModelSettings, family: String, blocks: [Int], _ form: ResidualForm
  ) throws(ModelError) -> Model {
    let stages = try settings.stages(family: family, blocks: blocks)
    var graph = ModelGraph(of: settings.input)
    var measured: [String] = []
    var branchEnds: [String] = []
    func convolution(
      _ name: String, _ norm: String, _ outputs: Int, kernel: Int, stride: Int = 1,
      of input: Int? = nil
    ) {
      graph.append(
        name,
        Convolutional(
          outputs: outputs, kernel: kernel, stride: stride,
          hasBias: settings.norm == .none && settings.hasBias), of: input.map { [$0] })
      measured.append("\(name).weight")
      if let operation = settings.norm.operation { graph.append(norm, operation) }
    }
    func activation(_ name: String) {
      if settings.activation != .identity { graph.append(name, settings.activation) }
    }
    let (kernel, stride) = form.isForLargeImages ? (7, 2) : (3, 1)
    convolution("conv1", "bn1", stages[0].width, kernel: kernel, stride: stride)
    activation("relu")
    if form.isForLargeImages {
      graph.append("maxpool", Pooling(.largest, size: 3, stride: 2, padding: 1))
    }
    for (index, stage) in stages.enumerated() {
      for block in 0..<stage.blocks {
        let prefix = "layer\(index + 1).\(block)"
        let stride = index > 0 && block == 0 ? 2 : 1
        let image = graph.shapes[graph.latest]
        guard stride == 1 || min(image.height, image.width) > 1 else {
          // A half of an odd size is rounded up.
          let halvings = stages.count - 1 + (form.isForLargeImages ? 2 : 0)
          throw .imageTooSmall(
            settings.input, halvings: halvings, smallest: 1 << (halvings - 1) + 1)
        }
        let stream = graph.latest
        let outputs = form.isBottleneck ? 4 * stage.width : stage.width
        let kernels = form.isBottleneck ? [1, 3, 1] : [3, 3]
        for (place, kernel) in kernels.enumerated() {
          let isLast = place == kernels.count - 1
          convolution(
            "\(prefix).conv\(place + 1)", "\(prefix).bn\(place + 1)",
            isLast ? outputs : stage.width, kernel: kernel,
            stride: place == kernels.count - 2 ? stride : 1)
          if !isLast { activation("\(prefix).relu\(place + 1)") }
        }
        branchEnds.append("\(prefix).conv\(kernels.count).weight")
        let branch = graph.latest
        var shortcut = stream
        if stride > 1 || image.units != outputs {
          convolution(
            "\(prefix).downsample.0", "\(prefix).downsample.1", outputs, kernel: 1,
            stride: stride, of: stream)
          shortcut = graph.latest
        }
        graph.append("\(prefix).sum", Addition(), of: [branch, shortcut])
        activation("\(prefix).relu\(kernels.count)")
      }
    }
    graph.append("avgpool", Pooling(.mean))
    graph.append("fc", Dense(outputs: settings.classCount, hasBias: settings.hasBias))
    return Model(graph: graph, measured: measured, branchEnds: branchEnds)
  }

  /// A convolutional network without residual blocks.
  ///
  /// Each stage has some convolutions of 3 × 3, each with normalization and activation, and then takes the largest value of each
  /// 2 × 2 pixels. The last layer, `fc`, reads all pixels in PyTorch's order.
  ///
  /// - Parameter settings: The sizes and choices; by default three stages of one convolution.
  /// - Returns: The model.
  /// - Throws: `ModelError`.
  @Sendable static func cnn(_ settings: ModelSettings) throws(ModelError) -> Model {
    let stages = try settings.stages(family: "cnn", blocks: [1, 1, 1])
    var graph = ModelGraph(of: settings.input)
    var measured: [String] = []
    for (index, stage) in stages.enumerated() {
      for block in 0..<stage.blocks {
        let prefix = "layer\(index + 1).\(block)"
        graph.append(
          "\(prefix).conv",
          Convolutional(
            outputs: stage.width, kernel: 3, hasBias: settings.norm == .none && settings.hasBias))
        measured.append("\(prefix).conv.weight")
        if let operation = settings.norm.operation { graph.append("\(prefix).bn", operation) }
        if settings.activation != .identity { graph.append("\(prefix).relu", settings.activation) }
      }
      let image = graph.shapes[graph.latest]
      guard min(image.height, image.width) > 1 else {
        throw .imageTooSmall(
          settings.input, halvings: stages.count, smallest: 1 << stages.count)
      }
      graph.append("layer\(index + 1).pool", Pooling(.largest, size: 2))
    }
    graph.append("flatten", Flattening())
    graph.append("fc", Dense(outputs: settings.classCount, hasBias: settings.hasBias))
    return Model(graph: graph, measured: measured)
  }
}
