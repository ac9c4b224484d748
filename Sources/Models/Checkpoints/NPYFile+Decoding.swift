// Reading NumPy's format as untrusted input.

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

  /// The array that some bytes hold; `note` is what a reader should know of them.
  static func tensor(
    in contents: any ByteSource, name: String, path: String, note: String? = nil
  ) throws(TensorFileError) -> StoredTensor {
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
    for extent in header.shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw malformed("shape \(header.shape)") }
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
      isColumnMajor: header.isFortranOrder, isBigEndian: type.isBigEndian, source: contents,
      range: start..<contents.count, path: path,
      notes: [note, type.note].compactMap(\.self))
  }

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
        ["True", "False"].contains(order), let extents = values["shape"],
        let shape = Self.extents(extents)
      else { return nil }
      self.type = type.first == "'" ? String(type.dropFirst().dropLast()) : String(type)
      isFortranOrder = order == "True"
      self.shape = shape
    }

    /// The Python value that a text begins with: a word, a string, or a tuple or list of values, whose brackets are
    /// counted outside strings.
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

    /// A tuple as Python writes it: `()`, `(3,)`, `(3, 4)`; at most 64 dimensions, as in NumPy.
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
