// Snapshots, the largest rows of metrics.jsonl.

public import ZerOLinearAlgebra

/// A snapshot of a measured weight: its spectra and a map.
public struct SnapshotRow: Codable, Equatable, Sendable {
  /// The singular values of W − I or W − W₀, and numbers derived from them.
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

    /// σ₁ ≥ σ₂ ≥ … ≥ 0 in single precision; the other fields are computed from the values in double precision.
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

    /// Reads a spectrum and checks it, as untrusted input.
    ///
    /// - Throws: `DecodingError` for another form, a rank above the number of values, or values that increase.
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

  /// The weight as blocks, each represented by its element of largest magnitude.
  public struct Map: Codable, Equatable, Sendable {
    /// Rows of blocks.
    public let rows: Int

    /// Columns of blocks.
    public let columns: Int

    /// The elements in row-major order.
    public let values: [Float]

    /// Makes a map from a matrix of blocks.
    public init(_ matrix: Matrix<Float>) {
      rows = matrix.rows
      columns = matrix.columns
      values = Array(matrix.elements)
    }

    /// Reads a map and checks its dimensions, as untrusted input.
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

  /// The number of updates before the snapshot.
  public let updates: Int

  /// For example `l3.weight`.
  public let tensor: String

  /// The numbers of rows and columns.
  public let shape: [Int]

  /// The spectra by reference: `identity` for W − I, and `start` for W − W₀ unless W₀ is the identity.
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

  /// Reads a row and checks it, as untrusted input.
  ///
  /// - Throws: `DecodingError` for another form, or a row without a spectrum.
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
        debugDescription: "a snapshot after \(updates) updates, of \(shape.count) dimensions and "
          + "\(spectra.count) spectra")
    }
  }
}
