// NumPy files, read as untrusted input: one array (NPY), or a zip archive of arrays (NPZ).

import Foundation
public import ZerOLinearAlgebra
import ZerORequirements

/// NumPy's format for one array.
///
/// ```
/// 0x93 "NUMPY" 1 0 | header length, 16 bits | header, padded to 64 bytes, "\n" | values
/// ```
///
/// Written files contain little-endian 32-bit floats in row-major order.
///
/// Reference: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
public enum NPYFile {
  /// The first bytes of a file.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Encodes a matrix.
  ///
  /// - Parameter matrix: m × n; either dimension may be 0.
  /// - Returns: The file's bytes.
  public static func encode(_ matrix: Matrix<Float>) -> [UInt8] {
    encode(shape: [matrix.rows, matrix.columns], values: matrix.elements)
  }

  /// Encodes an array with any number of dimensions.
  ///
  /// - Parameters:
  ///   - shape: The dimensions, slowest first; any may be 0.
  ///   - values: As many as the product of the dimensions, row-major.
  /// - Returns: The file's bytes.
  public static func encode(shape: [Int], values: ContiguousArray<Float>) -> [UInt8] {
    require(
      shape.reduce(1, *) == values.count, "\(values.count) values in an array of \(shape)")
    // A Python tuple; with one element it needs a trailing comma.
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimensions)), }"
    let prefixLength = 10
    let unpadded = prefixLength + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    var bytes = magic + [1, 0]
    bytes += [UInt8(length & 0xff), UInt8(length >> 8)]
    bytes += Array(header.utf8)
    FloatFormat.float32.encode(values.span, appendingTo: &bytes)
    return bytes
  }
}

extension NPYFile {
  /// The longest accepted header in bytes, NumPy's own limit.
  private static var longestHeader: Int { 10_000 }

  /// Decodes a file in memory.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes, format version 1.0 to 3.0.
  ///   - path: The file's name in errors.
  /// - Returns: The array in single precision and row-major order, named `array`.
  /// - Throws: `TensorFileError.malformed`; `.unsupported` for values that are not floating-point.
  public static func decode(_ contents: [UInt8], path: String) throws(TensorFileError)
    -> NamedTensor
  {
    try tensor(in: BytesInMemory(bytes: contents), name: "array", path: path).named()
  }

  /// Opens a file and reads its header, not its values.
  ///
  /// - Parameter path: The file, format version 1.0 to 3.0.
  /// - Returns: The array, named after the file without its extension.
  /// - Throws: `TensorFileError.malformed`, and `.unreadable`.
  public static func open(_ path: String) throws(TensorFileError) -> StoredTensor {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    return try tensor(in: try OpenFile(path), name: name, path: path)
  }

  /// Parses the header of an NPY file; `note` is a remark for readers of the values.
  static func tensor(
    in contents: any ByteSource, name: String, path: String, note: String? = nil
  ) throws(TensorFileError) -> StoredTensor {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "NPY", reason: reason)
    }
    // The signature, the version and the header length: at most 12 bytes.
    let prefix = try contents.bytes(0..<min(12, contents.count))
    guard prefix.count >= 10, prefix.starts(with: magic) else {
      throw malformed("NumPy's signature is missing")
    }
    // The header length has two bytes in version 1, and four in versions 2 and 3.
    let lengthSize = prefix[6] == 1 ? 2 : 4
    guard (1...3).contains(prefix[6]), prefix.count >= 8 + lengthSize else {
      throw malformed("unknown format version \(prefix[6]).\(prefix[7])")
    }
    let length = (0..<lengthSize).reduce(0) { $0 | Int(prefix[8 + $1]) << (8 * $1) }
    let start = 8 + lengthSize + length
    guard start <= contents.count else {
      throw malformed("a header of \(length) bytes in a file of \(contents.count)")
    }
    guard length <= longestHeader else {
      throw malformed("a header of \(length) bytes, more than NumPy's limit of \(longestHeader)")
    }
    guard
      let text = String(validating: try contents.bytes(8 + lengthSize..<start), as: UTF8.self),
      let header = Header(text)
    else { throw malformed("the header is not {'descr': …, 'fortran_order': …, 'shape': …}") }
    var count = 1
    for dimension in header.shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw malformed("shape \(header.shape) is too large") }
      count = product
    }
    let type = NPYType(header.type)
    let size = contents.count - start
    if let format = type.format {
      guard size.isMultiple(of: format.byteCount), size / format.byteCount == count else {
        throw malformed("\(size) bytes of values for shape \(header.shape)")
      }
    }
    return StoredTensor(
      name: name, type: type.text, format: type.format, shape: header.shape,
      strides: header.isFortranOrder
        ? Strides(columnMajor: header.shape, valueSize: count == 0 ? 0 : size / count) : nil,
      isBigEndian: type.isBigEndian, source: contents,
      range: start..<contents.count, path: path,
      notes: [note, type.note].compactMap(\.self))
  }

  /// The header, a Python dictionary.
  private struct Header {
    let type: String
    let isFortranOrder: Bool
    let shape: [Int]

    /// Parses exactly the three keys `descr`, `fortran_order` and `shape`, in any order.
    init?(_ text: String) {
      guard var rest = text.wholeMatch(of: /\s*\{(.*)\}\s*/.dotMatchesNewlines())?.1 else {
        return nil
      }
      var values: [Substring: Substring] = [:]
      while let match = rest.prefixMatch(of: /\s*'(\w+)'\s*:\s*/) {
        rest = rest[match.range.upperBound...]
        guard let value = Self.value(beginning: rest),
          let end = rest[value.endIndex...].prefixMatch(of: /\s*(,|$)\s*/),
          values.updateValue(value, forKey: match.1) == nil
        else { return nil }
        rest = rest[end.range.upperBound...]
      }
      guard rest.isEmpty, values.count == 3, let type = values["descr"],
        type.first == "'" || type.first == "[", let order = values["fortran_order"],
        ["True", "False"].contains(order), let dimensions = values["shape"],
        let shape = Self.dimensions(dimensions)
      else { return nil }
      self.type = type.first == "'" ? String(type.dropFirst().dropLast()) : String(type)
      isFortranOrder = order == "True"
      self.shape = shape
    }

    /// The Python value at the beginning of a text: a word, a string, a tuple, or a list.
    ///
    /// Brackets inside strings don't count.
    private static func value(beginning text: Substring) -> Substring? {
      var (closing, quote): ([Character], Character?) = ([], nil)
      var place = text.startIndex
      while place < text.endIndex {
        let character = text[place]
        if character == "\\", quote != nil {
          place = text.index(after: place)
          guard place < text.endIndex else { return nil }
        } else if quote != nil {
          if character == quote { quote = nil }
        } else if "'\"".contains(character) {
          quote = character
        } else if character == "(" || character == "[" {
          closing.append(character == "(" ? ")" : "]")
        } else if ")]".contains(character) {
          guard closing.popLast() == character else { return nil }
        } else if character == ",", closing.isEmpty {
          break
        }
        place = text.index(after: place)
      }
      guard closing.isEmpty, quote == nil else { return nil }
      let value = text[..<place]
      return value[..<(value.lastIndex { !$0.isWhitespace }.map(value.index(after:)) ?? place)]
    }

    /// Parses a Python tuple, such as `()`, `(3,)` or `(3, 4)`; at most 64 dimensions, as in NumPy.
    private static func dimensions(_ text: Substring) -> [Int]? {
      guard text.wholeMatch(of: /\(\s*(\d+\s*,\s*|\d+(\s*,\s*\d+)+\s*,?\s*)?\)/) != nil else {
        return nil
      }
      let numbers = text.matches(of: /\d+/).map { Int($0.output) }
      let dimensions = numbers.compactMap(\.self)
      return dimensions.count == numbers.count && dimensions.count <= 64 ? dimensions : nil
    }
  }
}

/// The element type of a NumPy array, from its `descr`.
struct NPYType {
  /// The type for display; `structured` for structured arrays, whose `descr` may be long.
  let text: String

  /// The floating-point format; `nil` if the values can't be read.
  let format: FloatFormat?

  /// Whether the most significant byte of a value comes first.
  let isBigEndian: Bool

  /// A remark for readers of the values.
  let note: String?

  /// Parses a type.
  ///
  /// NumPy has no BF16. It stores the BF16 of the package `ml_dtypes` as two bytes without a type,
  /// `V2`, and the package's `float8_e5m2` as `f1`. One byte without a type, `V1`, is ambiguous and
  /// not read.
  ///
  /// - Parameter descr: Without quotes, such as `<f4`; for a structured array a list, `[('a',
  ///   '<f4')]`.
  init(_ descr: String) {
    let isStructured = descr.hasPrefix("[")
    text = isStructured ? "structured" : descr
    // `=` is the writer's byte order, little-endian on nearly all machines; `|` means no order.
    isBigEndian = descr.hasPrefix(">")
    let formats: [Substring: FloatFormat] = [
      "f8": .float64, "f4": .float32, "f2": .float16, "V2": .bfloat16,
      "f1": .float8E5M2,
    ]
    format = "<>=|".contains(descr.prefix(1)) ? formats[descr.dropFirst()] : nil
    note =
      format == .bfloat16
      ? "read as BF16, which NumPy stores as two bytes without a type" : nil
  }
}

/// NumPy's format for several arrays, as `numpy.savez` and `numpy.savez_compressed` write it.
enum NPZFile {
  /// Opens an archive and reads the headers of its arrays, not their values.
  ///
  /// - Parameter path: The file.
  /// - Returns: The arrays in the archive's order, named after its members without `.npy`. Members
  ///   with another extension are ignored.
  /// - Throws: `TensorFileError.malformed` for an invalid archive or member, a repeated name, and a
  ///   size that the file can't contain; `.unreadable`.
  static func open(_ path: String) throws(TensorFileError) -> [StoredTensor] {
    let archive = try ZipArchive(path)
    var tensors: [StoredTensor] = []
    var names = Set<String>()
    for member in archive.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      guard names.insert(name).inserted else {
        throw ZipArchive.malformed(path, "'\(name)' occurs twice")
      }
      tensors.append(
        try NPYFile.tensor(
          in: archive.bytes(of: member), name: name, path: "\(path), '\(member.name)'",
          note: member.hasChecksum
            ? nil : "the archive has no checksum, so damaged values can't be detected"))
    }
    return tensors
  }
}
