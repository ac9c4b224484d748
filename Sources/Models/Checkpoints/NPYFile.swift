// NumPy files, read as untrusted input: one array (NPY), or a zip archive of arrays (NPZ).

import Foundation
import ZerOArrayFiles
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
    var bytes = NPYHeader.magic + [1, 0]
    bytes += [UInt8(length & 0xff), UInt8(length >> 8)]
    bytes += Array(header.utf8)
    FloatFormat.float32.encode(values.span, appendingTo: &bytes)
    return bytes
  }
}

extension NPYFile {
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
    let parsed = try NPYHeader.parse(fileOf: contents.count) { (range) throws(TensorFileError) in
      try contents.bytes(range)
    }
    let header: NPYHeader
    do { header = try parsed.get() } catch { throw malformed(error.reason) }
    let (count, start) = (header.count, header.start)
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
