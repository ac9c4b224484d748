// All singular values of a matrix, and what is read off them.

import Foundation

/// The singular values of a matrix.
public struct Spectrum: Equatable, Sendable {
  /// σ₁ ≥ σ₂ ≥ … ≥ 0; none for an empty matrix.
  public let values: [Double]

  /// Takes singular values.
  ///
  /// - Parameter values: Not negative, largest first.
  public init(_ values: [Double]) {
    precondition(
      zip(values, values.dropFirst()).allSatisfy { $0 >= $1 } && (values.last ?? 0) >= 0,
      "singular values that are not in order: \(values)")
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
  /// At most the rank, and, other than the rank, hardly moved by small values.
  ///
  /// Reference: M. Rudelson and R. Vershynin, "Sampling from large matrices", Journal of the ACM 54
  /// (2007), section 1.
  public var stableRank: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    return values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
  }

  /// The effective rank, exp(−Σ pᵢ·ln pᵢ) with pᵢ = σᵢ / Σσ; 0 for a matrix of zeros.
  ///
  /// Between 1, one direction alone, and the number of values, all of them alike. Some programs take
  /// p = σ²/Σσ², which is another quantity.
  ///
  /// Reference: O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality",
  /// European Signal Processing Conference (2007), equation 3.
  public var effectiveRank: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    // Divided by the largest first: the sum of huge values may not be a number.
    return Self.exponentialOfEntropy(values.map { $0 / largest })
  }

  /// The effective rank with p = σ²/Σσ², the parts of the energy; 0 for a matrix of zeros.
  ///
  /// Some programs mean this by the name. Squares weigh small values less, so it is at most ``effectiveRank``
  /// as a rule, and usually far below it.
  public var effectiveRankOfSquares: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    return Self.exponentialOfEntropy(values.map { ($0 / largest) * ($0 / largest) })
  }

  /// The condition σ₁/σₙ of the smallest singular value; infinite where that is 0, `nil` without values.
  public var conditionNumber: Double? {
    guard let largest = values.first, let smallest = values.last else { return nil }
    return smallest > 0 ? largest / smallest : .infinity
  }

  private static func exponentialOfEntropy(_ parts: [Double]) -> Double {
    let sum = parts.reduce(0, +)
    return exp(-parts.reduce(0) { $1 > 0 ? $0 + $1 / sum * log($1 / sum) : $0 })
  }
}
