// A tensor in memory.

public import ZerOLinearAlgebra
import ZerORequirements

/// A named tensor of 32-bit floats.
public struct NamedTensor: Equatable, Sendable {
  /// The name, for example `l1.weight`.
  public let name: String

  /// The dimensions, slowest first; a vector has one.
  public let shape: [Int]

  /// The values, row-major.
  public let values: ContiguousArray<Float>

  /// Renames the tensor.
  ///
  /// - Parameter name: The new name.
  /// - Returns: A copy that shares the values.
  public func renamed(_ name: String) -> NamedTensor {
    NamedTensor(name: name, shape: shape, values: values)
  }

  /// Creates a tensor with any number of dimensions.
  ///
  /// - Precondition: As many values as the product of the dimensions.
  public init(name: String, shape: [Int], values: ContiguousArray<Float>) {
    require(
      shape.reduce(1, *) == values.count, "\(values.count) values in a tensor of \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// Creates a tensor from a matrix.
  public init(name: String, matrix: Matrix<Float>) {
    self.name = name
    shape = [matrix.rows, matrix.columns]
    values = matrix.elements
  }

  /// Creates a tensor from a vector.
  public init(name: String, vector: ContiguousArray<Float>) {
    self.name = name
    shape = [vector.count]
    values = vector
  }
}
