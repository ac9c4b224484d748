// The record that `zerolab init --like` stores in its file to make the initial weights
// reproducible.

import Foundation

/// How the initial weights of a model were made, as stored in the metadata of its file.
public struct InitializationRecord: Codable, Equatable, Sendable {
  /// The metadata key of the record.
  public static let metadataKey = "zerolab.initialized"

  /// The initializer's name.
  public let initializer: String

  /// The name of the rule set.
  public let rules: String

  /// The seed in decimal digits; JSON numbers lose digits of large integers.
  public let seed: String

  /// The treatment of each tensor: `matrix`, `convolution`, `identity`, `zeros`, `ones` or `keep`.
  ///
  /// For a tensor that concatenates the weights of several layers, the treatments are joined by ` |
  /// `. Tensors may be missing.
  public let treatments: [String: String]

  /// The layout of the file: `torch`, `mlx` or `jax`; `nil` in records of older versions.
  public let layout: String?

  /// Layouts of tensors in `treatments` that differ from `layout`, for example `transposed`; `nil`
  /// if none does.
  public let layouts: [String: String]?

  /// Creates a record.
  public init(
    initializer: String, rules: String, seed: String, treatments: [String: String],
    layout: String? = nil, layouts: [String: String]? = nil
  ) {
    self.initializer = initializer
    self.rules = rules
    self.seed = seed
    self.treatments = treatments
    self.layout = layout
    self.layouts = layouts
  }

  /// Decodes the record in a file's metadata; `nil` if it is missing or damaged.
  ///
  /// - Parameter metadata: The file's metadata.
  public init?(metadata: [String: String]) {
    guard let text = metadata[Self.metadataKey],
      let record = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
    else { return nil }
    self = record
  }

  /// The record as a JSON text for the metadata, keys sorted.
  ///
  /// - Throws: `EncodingError`; not for valid strings.
  public func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
