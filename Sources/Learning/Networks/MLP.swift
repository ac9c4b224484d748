// Multilayer perceptrons: the network of the reference notebook, and its residual and normalized relatives.

import ZerORequirements

extension Model {
  /// A multilayer perceptron, n_x → n_x → n_h → … → n_h → n_y.
  ///
  /// The first layer keeps the number of inputs, the second one expands it to n_h, and `depth` square layers follow. Their
  /// weights are measured. With one square layer and ReLU it is the network of the reference notebook.
  ///
  /// ```
  /// plain:      h ← f(W·N(h) + b)                       l3, l4, …, with norms norm3, norm4, …
  /// residual:   h ← h + V·f(W·N(h) + b) + c             blocks.0.first, blocks.0.last, …, with norms blocks.0.norm, …
  /// ```
  ///
  /// N is the normalization, if there is one. Residual networks normalize the last h too (`norm`), and their last layer is
  /// `head`.
  ///
  /// - Parameter settings: The sizes and choices.
  /// - Returns: The model.
  /// - Throws: `ModelError`.
  @Sendable static func mlp(_ settings: ModelSettings) throws(ModelError) -> Model {
    let norms: [ModelNormalization] = [.none, .layer, .rms]
    guard norms.contains(settings.norm) else {
      throw .unsuitableNorm(
        settings.norm.rawValue, family: "mlp", known: norms.map(\.rawValue))
    }
    for (key, values) in [("blocks", settings.blocks), ("widths", settings.widths)]
    where !values.isEmpty { throw .unusedSetting(key, family: "mlp") }
    if settings.isResidual, !settings.depth.isMultiple(of: 2) { throw .oddDepth(settings.depth) }
    if settings.norm != .none, settings.width == 1 {
      throw .normalizesOneUnit(settings.norm.rawValue)
    }
    var graph = ModelGraph(inputs: settings.input.features)
    var measured: [String] = []
    func dense(_ name: String, _ outputs: Int) {
      graph.append(name, Dense(outputs: outputs, hasBias: settings.hasBias))
    }
    func activation(_ name: String) {
      if settings.activation != .identity { graph.append(name, settings.activation) }
    }
    func norm(_ name: String) {
      if let operation = settings.norm.operation { graph.append(name, operation) }
    }
    dense("l1", settings.input.features)
    activation("f1")
    dense("l2", settings.width)
    activation("f2")
    if settings.isResidual {
      for block in 0..<settings.depth / 2 {
        let stream = graph.latest
        norm("blocks.\(block).norm")
        dense("blocks.\(block).first", settings.width)
        activation("blocks.\(block).f")
        dense("blocks.\(block).last", settings.width)
        graph.append("blocks.\(block).sum", Addition(), of: [stream, graph.latest])
        measured += ["blocks.\(block).first.weight", "blocks.\(block).last.weight"]
      }
      norm("norm")
      dense("head", settings.classCount)
    } else {
      for layer in 3..<3 + settings.depth {
        norm("norm\(layer)")
        dense("l\(layer)", settings.width)
        activation("f\(layer)")
        measured.append("l\(layer).weight")
      }
      dense("l\(3 + settings.depth)", settings.classCount)
    }
    return Model(graph: graph, measured: measured)
  }

  /// The network of the reference notebook, or the same with more square layers.
  ///
  /// - Parameters:
  ///   - inputDimension: n_x, the number of pixels, at least 1.
  ///   - width: n_h, the number of hidden units, at least 1.
  ///   - classCount: n_y, the number of classes, at least 1.
  ///   - depth: The number of square layers, n_h × n_h.
  ///   - hasBias: Whether layers have biases.
  /// - Returns: The model.
  public static func notebook(
    inputDimension: Int, width: Int, classCount: Int, depth: Int = 1, hasBias: Bool = true
  ) -> Model {
    var settings = ModelSettings(
      input: ValueShape(units: inputDimension), width: width, classCount: classCount, depth: depth)
    settings.hasBias = hasBias
    do {
      return try mlp(settings)
    } catch {
      requirementFailure("\(error)")
    }
  }
}
