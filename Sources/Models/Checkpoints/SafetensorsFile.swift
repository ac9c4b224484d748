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
    guard length <= UInt64(contents.count - 8) else {
      throw malformed(
        "a header of \(length) bytes in a file of \(contents.count)"
          + (Self.format(beginningWith: prefix).map { "; is it \($0)?" } ?? ""))
    }
    guard length <= UInt64(Self.longestHeader) else {
      throw malformed(
        "a header of \(length) bytes, more than the format's limit of \(Self.longestHeader)")
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
      throw malformed("the header has another structure" + Self.place(of: error))
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
        let size: Int
        do {
          size = try entry.byteCount()
        } catch {
          throw malformed("'\(name)' \(error.reason)")
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
        let kind = tensor.range.lowerBound > end ? "a gap" : "an overlap"
        throw malformed("\(kind) before '\(tensor.name)'")
      }
      end = tensor.range.upperBound
    }
    guard end == contents.count else {
      throw malformed("\(contents.count - end) bytes that belong to no tensor")
    }
    self.tensors = tensors
    self.metadata = metadata
  }

  /// What a file is that begins with other bytes than a header's length.
  private static func format(beginningWith bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { return "an NPY file" }
    if bytes.starts(with: Array("PK".utf8) + [3, 4]) {
      return "a zip archive, as NumPy's and PyTorch's are"
    }
    return bytes.allSatisfy { (0x20..<0x7f).contains($0) || (0x09...0x0d).contains($0) }
      ? "a text" : nil
  }

  /// Which line of the header could not be decoded, where the decoder says so.
  private static func place(of error: any Error) -> String {
    let context: DecodingError.Context
    switch error as? DecodingError {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
      .dataCorrupted(let found):
      context = found
    default: return ""
    }
    return context.codingPath.first.map { " at '\($0.stringValue)'" } ?? ""
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
