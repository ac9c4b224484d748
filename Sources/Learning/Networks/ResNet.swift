// Residual convolutional networks for small images, with torchvision's names.

extension ModelFamily {
  /// The residual networks: those of the paper for small images, and others by their numbers of blocks.
  static let residualNetworks: [ModelFamily] =
    [
      ("resnet20", [3, 3, 3], 16), ("resnet32", [5, 5, 5], 16), ("resnet56", [9, 9, 9], 16),
      ("resnet18", [2, 2, 2, 2], 64), ("resnet34", [3, 4, 6, 3], 64), ("resnet", [2, 2, 2, 2], 64),
    ].map { (name: String, blocks: [Int], width: Int) in
      ModelFamily(
        name: name,
        summary: name == "resnet"
          ? "residual network of any blocks and widths"
          : "residual network of \(2 * blocks.reduce(0, +) + 2) layers for small images, \(width) channels in the first stage",
        width: width, norm: .batch
      ) { settings throws(ModelError) in
        try Model.resnet(settings, family: name, blocks: blocks)
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
  /// A residual network of basic blocks.
  ///
  /// The first convolution keeps the size of the image. Each stage but the first halves it. A block is
  ///
  /// ```
  /// h ← f(S(h) + N(conv2(f(N(conv1(h))))))
  /// ```
  ///
  /// where S is the identity, or a 1 × 1 convolution and N where the size changes (`downsample.0`, `downsample.1`). The mean over the
  /// pixels enters the last layer, `fc`. The names are those of torchvision's `ResNet`, whose first convolution is 7 × 7 with stride 2,
  /// however, and which has a pooling after it.
  ///
  /// Source: K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition" (2016), section 4.2 for small images.
  ///
  /// - Parameters:
  ///   - settings: The sizes and choices.
  ///   - family: The name of the model.
  ///   - blocks: The numbers of blocks unless the settings have some.
  /// - Returns: The model.
  /// - Throws: `ModelError`.
  static func resnet(_ settings: ModelSettings, family: String, blocks: [Int])
    throws(ModelError) -> Model
  {
    let stages = try settings.stages(family: family, blocks: blocks)
    var graph = ModelGraph(of: settings.input)
    var measured: [String] = []
    var branchEnds: [String] = []
    func convolution(
      _ name: String, _ norm: String, _ outputs: Int, kernel: Int = 3, stride: Int = 1,
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
    convolution("conv1", "bn1", stages[0].width)
    activation("relu")
    for (index, stage) in stages.enumerated() {
      for block in 0..<stage.blocks {
        let prefix = "layer\(index + 1).\(block)"
        let stride = index > 0 && block == 0 ? 2 : 1
        let image = graph.shapes[graph.latest]
        guard stride == 1 || min(image.height, image.width) > 1 else {
          // A stage of an odd size rounds the half up.
          throw .imageTooSmall(
            settings.input, stages: stages.count, isFirstHalved: false,
            smallest: 1 << (stages.count - 2) + 1)
        }
        let stream = graph.latest
        convolution("\(prefix).conv1", "\(prefix).bn1", stage.width, stride: stride)
        activation("\(prefix).relu1")
        convolution("\(prefix).conv2", "\(prefix).bn2", stage.width)
        branchEnds.append("\(prefix).conv2.weight")
        let branch = graph.latest
        var shortcut = stream
        if stride > 1 || image.units != stage.width {
          convolution(
            "\(prefix).downsample.0", "\(prefix).downsample.1", stage.width, kernel: 1,
            stride: stride, of: stream)
          shortcut = graph.latest
        }
        graph.append("\(prefix).sum", Addition(), of: [branch, shortcut])
        activation("\(prefix).relu2")
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
          settings.input, stages: stages.count, isFirstHalved: true, smallest: 1 << stages.count)
      }
      graph.append("layer\(index + 1).pool", Pooling(.largest, size: 2))
    }
    graph.append("flatten", Flattening())
    graph.append("fc", Dense(outputs: settings.classCount, hasBias: settings.hasBias))
    return Model(graph: graph, measured: measured)
  }
}
