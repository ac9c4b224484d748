// The catalog of quantities of a spectrum. Tables, CSV columns, axis titles and event-file tags are made from it.

/// A number that summarizes the singular values of a matrix, with its name, formula and source.
///
/// In the formulas, σ₁ ≥ σ₂ ≥ … ≥ σₙ ≥ 0 are the singular values, n = min(rows, columns), and τ is the tolerance.
/// Every quantity of a matrix of zeros, and of an empty one, is 0.
public struct SpectralQuantity: Sendable {
  /// The name in files and options, such as `effective_rank`; unique in the catalog.
  public let key: String

  /// The name in sentences, tables and figures, such as `effective rank`.
  public let title: String

  /// The formula in one line, such as `exp(−Σ p·ln p), p = σ/Σσ`.
  public let formula: String

  /// The source of the definition: author, title, year, section or equation.
  public let source: String

  /// Whether the values are whole numbers.
  public let isCount: Bool

  private let compute: @Sendable (_ spectrum: Spectrum, _ tolerance: Double) -> Double

  private init(
    _ key: String, _ title: String, isCount: Bool = false, formula: String, source: String,
    _ compute: @escaping @Sendable (_ spectrum: Spectrum, _ tolerance: Double) -> Double
  ) {
    self.key = key
    self.title = title
    self.isCount = isCount
    self.formula = formula
    self.source = source
    self.compute = compute
  }

  /// Computes the quantity.
  ///
  /// - Parameters:
  ///   - spectrum: The singular values.
  ///   - tolerance: τ ≥ 0. Only the numerical rank depends on it.
  /// - Returns: A number of at least 0; a whole number for a count. A Frobenius norm above 1.8e308 is infinite.
  /// - Complexity: O(n).
  public func value(of spectrum: Spectrum, tolerance: Double) -> Double {
    compute(spectrum, tolerance)
  }

  /// Finds a quantity by its key; `nil` if there is none.
  public static func named(_ key: String) -> SpectralQuantity? {
    catalog.first { $0.key == key }
  }

  /// The number of values of `top_share`.
  private static let topCount = 10

  /// All quantities, in the order of tables and columns.
  public static let catalog: [SpectralQuantity] = [
    SpectralQuantity(
      "rank", "rank", isCount: true, formula: "#{i : σᵢ > τ}",
      source:
        "G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition (2013), section 5.4.1"
    ) { Double($0.rank(above: $1).rank) },
    SpectralQuantity(
      "effective_rank", "effective rank", formula: "exp(−Σ p·ln p), p = σ/Σσ",
      source:
        "O. Roy and M. Vetterli, The effective rank: a measure of effective dimensionality (2007), "
        + "equation 3"
    ) { spectrum, _ in spectrum.effectiveRank },
    SpectralQuantity(
      "stable_rank", "stable rank", formula: "Σσ² / σ₁²",
      source: "M. Rudelson and R. Vershynin, Sampling from large matrices (2007), section 1"
    ) { spectrum, _ in spectrum.stableRank },
    SpectralQuantity(
      "energy_rank_90", "energy rank 90 %", isCount: true,
      formula: "min{k : σ₁² + … + σₖ² ≥ 0.9·Σσ²}", source: energySource
    ) { spectrum, _ in Double(spectrum.energyRank(0.9)) },
    SpectralQuantity(
      "energy_rank_99", "energy rank 99 %", isCount: true,
      formula: "min{k : σ₁² + … + σₖ² ≥ 0.99·Σσ²}", source: energySource
    ) { spectrum, _ in Double(spectrum.energyRank(0.99)) },
    SpectralQuantity(
      "top_share", "top-\(topCount) energy fraction",
      formula: "(σ₁² + … + σ₁₀²) / Σσ²",
      source:
        "C. Eckart and G. Young, The approximation of one matrix by another of lower rank (1936)"
    ) { spectrum, _ in spectrum.topShare(topCount) },
    SpectralQuantity("spectral_norm", "spectral norm", formula: "σ₁", source: normSource) {
      spectrum, _ in spectrum.spectralNorm
    },
    SpectralQuantity("frobenius_norm", "Frobenius norm", formula: "√Σσ²", source: normSource) {
      spectrum, _ in spectrum.frobeniusNorm
    },
  ]

  private static let energySource =
    "I. T. Jolliffe, Principal Component Analysis, 2nd edition (2002), section 6.1.1"

  private static let normSource =
    "G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition (2013), section 2.4"
}
