// Networks that are stacks of dense layers, layer by layer.

public import ZerOLinearAlgebra
import ZerORequirements

/// A fully connected layer, a = f(W·x + b), of a stack of layers.
///
/// The whole package uses the letters m for outputs, n for inputs and s for samples. Activations
/// are features × samples, so x is n × s and a is m × s.
public struct DenseLayer<Scalar: MatrixScalar>: Equatable, Sendable {
  /// W, m × n: out × in, as in PyTorch.
  public var weight: Matrix<Scalar>

  /// b, m values; `nil` for a layer without biases.
  public var bias: ContiguousArray<Scalar>?

  /// f.
  public let activation: Activation

  /// Makes a layer from given parameters.
  ///
  /// - Parameters:
  ///   - weight: m × n.
  ///   - bias: m values, or `nil`.
  ///   - activation: The function that is applied to the outputs.
  public init(weight: Matrix<Scalar>, bias: ContiguousArray<Scalar>?, activation: Activation) {
    require(
      bias.map { $0.count == weight.rows } ?? true,
      "\(bias?.count ?? 0) biases for \(weight.rows) outputs")
    self.weight = weight
    self.bias = bias
    self.activation = activation
  }
}

extension Network {
  /// Makes a stack of layers, `l1`, `l2` and so on.
  ///
  /// - Parameter layers: At least one. The number of inputs of each layer must equal the number of
  ///   outputs of the layer before.
  public init(layers: [DenseLayer<Scalar>]) {
    guard let first = layers.first else { requirementFailure("a network without layers") }
    var graph = ModelGraph(inputs: first.weight.columns)
    var parameters: [Matrix<Scalar>] = []
    for (index, layer) in layers.enumerated() {
      require(
        graph.outputs == layer.weight.columns,
        "\(graph.outputs) outputs into \(layer.weight.columns) inputs")
      graph.append(
        "l\(index + 1)", Dense(outputs: layer.weight.rows, hasBias: layer.bias != nil))
      if layer.activation != .identity { graph.append("f\(index + 1)", layer.activation) }
      parameters.append(layer.weight)
      if let bias = layer.bias {
        parameters.append(Matrix(rows: bias.count, columns: 1, elements: bias))
      }
    }
    self.init(graph: graph, parameters: parameters)
  }

  /// The dense operations with their parameters, in the order of the nodes, each with the activation that reads it alone.
  ///
  /// For a stack of layers this is the whole network. A new value may differ in weights and biases only.
  public var layers: [DenseLayer<Scalar>] {
    get {
      graph.nodes.enumerated().filter { $1.operation is Dense }.map { index, node in
        let parameters = node.parameters.map { self.parameters[$0] }
        let next = graph.nodes.first { $0.inputs == [index + 1] }?.operation as? Activation
        return DenseLayer(
          weight: parameters[0], bias: parameters.count > 1 ? parameters[1].elements : nil,
          activation: next ?? .identity)
      }
    }
    set {
      let nodes = graph.nodes.filter { $0.operation is Dense }
      require(newValue.count == nodes.count, "\(newValue.count) of \(nodes.count) layers")
      for (node, layer) in zip(nodes, newValue) {
        parameters[node.parameters.lowerBound] = layer.weight
        guard node.parameters.count > 1, let bias = layer.bias else { continue }
        parameters[node.parameters.lowerBound + 1] = Matrix(
          rows: bias.count, columns: 1, elements: bias)
      }
    }
  }
}
