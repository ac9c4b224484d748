public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

/// A fully connected layer, a = f(W·x + b).
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

  /// m × n, out × in.
  public var shape: WeightShape { WeightShape(outputs: weight.rows, inputs: weight.columns) }

  /// a ← f(W·x + b).
  ///
  /// - Parameters:
  ///   - inputs: x, n × s.
  ///   - outputs: a, m × s, overwritten.
  ///   - team: The threads that share the rows of a.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(
    _ inputs: Matrix<Scalar>, into outputs: inout Matrix<Scalar>, _ team: ThreadTeam
  ) {
    outputs.writeRows(team) { block in
      block.multiply(weight, by: inputs)
      if let bias { block.addToEachColumn(bias) }
      activation.apply(to: block)
    }
  }
}
