// The safetensors format: named tensors that can be loaded without running anything.

import Foundation
public import LinearAlgebra

/// A named tensor of 32-bit floats.
public struct NamedTensor: Equatable, Sendable {
  /// For example `l1.weight`.
  public let name: String

  /// The extents, slowest first; one for a vector.
  public let shape: [Int]

  /// The values, row-major.
  public let values: ContiguousArray<Float>

  /// The same tensor under another name.
  ///
  /// - Parameter name: The new name.
  /// - Returns: A copy that shares the values.
  public func renamed(_ name: String) -> NamedTensor {
    NamedTensor(name: name, shape: shape, values: values)
  }

  private init(name: String, shape: [Int], values: ContiguousArray<Float>) {
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// Names a matrix.
  public init(name: String, matrix: Matrix<Float>) {
    self.name = name
    shape = [matrix.rows, matrix.columns]
    values = matrix.elements
  }

  /// Names a vector.
  public init(name: String, vector: ContiguousArray<Float>) {
    self.name = name
    shape = [vector.count]
    values = vector
  }
}

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
  private struct Entry: Encodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The file that holds some tensors.
  ///
  /// - Parameter tensors: With names of their own.
  /// - Returns: The file's bytes.
  /// - Throws: What encoding the header throws; nothing, for names that are text.
  public static func encode(_ tensors: [NamedTensor]) throws -> [UInt8] {
    precondition(
      Set(tensors.map(\.name)).count == tensors.count,
      "tensors of equal names among \(tensors.map(\.name))")
    let sorted = tensors.sorted { $0.name < $1.name }
    var entries: [String: Entry] = [:]
    var offset = 0
    for tensor in sorted {
      let end = offset + 4 * tensor.values.count
      entries[tensor.name] = Entry(
        dtype: "F32", shape: tensor.shape, dataOffsets: [offset, end])
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
