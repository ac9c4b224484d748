// The safetensors format: its header, its types, and encoding in memory.

import Foundation
import ZerORequirements

/// The safetensors format: named tensors, loaded without executing code.
///
/// ```
/// header length, 64 bits little-endian | JSON header, padded to 8 bytes | values
/// ```
///
/// Tensors are written in the order of their names, after the metadata, so equal tensors give equal
/// files.
///
/// Reference: Hugging Face, "Safetensors", format description.
public enum Safetensors {
  /// Encodes tensors.
  ///
  /// - Parameters:
  ///   - tensors: With distinct names, none of them `__metadata__`.
  ///   - metadata: Key-value texts for the header.
  /// - Returns: The file's bytes.
  /// - Throws: `EncodingError`; not for valid strings.
  public static func encode(_ tensors: [NamedTensor], metadata: [String: String] = [:]) throws
    -> [UInt8]
  {
    require(
      Set(tensors.map(\.name) + [metadataKey]).count == tensors.count + 1,
      "tensors of equal names among \(tensors.map(\.name))")
    let sorted = tensors.sorted { $0.name < $1.name }
    let format = FloatFormat.float32
    let lines = sorted.map {
      (
        name: $0.name, type: format.rawValue, shape: $0.shape,
        byteCount: format.byteCount * $0.values.count
      )
    }
    var bytes = try header(lines, metadata: metadata)
    bytes.reserveCapacity(bytes.count + lines.reduce(0) { $0 + $1.byteCount })
    for tensor in sorted { format.encode(tensor.values.span, appendingTo: &bytes) }
    return bytes
  }
}

extension Safetensors {
  /// The header entry of one tensor, with the format's property names.
  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The header key of the metadata; all other keys are tensors.
  static let metadataKey = "__metadata__"

  /// Encodes the beginning of a file.
  ///
  /// - Parameters:
  ///   - tensors: In the order of their values, which are contiguous.
  ///   - metadata: Key-value texts; they come first.
  /// - Returns: The header length and the header, padded to 8 bytes.
  /// - Throws: `EncodingError`; not for valid strings.
  static func header(
    _ tensors: [(name: String, type: String, shape: [Int], byteCount: Int)],
    metadata: [String: String]
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // `JSONEncoder` doesn't preserve the order of keys, so entries are joined here.
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

/// Why a header entry can't describe a tensor.
struct ImpossibleTensor: Error {
  /// The defect, as the end of a sentence about the tensor.
  let reason: String
}

extension Safetensors.Entry {
  /// Bits per value of each type of the format.
  private static let bits = [
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16,
    "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
  ]

  /// Whether the format has a type.
  static func isType(_ name: String) -> Bool { bits[name] != nil }

  /// The size of the tensor's values in bytes.
  ///
  /// - Throws: `ImpossibleTensor` for an unknown type, a negative dimension, overflow, or a size
  ///   that is not a whole number of bytes.
  func byteCount() throws(ImpossibleTensor) -> Int {
    guard var size = Self.bits[dtype] else {
      throw ImpossibleTensor(reason: "has the unknown type '\(dtype)'")
    }
    for dimension in shape {
      guard dimension >= 0 else {
        throw ImpossibleTensor(reason: "has a negative dimension in shape \(shape)")
      }
      let (product, overflows) = size.multipliedReportingOverflow(by: dimension)
      guard !overflows else {
        throw ImpossibleTensor(reason: "has the shape \(shape), which is too large")
      }
      size = product
    }
    // Values of 4 or 6 bits must fill whole bytes together.
    guard size.isMultiple(of: 8) else {
      throw ImpossibleTensor(
        reason: "does not fill whole bytes: type \(dtype), shape \(shape)")
    }
    return size / 8
  }
}
