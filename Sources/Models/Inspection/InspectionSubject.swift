// One matrix of a checkpoint, and the steps of its inspection: read W, read W₀, rank W − W₀.

package import Checkpoints
import Foundation
package import LinearAlgebra
package import Parallelism
import Spectra

/// A tensor, or a matrix of a stack, to inspect.
package struct InspectionSubject: Sendable {
  /// The tensor in its file.
  package let tensor: StoredTensor

  /// How it is interpreted as a matrix, or why it is left out.
  let decision: MatrixReading.Decision

  /// The initial weight that the record of `init` describes; `nil` if unknown or not needed.
  let made: InitialWeight?

  /// How it is interpreted as a matrix; `nil` if it is left out.
  private var reading: MatrixReading? {
    if case .matrix(let reading) = decision { reading } else { nil }
  }

  /// Why the tensor is left out; `nil` for a matrix.
  package var reasonToLeaveOut: String? {
    if case .leftOut(let reason) = decision { reason } else { nil }
  }

  /// The rows and columns of the matrix; `nil` if the tensor is left out.
  package var dimensions: (rows: Int, columns: Int)? {
    reading.map { ($0.rows, $0.columns) }
  }

  /// Reads W.
  ///
  /// - Parameters:
  ///   - stack: The stack in memory that contains it.
  ///   - team: Threads that share the work.
  /// - Returns: W in double precision.
  /// - Throws: `MemoryShortage`, `TensorFileError`, `InspectionError.weightNotFinite`.
  package func weight(in stack: StackInMemory? = nil, team: ThreadTeam) throws -> StoredWeight {
    guard let reading else { preconditionFailure("'\(tensor.name)' is not a matrix") }
    // W, the baseline (or the copy that LAPACK overwrites), and the Gram matrix.
    let (rows, columns) = (Double(reading.rows), Double(reading.columns))
    try Memory.check(
      8 * (2 * rows * columns + pow(min(rows, columns), 2)), for: "in double precision it")
    let values = try (stack?.matrix(tensor) ?? tensor).matrix(
      rows: reading.rows, columns: reading.columns, as: Double.self, team: team)
    let format = tensor.format ?? .float64
    let statistics = values.statistics(smallestExponent: format.smallestExponent, team)
    guard statistics.notNumbers + statistics.infinities == 0 else {
      throw InspectionError.weightNotFinite(
        notNumbers: statistics.notNumbers, infinities: statistics.infinities, count: tensor.count)
    }
    return StoredWeight(values: values, format: format, statistics: statistics)
  }

  /// Reads or generates W₀.
  ///
  /// - Parameters:
  ///   - baseline: The matrix that is subtracted.
  ///   - stack: The stack in memory that contains W.
  ///   - team: Threads that share the work.
  /// - Returns: W₀; `nil` to subtract nothing.
  /// - Throws: `InspectionError` if the baseline has no counterpart, `TensorFileError`,
  ///   `InitializationError`.
  package func start(_ baseline: Baseline, in stack: StackInMemory? = nil, team: ThreadTeam) throws
    -> StartMatrix?
  {
    guard let reading else { preconditionFailure("'\(tensor.name)' is not a matrix") }
    return try baseline.start(of: tensor, reading, in: stack, made: made, team: team)
  }

  /// Computes the singular values of W − W₀.
  ///
  /// - Parameters:
  ///   - weight: W; its memory is reused for the difference.
  ///   - start: W₀; `nil` to subtract nothing.
  ///   - settings: The tolerance rule and the accuracy.
  ///   - team: Threads that share the work.
  /// - Returns: The rank and the singular values of the difference.
  /// - Throws: `FactorizationError`.
  package func findings(
    of weight: consuming StoredWeight, minus start: StartMatrix?, _ settings: InspectionSettings,
    team: ThreadTeam
  ) throws -> MatrixFindings {
    let (format, statistics) = (weight.format, weight.statistics)
    var values = weight.values
    weight.values = Matrix(repeating: 0, rows: 0, columns: 0)
    let addend = weight.addend
    var rounding: RoundingErrors?
    if settings.rule == .noise {
      rounding = addend?.errors ?? RoundingErrors(of: values, format, statistics)
      if let errors = start?.roundingErrors { rounding?.add(errors) }
    }
    start?.subtract(from: &values, team: team)
    let isPlain = start == nil && addend == nil
    let singularValues =
      try (isPlain ? singularValuesFromFactors() : nil)
      ?? Self.singularValues(of: values, settings, team: team)
    return MatrixFindings(
      rows: values.rows, columns: values.columns, spectrum: Spectrum(singularValues),
      rule: settings.rule, format: format, statistics: statistics,
      baselineSteps: hypot(start?.ulpNorm ?? 0, addend?.ulpNorm ?? 0), rounding: rounding)
  }

  private static func singularValues(
    of matrix: Matrix<Double>, _ settings: InspectionSettings, team: ThreadTeam
  ) throws -> [Double] {
    do {
      return try matrix.singularValues(within: settings.relativeError, team: team)
    } catch FactorizationError.notFinite {
      // All operands are finite, so their sum or difference has overflowed.
      throw FactorizationError.overflow
    }
  }

  /// The singular values of an adapter's weight change; `nil` for other tensors.
  private func singularValuesFromFactors() throws -> [Double]? {
    guard let dimensions, let product = tensor.lowRankProduct,
      (product.rows, product.columns) == dimensions
    else { return nil }
    return try product.singularValues()
  }
}

/// W in double precision.
package struct StoredWeight: Sendable {
  /// The values, m × n.
  package fileprivate(set) var values: Matrix<Double>

  /// The type of the stored values; after an addition, the coarser of both types.
  private(set) var format: FloatFormat

  /// Statistics of the stored values, which are finite.
  let statistics: ElementStatistics

  /// The matrix that was added: √(Σ ulp²) of its values, and the rounding errors of the sum.
  private(set) var addend: (ulpNorm: Double, errors: RoundingErrors)?

  fileprivate init(values: Matrix<Double>, format: FloatFormat, statistics: ElementStatistics) {
    self.values = values
    self.format = format
    self.statistics = statistics
  }

  /// Adds a matrix of another checkpoint, of the same shape.
  mutating func add(_ other: StartMatrix, team: ThreadTeam) {
    var errors = RoundingErrors(of: values, format, statistics)
    if let others = other.roundingErrors { errors.add(others) }
    addend = (other.ulpNorm, errors)
    values.add(other.values.inDouble, team: team)
    if other.format.epsilon > format.epsilon { format = other.format }
  }

  /// The values in the least memory that keeps them exactly.
  package var compact: CompactMatrix { CompactMatrix(values, format) }

  /// The same weight as a matrix to subtract, in the least memory.
  package var asStart: StartMatrix {
    StartMatrix(values: compact, format: format, statistics: statistics)
  }
}

/// W₀, the matrix that is subtracted from a weight.
package struct StartMatrix: Sendable {
  /// The values, m × n.
  package let values: CompactMatrix

  /// ‖W₀‖, the Frobenius norm; infinite above 1.3e154.
  package var norm: Double { values.norm }

  /// The type of the stored values.
  let format: FloatFormat

  /// Statistics of the values of a baseline from a file; `nil` for an initializer.
  ///
  /// Values from a file have been rounded. The values of an initializer equal those before training,
  /// including their rounding.
  let statistics: ElementStatistics?

  /// √(Σ ulp(w₀)²) for a baseline from a file, and 0 for an initializer.
  var ulpNorm: Double { statistics?.ulpNorm(epsilon: format.epsilon) ?? 0 }

  /// The rounding errors of a baseline from a file; `nil` for an initializer.
  var roundingErrors: RoundingErrors? {
    statistics.map { RoundingErrors(of: values.inDouble, format, $0) }
  }

  /// The same matrix in the least memory that keeps its values exactly.
  package var compact: StartMatrix {
    StartMatrix(
      values: CompactMatrix(values.inDouble, format), format: format, statistics: statistics)
  }

  /// Subtracts it from a matrix of the same shape.
  func subtract(from weight: inout Matrix<Double>, team: ThreadTeam) {
    switch values {
    case .single(let start): weight.subtract(start, team: team)
    case .double(let start): weight.subtract(start, team: team)
    }
  }
}

/// A matrix in the precision of its stored type, or in double precision.
package enum CompactMatrix: Sendable {
  /// Values of a type that is no wider than single precision.
  case single(Matrix<Float>)

  /// Values in double precision.
  case double(Matrix<Double>)

  /// Keeps values exactly in the least memory.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - format: Their stored type.
  init(_ values: Matrix<Double>, _ format: FloatFormat) {
    guard format != .float64 else {
      self = .double(values)
      return
    }
    self = .single(
      Matrix(
        rows: values.rows, columns: values.columns,
        elements: ContiguousArray(values.elements.lazy.map(Float.init))))
  }

  /// The Frobenius norm.
  fileprivate var norm: Double {
    switch self {
    case .single(let values):
      values.elements.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    case .double(let values): values.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// The values in double precision.
  package var inDouble: Matrix<Double> {
    switch self {
    case .single(let values):
      Matrix(
        rows: values.rows, columns: values.columns,
        elements: ContiguousArray(values.elements.lazy.map(Double.init)))
    case .double(let values): values
    }
  }
}

extension RoundingErrors {
  /// Estimates the rounding errors of a tensor, whose statistics tell whether a zero may be a rounded number.
  fileprivate init(
    of matrix: Matrix<Double>, _ format: FloatFormat, _ statistics: ElementStatistics
  ) {
    self.init(
      of: matrix, epsilon: format.epsilon, smallestExponent: format.smallestExponent,
      countsZeros: statistics.subnormals > 0)
  }
}
