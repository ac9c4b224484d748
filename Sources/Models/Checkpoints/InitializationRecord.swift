// What `zerolab init --like` notes in the file that it writes, so that its weights can be made again.

import Foundation

/// How a model's first weights were made, as its file's metadata say.
public struct InitializationRecord: Codable, Equatable, Sendable {
  /// The key of the record among a safetensors file's texts.
  public static let metadataKey = "zerolab.initialized"

  /// The initializer's name.
  public let initializer: String

  /// The name of the rules.
  public let rules: String

  /// The seed in decimal digits: JSON's numbers lose digits of large ones.
  public let seed: String

  /// A word for each tensor, `matrix`, `convolution`, `identity`, `zeros`, `ones`, `keep`, or several with ` | ` between
  /// them, for weights of several layers in one; not all tensors need be in it.
  public let treatments: [String: String]

  /// Where the file has outputs and inputs: `torch`, `mlx` or `jax`; `nil` in a record of an older version.
  public let layout: String?

  /// The layouts of the tensors in `treatments` that have another one, `transposed` for example; `nil` for none.
  public let layouts: [String: String]?

  /// Makes a record.
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

  /// Reads the record among a file's texts; `nil` where there is none that can be read.
  ///
  /// - Parameter metadata: The texts.
  public init?(metadata: [String: String]) {
    guard let text = metadata[Self.metadataKey],
      let record = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
    else { return nil }
    self = record
  }

  /// The record as the text that the metadata hold, keys sorted.
  ///
  /// - Throws: What encoding throws; nothing, for names that are text.
  public func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
