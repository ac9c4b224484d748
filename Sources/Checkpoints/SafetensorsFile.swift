// Reading safetensors as if an enemy had written them: nothing is allocated, sliced or multiplied before it
// is known to be within the file.

import Foundation

/// A safetensors file, its header checked whole.
///
/// What the format forbids is refused: a header that is longer than the file or no JSON object, names that
/// stand twice, offsets out of range, overlaps, holes, bytes left over, sizes that don't fit the shape.
public struct SafetensorsFile: Sendable {
  /// The tensors, in the order of their values.
  public let tensors: [StoredTensor]

  /// Texts about the file.
  public let metadata: [String: String]

  /// The longest header that is read; the format's own implementation has the same limit.
  static let longestHeader = 100_000_000

  /// Reads the header of a file and checks it.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes.
  ///   - path: What to call the file in errors.
  /// - Throws: `TensorFileError.malformed`.
  public init(_ contents: [UInt8], path: String) throws(TensorFileError) {
    try self.init(BytesInMemory(bytes: contents), path: path)
  }

  /// Reads the header of a file and checks it; the values stay where they are.
  ///
  /// - Parameter path: The file.
  /// - Throws: `TensorFileError.malformed`, and `.unreadable`.
  public init(path: String) throws(TensorFileError) {
    try self.init(try OpenFile(path), path: path)
  }

  private init(_ contents: any ByteSource, path: String) throws(TensorFileError) {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "safetensors", reason: reason)
    }
    guard contents.count >= 8 else { throw malformed("\(contents.count) bytes, fewer than 8") }
    let prefix = try contents.bytes(0..<8)
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(prefix[$1]) << (8 * $1) }
    guard length <= UInt64(min(contents.count - 8, Self.longestHeader)) else {
      throw malformed("a header of \(length) bytes in a file of \(contents.count)")
    }
    let start = 8 + Int(length)
    let header = try contents.bytes(8..<start)
    // Without a NUL it can't be taken for UTF-16 either.
    guard header.first == UInt8(ascii: "{"), !header.contains(0),
      String(validating: header, as: UTF8.self) != nil
    else {
      throw malformed("the header is no JSON object in UTF-8")
    }
    let lines: [String: HeaderLine]
    do {
      lines = try JSONDecoder().decode([String: HeaderLine].self, from: Data(header))
    } catch {
      throw malformed("the header has another structure")
    }
    if let key = firstRepeatedKey(inJSON: header[...]) { throw malformed("'\(key)' stands twice") }

    var tensors: [StoredTensor] = []
    var metadata: [String: String] = [:]
    for (name, line) in lines {
      switch line {
      case .metadata(let texts):
        guard name == Safetensors.metadataKey else { throw malformed("'\(name)' is no tensor") }
        metadata = texts
      case .tensor(let entry):
        guard name != Safetensors.metadataKey else { throw malformed("'\(name)' is a tensor") }
        let offsets = entry.dataOffsets
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1],
          offsets[1] <= contents.count - start
        else { throw malformed("'\(name)' lies at \(offsets), outside the file") }
        guard let size = Self.size(entry) else {
          throw malformed("'\(name)' of type \(entry.dtype) and shape \(entry.shape)")
        }
        guard size == offsets[1] - offsets[0] else {
          throw malformed("'\(name)' has \(offsets[1] - offsets[0]) bytes for \(size)")
        }
        tensors.append(
          StoredTensor(
            name: name, type: entry.dtype, format: FloatFormat(rawValue: entry.dtype),
            shape: entry.shape, source: contents, range: start + offsets[0]..<start + offsets[1],
            path: path))
      }
    }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var end = start
    for tensor in tensors {
      guard tensor.range.lowerBound == end else {
        throw malformed("a gap or an overlap before '\(tensor.name)'")
      }
      end = tensor.range.upperBound
    }
    guard end == contents.count else {
      throw malformed("\(contents.count - end) bytes that belong to no tensor")
    }
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The bytes that a tensor needs; `nil` for an unknown type, a negative extent, or more than can be.
  private static func size(_ entry: Safetensors.Entry) -> Int? {
    let bits: [String: Int] = [
      "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
      "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16,
      "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
    ]
    guard var size = bits[entry.dtype] else { return nil }
    for extent in entry.shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows else { return nil }
      size = product
    }
    // Types of less than a byte fill whole bytes together, or the file is not sound.
    return size.isMultiple(of: 8) ? size / 8 : nil
  }
}

/// A line of a header: a tensor, or the texts.
private enum HeaderLine: Decodable {
  case tensor(Safetensors.Entry)
  case metadata([String: String])

  init(from decoder: any Decoder) throws {
    if let entry = try? Safetensors.Entry(from: decoder) {
      self = .tensor(entry)
    } else {
      self = .metadata(try [String: String](from: decoder))
    }
  }
}
