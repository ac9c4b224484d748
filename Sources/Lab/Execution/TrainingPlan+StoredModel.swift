// The settings of a model, read off the tensors of a file.

public import ZerOCheckpoints
public import ZerONetworks
public import ZerOTraining

extension TrainingPlan {
  /// Sets model, sizes and normalization to those of the model in a file, except for settings that were given.
  ///
  /// The model is the first of the catalog whose parameters have the names and shapes of the tensors. If there is none, it stays as it
  /// is, and the tensors tell what they can.
  ///
  /// - Parameters:
  ///   - archive: The file.
  ///   - given: The keys of the settings that were stated.
  public mutating func useModel(of archive: TensorArchive, unless given: Set<String>) {
    let models = given.contains("model") ? [] : ModelFamily.catalog.map(\.name)
    for model in models {
      let plan = using(model, of: archive, unless: given)
      guard plan.hasParameters(of: archive) else { continue }
      self = plan
      return
    }
    self = using(model, of: archive, unless: given)
  }

  /// The same plan with a model, its defaults, and the sizes in a file.
  private func using(_ model: String, of archive: TensorArchive, unless given: Set<String>)
    -> TrainingPlan
  {
    var plan = self
    plan.model = model
    plan.useDefaults(unless: given)
    plan.useSizes(of: archive, unless: given)
    return plan
  }

  /// Whether the parameters of the model have the names and shapes of a file's tensors, and these are all.
  private func hasParameters(of archive: TensorArchive) -> Bool {
    guard let ends = ends(of: archive),
      let graph = try? model(input: ends.input, classCount: ends.classCount).graph
    else { return false }
    let found = graph.parameters.map { archive.counterpart(of: $0.name) }
    let isComplete = zip(graph.parameters, found).allSatisfy { parameter, tensor in
      parameter.role == .count || tensor?.shape == parameter.shape
    }
    return isComplete && Set(found.compactMap { $0?.name }).count == archive.tensors.count
  }

  /// Sets sizes and normalization to those of the model in a file, except for settings that were given.
  ///
  /// Names and shapes of tensors tell the numbers of units, channels, layers and blocks. Group and layer normalization have equal
  /// tensors, so they must be given; so must the lack of
  /// biases, because a file without them may be damaged. What no tensor tells stays as it is.
  ///
  /// - Parameters:
  ///   - archive: The file.
  ///   - given: The keys of the settings that were stated.
  private mutating func useSizes(of archive: TensorArchive, unless given: Set<String>) {
    func rows(_ name: String) -> Int? { archive.shape(ofParameter: name)?.first }
    func count(from first: Int, _ name: (Int) -> String) -> Int {
      (first...).prefix { rows(name($0)) != nil }.count
    }
    func set<Value>(_ key: String, _ path: WritableKeyPath<Self, Value>, _ value: Value?) {
      if let value, !given.contains(key) { self[keyPath: path] = value }
    }
    if model == "mlp" {
      let blocks = count(from: 0) { "blocks.\($0).first.weight" }
      let norm = blocks > 0 ? "norm" : "norm3"
      set("residual", \.isResidual, blocks > 0)
      set("width", \.width, rows("l2.weight"))
      set(
        "depth", \.depth, blocks > 0 ? 2 * blocks : max(1, count(from: 3) { "l\($0).weight" } - 1))
      set(
        "norm", \.norm,
        rows("\(norm).weight").map { _ in rows("\(norm).bias") == nil ? .rms : .layer })
      return
    }
    let convolution = model == "cnn" ? "conv" : "conv1"
    let stages = count(from: 1) { "layer\($0).0.\(convolution).weight" }
    let stageWidths = (1..<stages + 1).compactMap { rows("layer\($0).0.\(convolution).weight") }
    set("width", \.width, stageWidths.first)
    if ["cnn", "resnet"].contains(model), stages > 0 {
      set(
        "blocks", \.blocks,
        (1..<stages + 1).map { stage in
          "\(count(from: 0) { "layer\(stage).\($0).\(convolution).weight" })"
        })
    }
    let doubled = stageWidths.indices.map { stageWidths[0] << min($0, 16) }
    if !given.contains("width"), stageWidths != doubled {
      set("widths", \.widths, stageWidths.map { "\($0)" })
    }
    let norm = model == "cnn" ? "layer1.0.bn" : "bn1"
    if rows("\(norm).weight") == nil {
      set("norm", \.norm, ModelNormalization.none)
    } else if rows("\(norm).running_mean") != nil {
      set("norm", \.norm, ModelNormalization.batch)
    }
  }

  /// The size of an input and the number of classes of the model in a file.
  ///
  /// - Parameter archive: The file; the plan has its sizes.
  /// - Returns: `nil` if the file lacks the first or the last weight, or these have no size of the model's or one of more than
  ///   2²⁸ inputs. No tensor tells the size of an image, unless the last layer reads pixels; otherwise it is that of the model family,
  ///   or larger for many stages.
  public func ends(of archive: TensorArchive) -> (input: ValueShape, classCount: Int)? {
    func shape(_ name: String) -> [Int]? {
      // An empty tensor may have any other size.
      archive.shape(ofParameter: name).flatMap {
        $0.count > 1 && $0.allSatisfy((1...1 << 24).contains) ? $0 : nil
      }
    }
    if model == "mlp" {
      guard let first = shape("l1.weight"),
        let last = shape(isResidual ? "head.weight" : "l\(3 + depth).weight")
      else { return nil }
      return (ValueShape(units: first[1]), last[0])
    }
    guard let first = shape(model == "cnn" ? "layer1.0.conv.weight" : "conv1.weight"),
      let last = shape("fc.weight")
    else { return nil }
    let stages = (1...).prefix {
      shape("layer\($0).0.conv\(model == "cnn" ? "" : "1").weight") != nil
    }.count
    // More than ten halvings end in an error of the model.
    let scale = 1 << min(stages, 10)
    guard model == "cnn" else {
      let side = max(ModelFamily.named(model)?.imageSide ?? 28, scale + 1)
      return Self.ends(first[1], side, last[0])
    }
    guard let channels = shape("layer\(stages).0.conv.weight")?[0] else { return nil }
    let pixels = last[1] / channels
    let side = Int(Double(pixels).squareRoot().rounded())
    guard side > 0, side * side * channels == last[1] else { return nil }
    return Self.ends(first[1], side * scale, last[0])
  }

  /// Square images and classes; `nil` for images that are too large.
  private static func ends(_ channels: Int, _ side: Int, _ classCount: Int)
    -> (input: ValueShape, classCount: Int)?
  {
    // In floating point, so the product can't overflow.
    guard Double(channels) * Double(side) * Double(side) <= 0x1p28 else { return nil }
    return (ValueShape(units: channels, height: side, width: side), classCount)
  }
}

extension TensorArchive {
  /// The dimensions of a parameter's tensor; `nil` if there is none, or if the file is a single array without a name.
  fileprivate func shape(ofParameter name: String) -> [Int]? {
    isArray ? nil : counterpart(of: name)?.shape
  }
}
