// One matrix in one checkpoint of a series: a point of its curves, and a line of ranks.jsonl.

import Foundation
import ZerOSpectra

/// The results for one matrix in one checkpoint.
public struct SeriesRow: Equatable, Sendable {
  /// The step of the checkpoint.
  public let step: Int

  /// The checkpoint's path, relative to the folder of the series.
  public let checkpoint: String

  /// The matrix's name without the prefixes of training tools, such as `layers.0.mlp.weight`.
  public let matrix: String

  /// m, the number of rows.
  public let rows: Int

  /// n, the number of columns.
  public let columns: Int

  /// The type of the stored values, as the file names it.
  public let type: String

  /// The numbers of a ranked matrix; `nil` if it has no rank.
  public internal(set) var results: Results?

  /// Why the matrix has no rank; `nil` for a ranked matrix.
  public let defect: String?

  /// The files that determine the row.
  public let identity: Identity

  /// The numbers of a ranked matrix.
  public struct Results: Equatable, Sendable {
    /// τ, the tolerance of the numerical rank.
    public let tolerance: Double

    /// A bound on the singular values that the rounding of the stored values can cause.
    public let storageNoise: Double

    /// Every quantity of `SpectralQuantity.catalog` of the difference, by key.
    public let quantities: [String: Double]

    /// ‖W₀‖, the Frobenius norm of the matrix that was subtracted; `nil` if it is not that of a checkpoint.
    public let startNorm: Double?

    /// The cosine similarity of the stored matrix to that of the previous checkpoint; `nil` for the first
    /// checkpoint, another shape, and a matrix of zeros.
    public let similarityToPrevious: Double?

    /// The overlap of the leading singular subspaces of the stored matrix and of the start; `nil` if it
    /// was not asked for or is not determined.
    public let overlapWithStart: Double?

    /// The singular values of the difference with 6 significant digits, largest first.
    ///
    /// `nil` in the rows of steps whose spectra are not kept in memory; `ranks.jsonl` has all.
    public internal(set) var singularValues: [Double]?
  }

  /// Digests of the files that a row was computed from: paths, sizes and modification times.
  public struct Identity: Codable, Equatable, Sendable {
    /// The files of the checkpoint.
    public let checkpoint: String

    /// The files of the previous checkpoint; `nil` for the first one.
    public let previous: String?

    /// The files of the start; `nil` if no checkpoint is subtracted or compared.
    public let start: String?
  }

  /// Whether the checkpoint is the start that was subtracted, so that its difference is zero.
  public var isStart: Bool {
    identity.start == identity.checkpoint && results?.startNorm != nil
      && results?.quantities["frobenius_norm"] == 0
  }

  /// The number of singular values, min(m, n).
  public var count: Int { min(rows, columns) }
}

extension SeriesRow: Codable {
  /// The names of the fields; quantities have the keys of the catalog.
  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Reads a line of `ranks.jsonl`.
  ///
  /// - Throws: `DecodingError` for a missing field, and for numbers that no row has.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    func field<Value: Decodable>(_ name: String) throws -> Value {
      try fields.decode(Value.self, forKey: Key(name))
    }
    func number(_ name: String) throws -> Double? {
      try fields.decodeIfPresent(Double.self, forKey: Key(name))
    }
    step = try field("step")
    checkpoint = try field("checkpoint")
    matrix = try field("matrix")
    rows = try field("rows")
    columns = try field("columns")
    type = try field("type")
    identity = try field("identity")
    defect = try fields.decodeIfPresent(String.self, forKey: Key("defect"))
    guard rows > 0, columns > 0 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: fields.codingPath, debugDescription: "rows and columns must be positive"))
    }
    guard defect == nil else {
      results = nil
      return
    }
    var quantities: [String: Double] = [:]
    for quantity in SpectralQuantity.catalog {
      let value: Double = try field(quantity.key)
      guard !quantity.isCount || (0...Double(min(rows, columns))).contains(value) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: fields.codingPath,
            debugDescription: "\(quantity.key) is \(value) for \(rows) rows and \(columns) columns")
        )
      }
      quantities[quantity.key] = value
    }
    results = Results(
      tolerance: try field("tolerance"), storageNoise: try field("storage_noise"),
      quantities: quantities, startNorm: try number("start_norm"),
      similarityToPrevious: try number("similarity_to_previous"),
      overlapWithStart: try number("overlap_with_start"),
      singularValues: try field("singular_values"))
  }

  /// Writes a line of `ranks.jsonl`.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(step, forKey: Key("step"))
    try fields.encode(checkpoint, forKey: Key("checkpoint"))
    try fields.encode(matrix, forKey: Key("matrix"))
    try fields.encode(rows, forKey: Key("rows"))
    try fields.encode(columns, forKey: Key("columns"))
    try fields.encode(type, forKey: Key("type"))
    try fields.encode(identity, forKey: Key("identity"))
    try fields.encodeIfPresent(defect, forKey: Key("defect"))
    guard let results else { return }
    try fields.encode(results.tolerance, forKey: Key("tolerance"))
    try fields.encode(results.storageNoise, forKey: Key("storage_noise"))
    for (key, value) in results.quantities { try fields.encode(value, forKey: Key(key)) }
    try fields.encodeIfPresent(results.startNorm, forKey: Key("start_norm"))
    try fields.encodeIfPresent(
      results.similarityToPrevious, forKey: Key("similarity_to_previous"))
    try fields.encodeIfPresent(results.overlapWithStart, forKey: Key("overlap_with_start"))
    try fields.encodeIfPresent(results.singularValues, forKey: Key("singular_values"))
  }
}
