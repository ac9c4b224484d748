// One fully connected layer: storage and the forward pass.

public import LinearAlgebra

/// A fully connected layer, a = f(W·x + b).
///
/// Dimension letters, for the whole package: m outputs, n inputs, s samples. Activations are
/// features × samples, so x is n × s and a is m × s.
public struct DenseLayer<Scalar: MatrixScalar>: Equatable, Sendable {
  /// W, m × n: out × in, as PyTorch stores it.
  public var weight: Matrix<Scalar>

  /// b, m values, or `nil` for a layer without bias.
  public var bias: ContiguousArray<Scalar>?

  /// f.
  public let activation: Activation

  /// Makes a layer from finished parameters.
  ///
  /// - Parameters:
  ///   - weight: m × n.
  ///   - bias: m values, or `nil`.
  ///   - activation: Applied to the outputs.
  public init(weight: Matrix<Scalar>, bias: ContiguousArray<Scalar>?, activation: Activation) {
    precondition(
      bias.map { $0.count == weight.rows } ?? true,
      "\(bias?.count ?? 0) biases for \(weight.rows) outputs")
    self.weight = weight
    self.bias = bias
    self.activation = activation
  }

  /// a ← f(W·x + b).
  ///
  /// - Parameters:
  ///   - inputs: x, n × s.
  ///   - outputs: a, m × s, overwritten.
  public func forward(_ inputs: Matrix<Scalar>, into outputs: inout Matrix<Scalar>) {
    outputs.multiply(weight, by: inputs)
    if let bias { outputs.addToEachColumn(bias) }
    activation.apply(to: &outputs)
  }
}
