// Reading NumPy's format as if an enemy had written it.

extension NPYFile {
  /// The longest header that is read, NumPy's own limit.
  private static var longestHeader: Int { 10_000 }

  /// Reads a file that holds an array of 32-bit floats.
  ///
  /// - Parameters:
  ///   - contents: The file's bytes, versions 1.0 to 3.0 of the format.
  ///   - path: What to call the file in errors.
  /// - Returns: The array, named `array`, row-major whatever the file's order.
  /// - Throws: `TensorFileError.malformed`, or `.unsupported` for another type of values.
  public static func decode(_ contents: [UInt8], path: String) throws(TensorFileError)
    -> NamedTensor
  {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "NPY", reason: reason)
    }
    guard contents.count >= 10, contents.prefix(6) == [0x93] + Array("NUMPY".utf8) else {
      throw malformed("it doesn't begin with NumPy's signature")
    }
    // The header's length has two bytes in version 1, four in versions 2 and 3.
    let lengthSize = contents[6] == 1 ? 2 : 4
    guard (1...3).contains(contents[6]), contents.count >= 8 + lengthSize else {
      throw malformed("version \(contents[6]).\(contents[7]) of the format")
    }
    let length = (0..<lengthSize).reduce(0) { $0 | Int(contents[8 + $1]) << (8 * $1) }
    let start = 8 + lengthSize + length
    guard length <= longestHeader, start <= contents.count else {
      throw malformed("a header of \(length) bytes in a file of \(contents.count)")
    }
    guard let text = String(validating: contents[(8 + lengthSize)..<start], as: UTF8.self),
      let header = Header(text)
    else { throw malformed("the header is not {'descr': …, 'fortran_order': …, 'shape': …}") }
    guard ["<f4", "=f4"].contains(header.type) else {
      throw .unsupported(path: path, tensor: "array", type: header.type)
    }
    var count = 1
    for extent in header.shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw malformed("shape \(header.shape)") }
      count = product
    }
    let bytes = contents[start...]
    guard bytes.count.isMultiple(of: 4), bytes.count / 4 == count else {
      throw malformed("\(bytes.count) bytes of values for shape \(header.shape)")
    }
    let stored = littleEndianFloats(bytes)
    return NamedTensor(
      name: "array", shape: header.shape,
      values: header.isFortranOrder ? rowMajor(stored, shape: header.shape) : stored)
  }

  /// Values that were stored with the first index fastest, with the last index fastest.
  private static func rowMajor(_ stored: ContiguousArray<Float>, shape: [Int])
    -> ContiguousArray<Float>
  {
    let strides = shape.indices.map { shape[..<$0].reduce(1, *) }
    var index = [Int](repeating: 0, count: shape.count)
    var position = 0
    return ContiguousArray(
      stored.indices.map { _ in
        let value = stored[position]
        for axis in shape.indices.reversed() {
          index[axis] += 1
          position += strides[axis]
          if index[axis] < shape[axis] { break }
          position -= strides[axis] * shape[axis]
          index[axis] = 0
        }
        return value
      })
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
