// What both file formats hold.

public import LinearAlgebra

/// A named tensor of 32-bit floats.
public struct NamedTensor: Equatable, Sendable {
  /// For example `l1.weight`.
  public let name: String

  /// The extents, slowest first; one for a vector.
  public let shape: [Int]

  /// The values, row-major.
  public let values: ContiguousArray<Float>

  /// The same tensor under another name.
  ///
  /// - Parameter name: The new name.
  /// - Returns: A copy that shares the values.
  public func renamed(_ name: String) -> NamedTensor {
    NamedTensor(name: name, shape: shape, values: values)
  }

  /// Names a tensor of any rank.
  ///
  /// - Precondition: As many values as the product of the extents.
  public init(name: String, shape: [Int], values: ContiguousArray<Float>) {
    precondition(
      shape.reduce(1, *) == values.count, "\(values.count) values in a tensor of \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// Names a matrix.
  public init(name: String, matrix: Matrix<Float>) {
    self.name = name
    shape = [matrix.rows, matrix.columns]
    values = matrix.elements
  }

  /// Names a vector.
  public init(name: String, vector: ContiguousArray<Float>) {
    self.name = name
    shape = [vector.count]
    values = vector
  }
}
