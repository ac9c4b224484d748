// The safetensors format: named tensors that can be loaded without running anything.

import Foundation

/// Tensors as `safetensors` reads them in any framework.
///
/// ```
/// header length, 64 bits little-endian | JSON header, padded to 8 bytes | values
/// ```
///
/// Tensors stand in the order of their names and the header's keys are sorted, so equal tensors make
/// equal files.
///
/// Reference: Hugging Face, "Safetensors", format description.
public enum Safetensors {
  /// One tensor's line in the header; the property is named as in the format.
  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The key of the header that is no tensor: texts about the file.
  static let metadataKey = "__metadata__"

  /// A line of the header.
  private enum Line: Encodable {
    case tensor(Entry)
    case metadata([String: String])

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .tensor(let entry): try entry.encode(to: encoder)
      case .metadata(let texts): try texts.encode(to: encoder)
      }
    }
  }

  /// The file that holds some tensors.
  ///
  /// - Parameters:
  ///   - tensors: With names of their own, none of them `__metadata__`.
  ///   - metadata: Texts about the file.
  /// - Returns: The file's bytes.
  /// - Throws: What encoding the header throws; nothing, for names that are text.
  public static func encode(_ tensors: [NamedTensor], metadata: [String: String] = [:]) throws
    -> [UInt8]
  {
    precondition(
      Set(tensors.map(\.name) + [metadataKey]).count == tensors.count + 1,
      "tensors of equal names among \(tensors.map(\.name))")
    let sorted = tensors.sorted { $0.name < $1.name }
    var entries: [String: Line] = metadata.isEmpty ? [:] : [metadataKey: .metadata(metadata)]
    var offset = 0
    for tensor in sorted {
      let end = offset + 4 * tensor.values.count
      entries[tensor.name] = .tensor(
        Entry(dtype: "F32", shape: tensor.shape, dataOffsets: [offset, end]))
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var header = [UInt8](try encoder.encode(entries))
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    bytes.reserveCapacity(bytes.count + offset)
    for tensor in sorted { appendLittleEndian(tensor.values, to: &bytes) }
    return bytes
  }
}
