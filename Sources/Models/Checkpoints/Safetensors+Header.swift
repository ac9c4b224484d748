// The header of a safetensors file, in the order of its values.

import Foundation

extension Safetensors {
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

  /// How a file begins.
  ///
  /// - Parameters:
  ///   - tensors: In the order of their values, which follow one another without gaps.
  ///   - metadata: Texts about the file; they come first.
  /// - Returns: The length of the header and the header, padded to 8 bytes.
  /// - Throws: What encoding throws; nothing, for names that are text.
  static func header(
    _ tensors: [(name: String, type: String, shape: [Int], byteCount: Int)],
    metadata: [String: String]
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Put together by hand, since the encoder keeps no order of its own.
    func line(_ name: String, _ value: some Encodable) throws -> Data {
      try encoder.encode(name) + Data(":".utf8) + encoder.encode(value)
    }
    var lines: [Data] = metadata.isEmpty ? [] : [try line(metadataKey, metadata)]
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.byteCount
      let entry = Entry(dtype: tensor.type, shape: tensor.shape, dataOffsets: [offset, end])
      lines.append(try line(tensor.name, entry))
      offset = end
    }
    var header = [UInt8(ascii: "{")] + lines.joined(separator: [UInt8(ascii: ",")])
    header.append(UInt8(ascii: "}"))
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
  }
}
