// The header of NumPy files, read as untrusted input.

/// The reason why a file is not a valid zip archive or NPY file, in a few words.
public struct ArrayFileDefect: Error, Equatable {
  /// For example `NumPy's signature is missing`.
  public let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// The header of NumPy's format for one array.
///
/// ```
/// 0x93 "NUMPY" major minor | header length, 16 or 32 bits | Python dictionary | values
/// ```
///
/// Reference: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
public struct NPYHeader: Equatable, Sendable {
  /// The first bytes of a file.
  public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The longest accepted header in bytes, NumPy's own limit.
  private static let longest = 10_000

  /// The element type without quotes, such as `<f4`; for a structured array a list.
  public let type: String

  /// Whether the first dimension is the fastest.
  public let isFortranOrder: Bool

  /// The dimensions; empty for a single value.
  public let shape: [Int]

  /// The number of values, the product of the dimensions.
  public let count: Int

  /// The position of the first value in the file.
  public let start: Int

  /// Reads the header of a file, format version 1.0 to 3.0.
  ///
  /// - Parameters:
  ///   - size: The number of bytes of the file.
  ///   - read: Reads a range of the file, within 0 ..< `size`.
  /// - Returns: The header, or its defect.
  /// - Throws: The errors of `read`.
  public static func parse<Failure: Error>(
    fileOf size: Int, read: (Range<Int>) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Result<NPYHeader, ArrayFileDefect> {
    func defect(_ reason: String) -> Result<NPYHeader, ArrayFileDefect> {
      .failure(ArrayFileDefect(reason))
    }
    // The signature, the version and the header length: at most 12 bytes.
    let prefix = try read(0..<min(12, size))
    guard prefix.count >= 10, prefix.starts(with: magic) else {
      return defect("NumPy's signature is missing")
    }
    // The header length has two bytes in version 1, and four in versions 2 and 3.
    let lengthSize = prefix[6] == 1 ? 2 : 4
    guard (1...3).contains(prefix[6]), prefix.count >= 8 + lengthSize else {
      return defect("unknown format version \(prefix[6]).\(prefix[7])")
    }
    let length = (0..<lengthSize).reduce(0) { $0 | Int(prefix[8 + $1]) << (8 * $1) }
    let start = 8 + lengthSize + length
    guard start <= size else { return defect("a header of \(length) bytes in a file of \(size)") }
    guard length <= longest else {
      return defect("a header of \(length) bytes, more than NumPy's limit of \(longest)")
    }
    guard
      let text = String(validating: try read(8 + lengthSize..<start), as: UTF8.self),
      let fields = fields(of: text)
    else { return defect("the header is not {'descr': …, 'fortran_order': …, 'shape': …}") }
    var count = 1
    for dimension in fields.shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard !overflows else { return defect("shape \(fields.shape) is too large") }
      count = product
    }
    return .success(
      NPYHeader(
        type: fields.type, isFortranOrder: fields.isFortranOrder, shape: fields.shape,
        count: count, start: start))
  }

  /// Parses exactly the three keys `descr`, `fortran_order` and `shape`, in any order.
  private static func fields(of text: String)
    -> (type: String, isFortranOrder: Bool, shape: [Int])?
  {
    guard var rest = text.wholeMatch(of: /\s*\{(.*)\}\s*/.dotMatchesNewlines())?.1 else {
      return nil
    }
    var values: [Substring: Substring] = [:]
    while let match = rest.prefixMatch(of: /\s*'(\w+)'\s*:\s*/) {
      rest = rest[match.range.upperBound...]
      guard let value = value(beginning: rest),
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
    return (
      type.first == "'" ? String(type.dropFirst().dropLast()) : String(type), order == "True", shape
    )
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
