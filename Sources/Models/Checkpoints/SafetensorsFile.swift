// Reads safetensors files as untrusted input: every size and offset is compared with the file
// before it is used.

import Foundation

/// A safetensors file whose whole header has been checked.
///
/// The check rejects a header that is longer than the file or not a JSON object, repeated names,
/// offsets out of range, overlaps, gaps, trailing bytes, and sizes that don't match the shape.
public struct SafetensorsFile: Sendable {
  /// The tensors, in the order of their values.
  public let tensors: [StoredTensor]

  /// The file's metadata.
  public let metadata: [String: String]

  /// The longest accepted header in bytes, the limit of the reference implementation.
  static let longestHeader = 100_000_000

  /// Reads and checks the header of a file in memory.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes.
  ///   - path: The file's name in errors.
  /// - Throws: `TensorFileError.malformed`.
  public init(_ contents: [UInt8], path: String) throws(TensorFileError) {
    try self.init(BytesInMemory(bytes: contents), path: path)
  }

  /// Reads and checks the header of a file; the values are not read.
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
    // Without NUL bytes, the decoder can't interpret the text as UTF-16.
    guard header.first == UInt8(ascii: "{"), !header.contains(0),
      String(validating: header, as: UTF8.self) != nil
    else {
      throw malformed("the header is not a JSON object in UTF-8")
    }
    let lines: [String: HeaderLine]
    do {
      lines = try JSONDecoder().decode([String: HeaderLine].self, from: Data(header))
    } catch {
      throw malformed("the header has an unexpected structure" + Self.place(of: error))
    }
    if let key = firstRepeatedKey(inJSON: header[...]) { throw malformed("'\(key)' occurs twice") }

    var tensors: [StoredTensor] = []
    var metadata: [String: String] = [:]
    for (name, line) in lines {
      switch line {
      case .metadata(let texts):
        guard name == Safetensors.metadataKey else { throw malformed("'\(name)' is not a tensor") }
        metadata = texts
      case .tensor(let entry):
        guard name != Safetensors.metadataKey else { throw malformed("'\(name)' is a tensor") }
        let offsets = entry.dataOffsets
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1],
          offsets[1] <= contents.count - start
        else { throw malformed("'\(name)' has the offsets \(offsets), outside the file") }
        let size: Int
        do {
          size = try entry.byteCount()
        } catch {
          throw malformed("'\(name)' \(error.reason)")
        }
        guard size == offsets[1] - offsets[0] else {
          throw malformed("'\(name)' has \(offsets[1] - offsets[0]) bytes instead of \(size)")
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

  /// The probable format of a file that doesn't begin with a header length.
  private static func format(beginningWith bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { return "an NPY file" }
    if bytes.starts(with: Array("PK".utf8) + [3, 4]) {
      return "a zip archive, like files of NumPy and PyTorch"
    }
    return bytes.allSatisfy { (0x20..<0x7f).contains($0) || (0x09...0x0d).contains($0) }
      ? "a text file" : nil
  }

  /// The header entry that could not be decoded, if the decoder reports it.
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

/// A header entry: a tensor, or the metadata.
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

/// The first key that occurs twice in one JSON object; `JSONDecoder` ignores the repetition.
///
/// - Parameter json: Valid JSON.
/// - Returns: The key; `nil` if there is none.
func firstRepeatedKey(inJSON json: ArraySlice<UInt8>) -> String? {
  var keys: [Set<String>] = []  // of each object that is open; arrays have an empty one
  var lastString: ArraySlice<UInt8> = []
  var position = json.startIndex
  while position < json.endIndex {
    switch json[position] {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      keys.append([])
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      _ = keys.popLast()
    case UInt8(ascii: "\""):
      let start = position
      position += 1
      while position < json.endIndex, json[position] != UInt8(ascii: "\"") {
        position += json[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      lastString = json[start...min(position, json.endIndex - 1)]
    case UInt8(ascii: ":"):
      // With escapes, one key can be spelled in several ways.
      let isPlain = !lastString.contains(UInt8(ascii: "\\"))
      let key =
        isPlain
        ? String(decoding: lastString.dropFirst().dropLast(), as: UTF8.self)
        : (try? JSONDecoder().decode(String.self, from: Data(lastString))) ?? ""
      if !keys.isEmpty, !keys[keys.count - 1].insert(key).inserted { return key }
    default:
      break
    }
    position += 1
  }
  return nil
}
