// The singular values of a matrix and quantities derived from them.

import Foundation

/// The singular values of a matrix.
public struct Spectrum: Equatable, Sendable {
  /// σ₁ ≥ σ₂ ≥ … ≥ 0; none for an empty matrix.
  public let values: [Double]

  /// Creates a spectrum.
  ///
  /// - Parameter values: The singular values: not negative, largest first.
  public init(_ values: [Double]) {
    precondition(
      zip(values, values.dropFirst()).allSatisfy { $0 >= $1 } && (values.last ?? 0) >= 0,
      "singular values that are negative or not in descending order: \(values)")
    self.values = values
  }

  /// The numerical rank at an absolute tolerance, with its margin.
  ///
  /// - Parameter tolerance: τ ≥ 0.
  /// - Returns: #{ i : σᵢ > τ }.
  public func rank(above tolerance: Double) -> NumericalRank {
    NumericalRank(singularValues: values, tolerance: tolerance)
  }

  /// The stable rank, Σσᵢ² / σ₁²; 0 for a matrix of zeros.
  ///
  /// It is at most the rank. Unlike the rank, it is insensitive to small singular values.
  ///
  /// Reference: M. Rudelson and R. Vershynin, "Sampling from large matrices", Journal of the ACM 54
  /// (2007), section 1.
  public var stableRank: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    return values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
  }

  /// The effective rank, exp(−Σ pᵢ·ln pᵢ) with pᵢ = σᵢ / Σσ; 0 for a matrix of zeros.
  ///
  /// It is 1 for a single nonzero singular value, and equals the number of values if all are equal. Some programs use
  /// p = σ²/Σσ², which is a different quantity (``effectiveRankOfSquares``).
  ///
  /// Reference: O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality",
  /// European Signal Processing Conference (2007), equation 3.
  public var effectiveRank: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    // Dividing by the largest value first keeps the sum from overflowing.
    return Self.exponentialOfEntropy(values.map { $0 / largest })
  }

  /// The effective rank with pᵢ = σᵢ²/Σσ², the fractions of the energy; 0 for a matrix of zeros.
  ///
  /// Some programs call this quantity the effective rank. Squares give small values less weight, so it is generally
  /// smaller than ``effectiveRank``.
  public var effectiveRankOfSquares: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    return Self.exponentialOfEntropy(values.map { ($0 / largest) * ($0 / largest) })
  }

  /// The condition number σ₁/σₙ, infinite if the smallest singular value is 0, `nil` for an empty matrix.
  public var conditionNumber: Double? {
    guard let largest = values.first, let smallest = values.last else { return nil }
    return smallest > 0 ? largest / smallest : .infinity
  }

  private static func exponentialOfEntropy(_ parts: [Double]) -> Double {
    let sum = parts.reduce(0, +)
    return exp(-parts.reduce(0) { $1 > 0 ? $0 + $1 / sum * log($1 / sum) : $0 })
  }
}
