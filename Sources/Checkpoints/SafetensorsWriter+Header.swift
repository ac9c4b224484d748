// The header of a safetensors file, in the order of its values.

import Foundation

extension SafetensorsWriter {
  /// The length of the header and the header, padded to 8 bytes.
  static func header(_ tensors: [StoredTensor], _ metadata: [String: String]) throws
    -> [UInt8]
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Put together by hand, since the encoder keeps no order of its own.
    func line(_ name: String, _ value: some Encodable) throws -> Data {
      try encoder.encode(name) + Data(":".utf8) + encoder.encode(value)
    }
    var lines: [Data] = metadata.isEmpty ? [] : [try line(Safetensors.metadataKey, metadata)]
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.range.count
      let entry = Safetensors.Entry(
        dtype: tensor.type, shape: tensor.shape, dataOffsets: [offset, end])
      lines.append(try line(tensor.name, entry))
      offset = end
    }
    var header = [UInt8(ascii: "{")] + lines.joined(separator: [UInt8(ascii: ",")])
    header.append(UInt8(ascii: "}"))
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
  }
}
