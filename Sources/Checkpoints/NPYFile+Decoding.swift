// Reading NumPy's format as if an enemy had written it.

import Foundation

extension NPYFile {
  /// The longest header that is read, NumPy's own limit.
  private static var longestHeader: Int { 10_000 }

  /// Reads a file that holds an array.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes, versions 1.0 to 3.0 of the format.
  ///   - path: What to call the file in errors.
  /// - Returns: The array in single precision, named `array`, row-major whatever the file's order.
  /// - Throws: `TensorFileError.malformed`, or `.unsupported` for values of another than floating-point type.
  public static func decode(_ contents: [UInt8], path: String) throws(TensorFileError)
    -> NamedTensor
  {
    try tensor(in: BytesInMemory(bytes: contents), name: "array", path: path).named()
  }

  /// Reads the header of a file; the values stay where they are.
  ///
  /// - Parameter path: The file, versions 1.0 to 3.0 of the format.
  /// - Returns: The array, named as the file without its ending.
  /// - Throws: `TensorFileError.malformed`, and `.unreadable`.
  public static func open(_ path: String) throws(TensorFileError) -> StoredTensor {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    return try tensor(in: try OpenFile(path), name: name, path: path)
  }

  /// The array that some bytes hold.
  static func tensor(in contents: any ByteSource, name: String, path: String)
    throws(TensorFileError) -> StoredTensor
  {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "NPY", reason: reason)
    }
    // What comes before the header's text, at most.
    let prefix = try contents.bytes(0..<min(12, contents.count))
    guard prefix.count >= 10, prefix.prefix(6) == [0x93] + Array("NUMPY".utf8) else {
      throw malformed("it doesn't begin with NumPy's signature")
    }
    // The header's length has two bytes in version 1, four in versions 2 and 3.
    let lengthSize = prefix[6] == 1 ? 2 : 4
    guard (1...3).contains(prefix[6]), prefix.count >= 8 + lengthSize else {
      throw malformed("version \(prefix[6]).\(prefix[7]) of the format")
    }
    let length = (0..<lengthSize).reduce(0) { $0 | Int(prefix[8 + $1]) << (8 * $1) }
    let start = 8 + lengthSize + length
    guard length <= longestHeader, start <= contents.count else {
      throw malformed("a header of \(length) bytes in a file of \(contents.count)")
    }
    guard
      let text = String(validating: try contents.bytes(8 + lengthSize..<start), as: UTF8.self),
      let header = Header(text)
    else { throw malformed("the header is not {'descr': …, 'fortran_order': …, 'shape': …}") }
    var count = 1
    for extent in header.shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw malformed("shape \(header.shape)") }
      count = product
    }
    let format = formats[header.type]
    let size = contents.count - start
    if let format {
      guard size.isMultiple(of: format.byteCount), size / format.byteCount == count else {
        throw malformed("\(size) bytes of values for shape \(header.shape)")
      }
    }
    return StoredTensor(
      name: name, type: header.type, format: format, shape: header.shape,
      isColumnMajor: header.isFortranOrder, source: contents, range: start..<contents.count,
      path: path)
  }

  /// NumPy's names of the types that can be read; `=` is the writer's own order, which is this one.
  private static let formats: [String: FloatFormat] = [
    "<f8": .float64, "=f8": .float64, "<f4": .float32, "=f4": .float32, "<f2": .float16,
    "=f2": .float16,
  ]

  /// The Python dictionary at the beginning: three keys, in any order.
  private struct Header {
    let type: String
    let isFortranOrder: Bool
    let shape: [Int]

    /// Reads three keys, each once, in any order, and nothing else.
    init?(_ text: String) {
      guard var rest = text.wholeMatch(of: /\s*\{(.*)\}\s*/.dotMatchesNewlines())?.1 else {
        return nil
      }
      var values: [Substring: Substring] = [:]
      let entry = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([0-9,\s]*\))\s*(,|$)\s*/
      while let match = rest.prefixMatch(of: entry) {
        guard values.updateValue(match.2, forKey: match.1) == nil else { return nil }
        rest = rest[match.range.upperBound...]
      }
      guard rest.isEmpty, values.count == 3, let type = values["descr"],
        type.first == "'", let order = values["fortran_order"], "TF".contains(order.prefix(1)),
        let extents = values["shape"], let shape = Self.extents(extents)
      else { return nil }
      self.type = String(type.dropFirst().dropLast())
      isFortranOrder = order == "True"
      self.shape = shape
    }

    /// A tuple as Python writes it: `()`, `(3,)`, `(3, 4)`; at most 64 extents, as in NumPy.
    private static func extents(_ text: Substring) -> [Int]? {
      guard text.wholeMatch(of: /\(\s*(\d+\s*,\s*|\d+(\s*,\s*\d+)+\s*,?\s*)?\)/) != nil else {
        return nil
      }
      let numbers = text.matches(of: /\d+/).map { Int($0.output) }
      let extents = numbers.compactMap(\.self)
      return extents.count == numbers.count && extents.count <= 64 ? extents : nil
    }
  }
}
