// A tensor that is still in its file.

/// A tensor as a file describes it; its values are read when they are asked for.
public struct StoredTensor: Sendable {
  /// Its name; that of the file, without its ending, where the format has none.
  public let name: String

  /// The type of its values, as the file names it: `F32`, `I64`, `<f4`.
  public let type: String

  /// The same, where it is a floating-point type that can be read.
  public let format: FloatFormat?

  /// The extents, slowest first; none for a single number.
  public let shape: [Int]

  /// Whether the first index is the fastest, as in Fortran.
  let isColumnMajor: Bool

  /// Where its bytes are.
  let source: any ByteSource
  let range: Range<Int>

  /// What to call the file in errors.
  public let path: String

  init(
    name: String, type: String, format: FloatFormat?, shape: [Int], isColumnMajor: Bool = false,
    source: any ByteSource, range: Range<Int>, path: String
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.shape = shape
    self.isColumnMajor = isColumnMajor
    self.source = source
    self.range = range
    self.path = path
  }

  /// The number of values; the header's check has seen that it doesn't overflow.
  public var count: Int { shape.reduce(1, *) }

  /// The bytes of its values as they are stored.
  ///
  /// - Returns: The bytes, least significant byte of a value first.
  /// - Throws: `TensorFileError.unreadable`, and `.malformed` for damage that an archive's checksums show.
  public func storedBytes() throws(TensorFileError) -> [UInt8] { try source.bytes(range) }
}
