// Reading safetensors as if an enemy had written them: nothing is allocated, sliced or multiplied before it
// is known to be within the file.

import Foundation

/// A safetensors file in memory, its header checked whole.
///
/// What the format forbids is refused: a header that is longer than the file or no JSON object, names that
/// stand twice, offsets out of range, overlaps, holes, bytes left over, sizes that don't fit the shape.
public struct SafetensorsFile: Sendable {
  /// A tensor as the header describes it.
  public struct Tensor: Equatable, Sendable {
    /// Its name.
    public let name: String

    /// The type of its values, for example `F32`.
    public let type: String

    /// The extents, slowest first; none for a single number.
    public let shape: [Int]

    /// Where its values lie in the file.
    let bytes: Range<Int>
  }

  /// The tensors, in the order of their values.
  public let tensors: [Tensor]

  /// Texts about the file.
  public let metadata: [String: String]

  private let contents: [UInt8]
  private let path: String

  /// The longest header that is read; the format's own implementation has the same limit.
  static let longestHeader = 100_000_000

  /// Reads a header and checks it.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes.
  ///   - path: What to call the file in errors.
  /// - Throws: `TensorFileError.malformed`.
  public init(_ contents: [UInt8], path: String) throws(TensorFileError) {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "safetensors", reason: reason)
    }
    guard contents.count >= 8 else { throw malformed("\(contents.count) bytes, fewer than 8") }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(contents[$1]) << (8 * $1) }
    guard length <= UInt64(min(contents.count - 8, Self.longestHeader)) else {
      throw malformed("a header of \(length) bytes in a file of \(contents.count)")
    }
    let start = 8 + Int(length)
    let header = contents[8..<start]
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
    if let key = firstRepeatedKey(inJSON: header) { throw malformed("'\(key)' stands twice") }

    var tensors: [Tensor] = []
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
          Tensor(
            name: name, type: entry.dtype, shape: entry.shape,
            bytes: start + offsets[0]..<start + offsets[1]))
      }
    }
    tensors.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name)
        < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    var end = start
    for tensor in tensors {
      guard tensor.bytes.lowerBound == end else {
        throw malformed("a gap or an overlap before '\(tensor.name)'")
      }
      end = tensor.bytes.upperBound
    }
    guard end == contents.count else {
      throw malformed("\(contents.count - end) bytes that belong to no tensor")
    }
    self.tensors = tensors
    self.metadata = metadata
    self.contents = contents
    self.path = path
  }

  /// The values of a tensor.
  ///
  /// - Parameter tensor: One of `tensors`.
  /// - Returns: The tensor in memory.
  /// - Throws: `TensorFileError.unsupported` for values that are no 32-bit floats.
  public func values(of tensor: Tensor) throws(TensorFileError) -> NamedTensor {
    guard tensor.type == "F32" else {
      throw .unsupported(path: path, tensor: tensor.name, type: tensor.type)
    }
    return NamedTensor(
      name: tensor.name, shape: tensor.shape, values: littleEndianFloats(contents[tensor.bytes]))
  }

  /// The bytes that a tensor needs; `nil` for an unknown type, a negative extent, or more than can be.
  private static func size(_ entry: Safetensors.Entry) -> Int? {
    let bits: [String: Int] = [
      "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "U16": 16, "I16": 16,
      "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
      "C64": 64,
    ]
    guard var size = bits[entry.dtype].map({ $0 / 8 }) else { return nil }
    for extent in entry.shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows else { return nil }
      size = product
    }
    return size
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
