// A matrix in the precision of its stored type: half the memory of double precision for most checkpoints.

import ZerOCheckpoints
package import ZerOLinearAlgebra
package import ZerOParallelism
import ZerOSpectra

/// A matrix in single or double precision, whichever represents its values exactly in less memory.
package enum CompactMatrix: Sendable {
  /// Values of a type that is no wider than single precision.
  case single(Matrix<Float>)

  /// Values in double precision.
  case double(Matrix<Double>)

  /// Reads a tensor.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of m·n values.
  ///   - rows: m.
  ///   - columns: n.
  ///   - team: The threads that share the work.
  /// - Throws: As `StoredTensor.matrix(rows:columns:as:team:)`.
  init(_ tensor: StoredTensor, rows: Int, columns: Int, team: ThreadTeam) throws(TensorFileError) {
    self =
      if tensor.format == .float64 {
        .double(try tensor.matrix(rows: rows, columns: columns, team: team))
      } else {
        .single(try tensor.matrix(rows: rows, columns: columns, team: team))
      }
  }

  /// The dimensions.
  package var shape: (rows: Int, columns: Int) {
    switch self {
    case .single(let values): (values.rows, values.columns)
    case .double(let values): (values.rows, values.columns)
    }
  }

  /// The Frobenius norm.
  var norm: Double {
    switch self {
    case .single(let values):
      values.elements.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    case .double(let values): values.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// The values in double precision.
  package func inDouble(team: ThreadTeam) -> Matrix<Double> {
    switch self {
    case .single(let values): Matrix(values, team: team)
    case .double(let values): values
    }
  }

  /// Counts special values; see `Matrix.statistics(smallestExponent:_:)`.
  func statistics(smallestExponent: Int, _ team: ThreadTeam) -> ElementStatistics {
    switch self {
    case .single(let values): values.statistics(smallestExponent: smallestExponent, team)
    case .double(let values): values.statistics(smallestExponent: smallestExponent, team)
    }
  }

  /// The cosine similarity to a matrix of the same shape; see `Matrix.cosineSimilarity(to:team:)`.
  package func cosineSimilarity(to other: CompactMatrix, team: ThreadTeam) -> Double? {
    switch (self, other) {
    case (.single(let own), .single(let other)): own.cosineSimilarity(to: other, team: team)
    case (.double(let own), .double(let other)): own.cosineSimilarity(to: other, team: team)
    case (.single(let own), .double(let other)): own.cosineSimilarity(to: other, team: team)
    case (.double(let own), .single(let other)): own.cosineSimilarity(to: other, team: team)
    }
  }

  /// Whether the values of a matrix of the same shape are equal, and of the same precision.
  func equals(_ other: CompactMatrix) -> Bool {
    switch (self, other) {
    case (.single(let own), .single(let other)): own == other
    case (.double(let own), .double(let other)): own == other
    default: false
    }
  }

  /// The singular values of a difference with many more rows than columns, of which only blocks are in memory.
  ///
  /// - Parameters:
  ///   - other: The matrix to subtract, of the same shape; `nil` for none.
  ///   - relativeError: As `Matrix.singularValues(within:team:)`.
  ///   - team: The threads that share the bands.
  /// - Returns: σ₁ ≥ σ₂ ≥ …, with the bits of the whole difference's Gram matrix; `nil` for
  ///   less than 8 times as many rows as columns, if the relative error may exceed the maximum, and if an element of
  ///   the difference is not finite.
  /// - Throws: `FactorizationError` if the iteration does not converge.
  func singularValuesByBlocks(
    minus other: CompactMatrix?, within relativeError: Double, team: ThreadTeam
  ) throws(FactorizationError) -> [Double]? {
    try Matrix.singularValuesByGram(
      rows: shape.rows, columns: shape.columns, within: relativeError, team: team
    ) { block in
      switch (self, other) {
      case (.single(let own), nil): Matrix(own, rows: block)
      case (.double(let own), nil): Matrix(own, rows: block)
      case (.single(let own), .single(let other)): Matrix(own, minus: other, rows: block)
      case (.single(let own), .double(let other)): Matrix(own, minus: other, rows: block)
      case (.double(let own), .single(let other)): Matrix(own, minus: other, rows: block)
      case (.double(let own), .double(let other)): Matrix(own, minus: other, rows: block)
      }
    }
  }

  /// Adds a matrix; the memory of a matrix in double precision is reused.
  ///
  /// - Parameters:
  ///   - other: The matrix to add, of the same shape.
  ///   - team: The threads that share the rows.
  /// - Returns: The sum in double precision.
  consuming func plus(_ other: CompactMatrix, team: ThreadTeam) -> Matrix<Double> {
    var sum = minus(nil, team: team)
    switch other {
    case .single(let other): sum.add(other, team: team)
    case .double(let other): sum.add(other, team: team)
    }
    return sum
  }

  /// Subtracts a matrix; the memory of a matrix in double precision is reused.
  ///
  /// - Parameters:
  ///   - other: The matrix to subtract, of the same shape; `nil` for none.
  ///   - team: The threads that share the rows.
  /// - Returns: The difference in double precision.
  consuming func minus(_ other: CompactMatrix?, team: ThreadTeam) -> Matrix<Double> {
    switch consume self {
    case .single(let own):
      switch other {
      case nil: return Matrix(own, team: team)
      case .single(let other): return Matrix(own, minus: other, team: team)
      case .double(let other): return Matrix(own, minus: other, team: team)
      }
    case .double(var own):
      switch other {
      case nil: break
      case .single(let other): own.subtract(other, team: team)
      case .double(let other): own.subtract(other, team: team)
      }
      return own
    }
  }
}
