// The singular values of a matrix and quantities derived from them.

import Foundation
import ZerORequirements

/// The singular values of a matrix.
public struct Spectrum: Equatable, Sendable {
  /// σ₁ ≥ σ₂ ≥ … ≥ 0; none for an empty matrix.
  public let values: [Double]

  /// Creates a spectrum.
  ///
  /// - Parameter values: The singular values: not negative, largest first.
  public init(_ values: [Double]) {
    require(
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
    relativeSquares.reduce(0, +)
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
    let squares = relativeSquares
    return squares.isEmpty ? 0 : Self.exponentialOfEntropy(squares)
  }

  /// The rank at a fraction of the energy: the smallest k whose first k squared singular values have that fraction of
  /// the sum of all squares; 0 for a matrix of zeros.
  ///
  /// ```
  /// min{ k : σ₁² + … + σₖ² ≥ f·Σσᵢ² }
  /// ```
  ///
  /// It is the rank of the smallest truncated singular value decomposition that keeps the fraction f of ‖A‖²_F. The
  /// sums are rounded, so a k whose sum equals f·Σσᵢ² up to rounding may or may not suffice.
  ///
  /// - Parameter fraction: f, above 0 and at most 1.
  /// - Returns: k, at most the number of values.
  ///
  /// Reference: I. T. Jolliffe, "Principal Component Analysis", 2nd edition (2002), section 6.1.1 (cumulative
  /// percentage of total variation).
  public func energyRank(_ fraction: Double) -> Int {
    require(
      fraction > 0 && fraction <= 1, "the fraction must be above 0 and at most 1: \(fraction)")
    let squares = relativeSquares
    // Both sums add in the same order, so for f = 1 the last one equals the threshold.
    let threshold = fraction * squares.reduce(0, +)
    var sum = 0.0
    for (index, square) in squares.enumerated() {
      sum += square
      if sum >= threshold { return index + 1 }
    }
    return squares.count
  }

  /// The fraction of the energy in the k largest singular values, Σ_{i≤k} σᵢ² / Σσᵢ²; 0 for a matrix of zeros.
  ///
  /// It is the fraction of ‖A‖²_F that the best approximation of rank k keeps, and 1 if there are at most k values.
  ///
  /// - Parameter count: k ≥ 0.
  /// - Returns: A number from 0 to 1.
  ///
  /// Reference: C. Eckart and G. Young, "The approximation of one matrix by another of lower rank", Psychometrika 1
  /// (1936).
  public func topShare(_ count: Int) -> Double {
    require(count >= 0, "a negative number of singular values: \(count)")
    let squares = relativeSquares
    guard !squares.isEmpty else { return 0 }
    return squares.prefix(count).reduce(0, +) / squares.reduce(0, +)
  }

  /// The spectral norm ‖A‖₂ = σ₁; 0 for an empty matrix.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), section 2.4.
  public var spectralNorm: Double { values.first ?? 0 }

  /// The Frobenius norm ‖A‖_F = √Σσᵢ², the square root of the sum of all squared elements; 0 for an empty matrix.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), section 2.4.
  public var frobeniusNorm: Double {
    spectralNorm * relativeSquares.reduce(0, +).squareRoot()
  }

  /// The squares (σᵢ/σ₁)², which cannot overflow; none for a matrix of zeros.
  private var relativeSquares: [Double] {
    guard let largest = values.first, largest > 0 else { return [] }
    return values.map { ($0 / largest) * ($0 / largest) }
  }

  /// The condition number σ₁/σₙ, infinite if the smallest singular value is 0, `nil` for an empty matrix.
  public var conditionNumber: Double? {
    guard let largest = values.first, let smallest = values.last else { return nil }
    return smallest > 0 ? largest / smallest : .infinity
  }

  private static func exponentialOfEntropy(_ parts: [Double]) -> Double {
    let sum = parts.reduce(0, +)
    // A quotient may underflow to 0, whose logarithm is infinite.
    let fractions = parts.map { $0 / sum }
    return exp(-fractions.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 })
  }
}
