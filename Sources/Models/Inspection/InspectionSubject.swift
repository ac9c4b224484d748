// One matrix of a checkpoint, and the steps of its inspection: read W, read W₀, rank W − W₀.

import Foundation
package import ZerOCheckpoints
import ZerOLinearAlgebra
package import ZerOParallelism
import ZerORequirements
import ZerOSpectra

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
  /// - Returns: W.
  /// - Throws: `MemoryShortage`, `TensorFileError`, `InspectionError.weightNotFinite`.
  package func weight(in stack: StackInMemory? = nil, team: ThreadTeam) throws -> StoredWeight {
    guard let reading else { requirementFailure("'\(tensor.name)' is not a matrix") }
    // W, the baseline and the difference, which takes the place of a W in double precision; and the Gram matrix with its factor.
    let (rows, columns) = (Double(reading.rows), Double(reading.columns))
    try Memory.check(
      8 * (2 * rows * columns + 2 * pow(min(rows, columns), 2)), for: "in double precision it")
    let values = try CompactMatrix(
      stack?.matrix(tensor) ?? tensor, rows: reading.rows, columns: reading.columns, team: team)
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
    guard let reading else { requirementFailure("'\(tensor.name)' is not a matrix") }
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
    let (format, statistics, addend) = (weight.format, weight.statistics, weight.addend)
    var rounding: RoundingErrors?
    if settings.rule == .noise {
      rounding = addend?.errors ?? RoundingErrors(of: weight.values, format, statistics)
      if let errors = start?.roundingErrors { rounding?.add(errors) }
    }
    let (rows, columns) = weight.values.shape
    let isPlain = start == nil && addend == nil
    let fromFactors = isPlain ? try singularValuesFromFactors() : nil
    let singularValues =
      if let fromFactors { fromFactors } else {
        try Self.singularValues(
          of: (consume weight).values, minus: start?.values, settings.relativeError, team: team)
      }
    return MatrixFindings(
      rows: rows, columns: columns, spectrum: Spectrum(singularValues),
      rule: settings.rule, format: format, statistics: statistics,
      baselineSteps: hypot(start?.ulpNorm ?? 0, addend?.ulpNorm ?? 0), rounding: rounding)
  }

  private static func singularValues(
    of weight: consuming CompactMatrix, minus start: CompactMatrix?, _ relativeError: Double,
    team: ThreadTeam
  ) throws -> [Double] {
    let (rows, columns) = weight.shape
    if let start, weight.equals(start) {
      return [Double](repeating: 0, count: min(rows, columns))
    }
    let isLong = Matrix<Double>.hasBands(rows: rows, columns: columns)
    if isLong {
      let quick = try weight.singularValuesByBlocks(minus: start, within: relativeError, team: team)
      if let quick { return quick }
    }
    let difference = (consume weight).minus(start, team: team)
    do {
      return isLong
        ? try difference.singularValuesWithoutDuplicates(within: relativeError, team: team)
        : try difference.singularValues(within: relativeError, team: team)
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

/// W, a weight of a checkpoint.
package struct StoredWeight: Sendable {
  /// The values, m × n.
  package fileprivate(set) var values: CompactMatrix

  /// The type of the stored values; after an addition, the coarser of both types.
  private(set) var format: FloatFormat

  /// Statistics of the stored values, which are finite.
  let statistics: ElementStatistics

  /// The matrix that was added: √(Σ ulp²) of its values, and the rounding errors of the sum.
  private(set) var addend: (ulpNorm: Double, errors: RoundingErrors)?

  fileprivate init(values: CompactMatrix, format: FloatFormat, statistics: ElementStatistics) {
    self.values = values
    self.format = format
    self.statistics = statistics
  }

  /// Adds a matrix of another checkpoint, of the same shape.
  mutating func add(_ other: StartMatrix, team: ThreadTeam) {
    var errors = RoundingErrors(of: values, format, statistics)
    if let others = other.roundingErrors { errors.add(others) }
    addend = (other.ulpNorm, errors)
    // The only reference, so its memory is reused or released.
    let own = values
    values = .double(Matrix(repeating: 0, rows: 0, columns: 0))
    values = .double((consume own).plus(other.values, team: team))
    if other.format.epsilon > format.epsilon { format = other.format }
  }

  /// The same weight as a matrix to subtract.
  package var asStart: StartMatrix {
    StartMatrix(values: values, format: format, statistics: statistics)
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
    statistics.map { RoundingErrors(of: values, format, $0) }
  }
}

extension RoundingErrors {
  /// Estimates the rounding errors of a tensor, whose statistics tell whether a zero may be a rounded number.
  fileprivate init(
    of matrix: CompactMatrix, _ format: FloatFormat, _ statistics: ElementStatistics
  ) {
    let countsZeros = statistics.subnormals > 0
    self =
      switch matrix {
      case .single(let values):
        RoundingErrors(
          of: values, epsilon: format.epsilon, smallestExponent: format.smallestExponent,
          countsZeros: countsZeros)
      case .double(let values):
        RoundingErrors(
          of: values, epsilon: format.epsilon, smallestExponent: format.smallestExponent,
          countsZeros: countsZeros)
      }
  }
}
