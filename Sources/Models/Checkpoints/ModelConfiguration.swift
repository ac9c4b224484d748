// The configuration of a model, as Hugging Face's library writes it beside the weights.

import Foundation

/// The file `config.json` in the folder of a model.
public struct ModelConfiguration: Sendable {
  /// The file's name.
  static let fileName = "config.json"

  /// The number of attention heads; `nil` if the file doesn't give it.
  public let attentionHeads: Int?

  /// Reads the configuration in the folder of a model's file; `nil` if none can be read.
  ///
  /// - Parameter file: The file of the weights.
  public init?(beside file: String) {
    let path = URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent(Self.fileName).path
    guard let text = try? JSONFile.bytes(of: path, format: "model configuration"),
      let values = try? JSONDecoder().decode(Values.self, from: Data(text))
    else { return nil }
    attentionHeads = values.numAttentionHeads ?? values.nHead ?? values.nHeads
  }

  private struct Values: Decodable {
    let numAttentionHeads: Int?
    let nHead: Int?
    let nHeads: Int?

    enum CodingKeys: String, CodingKey {
      case numAttentionHeads = "num_attention_heads"
      case nHead = "n_head"
      case nHeads = "n_heads"
    }
  }
}
