// The quantities of a series: those of a spectrum, and comparisons with other checkpoints.

import ZerOSpectra

/// A number of each matrix in each checkpoint, with its name and formula.
public struct SeriesQuantity: Sendable {
  /// The name in files and options, such as `effective_rank`.
  public let key: String

  /// The name in sentences and figures, such as `effective rank`.
  public let title: String

  /// The formula in one line.
  public let formula: String

  /// The source of the definition; empty for none.
  public let source: String

  /// The value in a row; `nil` if the matrix has no rank, or the quantity was not computed.
  public let value: @Sendable (SeriesRow) -> Double?

  /// The quantities of a spectrum (`SpectralQuantity.catalog`), and comparisons with the start and with the previous
  /// checkpoint.
  public static let catalog: [SeriesQuantity] =
    SpectralQuantity.catalog.map { quantity in
      SeriesQuantity(
        key: quantity.key, title: quantity.title, formula: quantity.formula, source: quantity.source
      ) { $0.results?.quantities[quantity.key] }
    } + [
      distance,
      SeriesQuantity(
        key: "similarity_to_previous", title: "similarity to the previous checkpoint",
        formula: "⟨Wₜ, Wₛ⟩ / (‖Wₜ‖·‖Wₛ‖), Frobenius, s the previous step", source: ""
      ) { $0.results?.similarityToPrevious },
      SeriesQuantity(
        key: "overlap_with_start", title: "subspace overlap with the start",
        formula: "‖V₀ᵀ·Vₜ‖² / k, Frobenius, V: first k singular vectors of W on its shorter side",
        source: "E. J. Hu et al., LoRA (2021), section 7.2, equation 4"
      ) { $0.results?.overlapWithStart },
    ]

  /// How far a matrix has moved from the start.
  public static let distance = SeriesQuantity(
    key: "relative_distance", title: "relative distance from the start",
    formula: "‖Wₜ − W₀‖ / ‖W₀‖, Frobenius", source: ""
  ) { row in
    guard let results = row.results, let start = results.startNorm, start > 0 else { return nil }
    return results.quantities["frobenius_norm"].map { $0 / start }
  }

  /// The default quantities of table and figure.
  ///
  /// The numerical rank is not among them: with Adam, it is full from the first update on.
  public static let standard = ["effective_rank", "stable_rank", "energy_rank_90"].compactMap(named)

  /// Finds a quantity by its key; `nil` if there is none.
  public static func named(_ key: String) -> SeriesQuantity? {
    catalog.first { $0.key == key }
  }
}
