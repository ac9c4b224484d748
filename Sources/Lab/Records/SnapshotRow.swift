// The largest rows of metrics.jsonl: a layer in full at one moment.

public import LinearAlgebra

/// A measured weight in full: its spectra, and a map of it.
public struct SnapshotRow: Codable, Equatable, Sendable {
  /// The singular values of the weight's difference from something.
  public struct Spectrum: Codable, Equatable, Sendable {
    /// τ, absolute, in double precision.
    public let tolerance: Double

    /// #{ i : σᵢ > τ }.
    public let rank: Int

    /// The smallest value above the tolerance, `nil` if none is.
    public let smallestAbove: Double?

    /// The largest value that is not above the tolerance, `nil` if all are.
    public let largestBelow: Double?

    /// Σσ² / σ₁².
    public let stableRank: Double

    /// exp(−Σ p·ln p), p = σ/Σσ.
    public let effectiveRank: Double

    /// σ₁ ≥ σ₂ ≥ … ≥ 0, rounded to single precision; what is said above is of the unrounded ones.
    public let values: [Float]

    /// Makes a spectrum.
    public init(
      tolerance: Double, rank: Int, smallestAbove: Double?, largestBelow: Double?,
      stableRank: Double, effectiveRank: Double, values: [Float]
    ) {
      self.tolerance = tolerance
      self.rank = rank
      self.smallestAbove = smallestAbove
      self.largestBelow = largestBelow
      self.stableRank = stableRank
      self.effectiveRank = effectiveRank
      self.values = values
    }

    /// Reads a spectrum; a file may say anything, so its count is checked.
    ///
    /// - Throws: `DecodingError` for a row of another form, a rank beyond the number of values, or values that
    ///   don't fall.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      tolerance = try container.decode(Double.self, forKey: .tolerance)
      rank = try container.decode(Int.self, forKey: .rank)
      smallestAbove = try container.decodeIfPresent(Double.self, forKey: .smallestAbove)
      largestBelow = try container.decodeIfPresent(Double.self, forKey: .largestBelow)
      stableRank = try container.decode(Double.self, forKey: .stableRank)
      effectiveRank = try container.decode(Double.self, forKey: .effectiveRank)
      values = try container.decode([Float].self, forKey: .values)
      let isFalling = zip(values, values.dropFirst()).allSatisfy { $0 >= $1 }
      guard tolerance > 0, isFalling, values.last ?? 0 >= 0, (0...values.count).contains(rank)
      else {
        throw DecodingError.dataCorruptedError(
          forKey: .rank, in: container,
          debugDescription: "a rank of \(rank) among \(values.count) singular values, tolerance "
            + "\(tolerance), \(isFalling ? "in order" : "not in order")")
      }
    }

    private enum CodingKeys: String, CodingKey {
      case tolerance, rank
      case smallestAbove = "smallest_above"
      case largestBelow = "largest_below"
      case stableRank = "stable_rank"
      case effectiveRank = "effective_rank"
      case values = "singular_values"
    }
  }

  /// The weight as blocks, each with its element of largest magnitude.
  public struct Map: Codable, Equatable, Sendable {
    /// Blocks from top to bottom.
    public let rows: Int

    /// Blocks from left to right.
    public let columns: Int

    /// The elements, row after row.
    public let values: [Float]

    /// Takes a matrix.
    public init(_ matrix: Matrix<Float>) {
      rows = matrix.rows
      columns = matrix.columns
      values = Array(matrix.elements)
    }

    /// Reads a map; a file may say anything, so its counts are checked.
    ///
    /// - Throws: `DecodingError` for a map of another form.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      rows = try container.decode(Int.self, forKey: .rows)
      columns = try container.decode(Int.self, forKey: .columns)
      values = try container.decode([Float].self, forKey: .values)
      let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
      guard rows > 0, columns > 0, !overflows, count == values.count else {
        throw DecodingError.dataCorruptedError(
          forKey: .values, in: container,
          debugDescription: "\(values.count) values for a map of \(rows) × \(columns)")
      }
    }
  }

  /// The number of updates made.
  public let updates: Int

  /// For example `l3.weight`.
  public let tensor: String

  /// The weight's rows and columns.
  public let shape: [Int]

  /// By what the weight is compared with: `identity`, and `start` where a run doesn't begin from it.
  public let spectra: [String: Spectrum]

  /// A map of the weight.
  public let map: Map

  /// Makes a row.
  public init(
    updates: Int, tensor: String, shape: [Int], spectra: [String: Spectrum], map: Map
  ) {
    self.updates = updates
    self.tensor = tensor
    self.shape = shape
    self.spectra = spectra
    self.map = map
  }

  /// Reads a row; a file may say anything, so what belongs together is checked.
  ///
  /// - Throws: `DecodingError` for a row of another form, or one without a spectrum.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    updates = try container.decode(Int.self, forKey: .updates)
    tensor = try container.decode(String.self, forKey: .tensor)
    shape = try container.decode([Int].self, forKey: .shape)
    spectra = try container.decode([String: Spectrum].self, forKey: .spectra)
    map = try container.decode(Map.self, forKey: .map)
    guard updates >= 0, shape.count == 2, spectra["identity"] != nil else {
      throw DecodingError.dataCorruptedError(
        forKey: .spectra, in: container,
        debugDescription: "a snapshot after \(updates) updates, of \(shape.count) extents and "
          + "\(spectra.count) spectra")
    }
  }
}
