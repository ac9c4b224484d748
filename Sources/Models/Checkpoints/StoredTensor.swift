// A tensor that is still in its file.

/// A tensor as a file describes it; its values are read when they are asked for.
public struct StoredTensor: Sendable {
  /// Its name; that of the file, without its ending, where the format has none.
  public let name: String

  /// The type of its values, as the file names it: `F32`, `I64`, `<f4`.
  public let type: String

  /// The same, where it is a floating-point type that can be read.
  public let format: FloatFormat?

  /// The dimensions, slowest first; none for a single number.
  public let shape: [Int]

  /// Whether the first index is the fastest, as in Fortran.
  let isColumnMajor: Bool

  /// Whether the most significant byte of a value is the first one.
  let isBigEndian: Bool

  /// Where its bytes are.
  let source: any ByteSource
  let range: Range<Int>

  /// What to call the file in errors.
  public let path: String

  /// What a reader of the values should know, a few words each.
  let notes: [String]

  /// The tensor that this array is a part of, and where; `nil` for a whole tensor.
  public let origin: Origin?

  /// Where an array lies in a tensor that stacks several.
  public struct Origin: Sendable {
    /// The tensor's name.
    public let name: String

    /// The tensor's dimensions.
    public let shape: [Int]

    /// The array's place, counted row-major over the tensor's first dimensions.
    public let place: Int
  }

  init(
    name: String, type: String, format: FloatFormat?, shape: [Int], isColumnMajor: Bool = false,
    isBigEndian: Bool = false, source: any ByteSource, range: Range<Int>, path: String,
    notes: [String] = [], origin: Origin? = nil
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.shape = shape
    self.isColumnMajor = isColumnMajor
    self.isBigEndian = isBigEndian
    self.source = source
    self.range = range
    self.path = path
    self.notes = notes
    self.origin = origin
  }

  /// The number of values; the header's check has seen that it doesn't overflow.
  public var count: Int { shape.reduce(1, *) }

  /// The bytes of its values as they are stored.
  ///
  /// - Returns: The bytes in the order of the file.
  /// - Throws: `TensorFileError.unreadable`, and `.malformed` for damage that an archive's checksums show.
  public func storedBytes() throws(TensorFileError) -> [UInt8] { try source.bytes(range) }
}
