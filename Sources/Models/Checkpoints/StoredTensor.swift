// A tensor in a file: its description, its values, and the matrices that it stacks.

public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

/// A tensor described by a file's header; its values are read on demand.
public struct StoredTensor: Sendable {
  /// The tensor's name; for NPY the file name without its extension.
  public let name: String

  /// The type of the values, as the file names it: `F32`, `I64`, `<f4`.
  public let type: String

  /// The type as a floating-point format; `nil` if it is not one that can be read.
  public let format: FloatFormat?

  /// The dimensions, slowest first; empty for a scalar.
  public let shape: [Int]

  /// The distances between values, for a matrix of a stack those of the stack; `nil` if the values
  /// are contiguous in row-major order.
  let strides: Strides?

  /// Whether the most significant byte of a value comes first.
  let isBigEndian: Bool

  /// The location of the bytes.
  let source: any ByteSource
  let range: Range<Int>

  /// The file's name in errors.
  public let path: String

  /// Remarks for readers of the values.
  let notes: [String]

  /// The tensor that this matrix is a part of; `nil` for a whole tensor.
  public let origin: Origin?

  /// The tensor that contains a part, and the part's place in it.
  public struct Origin: Sendable {
    /// The tensor's name.
    public let name: String

    /// The tensor's dimensions.
    public let shape: [Int]

    /// The place of the part.
    public let part: Part
  }

  init(
    name: String, type: String, format: FloatFormat?, shape: [Int], strides: Strides? = nil,
    isBigEndian: Bool = false, source: any ByteSource, range: Range<Int>, path: String,
    notes: [String] = [], origin: Origin? = nil
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.shape = shape
    self.strides = strides
    self.isBigEndian = isBigEndian
    self.source = source
    self.range = range
    self.path = path
    self.notes = notes
    self.origin = origin
  }

  /// The size of the values in bytes.
  var byteCount: Int { strides.map { count * $0.valueSize } ?? range.count }

  /// The number of values, which the header check has shown not to overflow.
  public var count: Int { shape.reduce(1, *) }

  /// Reads the stored bytes of the values.
  ///
  /// - Returns: The bytes in the order of the file.
  /// - Throws: `TensorFileError.unreadable`; `.malformed` if a checksum of an archive fails.
  public func storedBytes() throws(TensorFileError) -> [UInt8] {
    let bytes = try source.bytes(range)
    try source.verify()
    return bytes
  }
}

extension StoredTensor {
  /// Reads the values as a matrix.
  ///
  /// - Parameters:
  ///   - rows: m.
  ///   - columns: n, with m·n the number of values.
  ///   - scalar: The precision of the matrix.
  ///   - team: Threads that share the work if the source has random access.
  /// - Returns: The values in row-major order, reshaped to m × n.
  /// - Throws: `TensorFileError.unsupported` if the type is not a floating-point type;
  ///   `.unreadable`; `.malformed` if a checksum of an archive fails.
  /// - Complexity: O(m·n). Memory for the matrix and one buffer per thread. If `isReadWhole`, a
  ///   tensor of more than two dimensions and a part of a stack also need the memory of
  ///   `inMemory()`.
  public func matrix<Scalar: MatrixScalar>(
    rows: Int, columns: Int, as scalar: Scalar.Type = Scalar.self, team: ThreadTeam = .alone
  ) throws(TensorFileError) -> Matrix<Scalar> {
    require(rows * columns == count, "\(count) values as a matrix of \(rows) × \(columns)")
    guard let format else { throw .unsupported(path: path, tensor: name, type: type) }
    if let origin, isReadWhole {
      return try inMemory().part(origin.part).matrix(rows: rows, columns: columns)
    }
    guard let strides else { return try stored(rows, columns, format, team) }
    guard strides.isTransposed(shape) else {
      return try inMemory().matrix(rows: rows, columns: columns, team: team)
    }
    let turned: Matrix<Scalar> = try stored(shape[1], shape[0], format, team)
    return Matrix(rows: rows, columns: columns, elements: turned.transposed.elements)
  }

  /// Reads the tensor into memory in single precision.
  ///
  /// - Returns: A tensor with the same name.
  /// - Throws: As `matrix(rows:columns:as:team:)`.
  public func named() throws(TensorFileError) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape,
      values: try matrix(rows: 1, columns: count, as: Float.self).elements)
  }

  /// Reads the values in the order of the file.
  private func stored<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, _ format: FloatFormat, _ team: ThreadTeam
  ) throws(TensorFileError) -> Matrix<Scalar> {
    // With random access, each block of rows is a separate range of bytes.
    let matrix = try Matrix<Scalar>(
      rows: rows, columns: columns, isOneBlock: !source.isRandomAccess, team: team
    ) { (block) throws(TensorFileError) in
      let first = range.lowerBound + block.rows.lowerBound * columns * format.byteCount
      try format.read(source, from: first, isBigEndian: isBigEndian, into: block)
    }
    try source.verify()
    return matrix
  }
}

extension FloatFormat {
  /// Fills a block of rows with values from a source; after an error the block is incomplete.
  fileprivate func read<Scalar: MatrixScalar>(
    _ source: any ByteSource, from place: Int, isBigEndian: Bool,
    into block: borrowing RowBlock<Scalar>
  ) throws(TensorFileError) {
    let count = block.rows.count * block.columns
    var failure: TensorFileError?
    block.withMutableElements { elements in
      var position = 0
      do throws(TensorFileError) {
        try source.read(place..<place + count * byteCount) { bytes in
          let values = bytes.byteCount / byteCount
          var part = elements._mutatingExtracting(position..<position + values)
          if isBigEndian {
            unsafe decode(reversed(bytes).span.bytes, into: &part)
          } else {
            decode(bytes, into: &part)
          }
          position += values
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Reverses the bytes of each value.
  private func reversed(_ bytes: RawSpan) -> [UInt8] {
    let size = byteCount
    return (0..<bytes.byteCount).map { index in
      let start = index / size * size
      return unsafe bytes.unsafeLoad(fromByteOffset: 2 * start + size - 1 - index, as: UInt8.self)
    }
  }
}

extension StoredTensor {
  /// The matrices along the last two dimensions, as NumPy's linear algebra interprets a stack.
  ///
  /// Names have the index, such as `experts.w1[3]`, or `w[0,3]` for several leading dimensions. The
  /// order is row-major. An empty tensor has no matrices.
  ///
  /// - Precondition: At least two dimensions, and a floating-point type.
  public var matrices: [StoredTensor] {
    shape.contains(0) ? [] : (0..<shape.dropLast(2).reduce(1, *)).map(matrix)
  }

  /// One of the matrices along the last two dimensions.
  ///
  /// - Parameter place: The index of the matrix, row-major over the leading dimensions.
  /// - Returns: A tensor of two dimensions with this tensor as its origin.
  /// - Precondition: At least two dimensions, a floating-point type, and a valid index.
  public func matrix(at place: Int) -> StoredTensor {
    guard shape.count >= 2, let format else {
      requirementFailure("the matrices of '\(name)', \(shape) of type \(type)")
    }
    let (leading, own) = (shape.dropLast(2), Array(shape.suffix(2)))
    let size = own[0] * own[1] * format.byteCount
    var rest = place
    var index: [String] = []
    for dimension in leading.reversed() {
      index.append(String(rest % dimension))
      rest /= dimension
    }
    let start = range.lowerBound + place * size
    return StoredTensor(
      name: "\(name)[\(index.reversed().joined(separator: ","))]", type: type, format: format,
      shape: own, strides: strides, isBigEndian: isBigEndian, source: source,
      range: isReadWhole ? range : start..<start + size, path: path, notes: notes,
      origin: Origin(name: name, shape: shape, part: .matrix(place)))
  }

  /// Whether reading one matrix of the stack requires reading the whole stack.
  ///
  /// Values that are not contiguous may be scattered over the whole tensor. Compressed members of an
  /// archive are read from the beginning to the end.
  public var isReadWhole: Bool { strides != nil || !source.isRandomAccess }

  /// Reads the tensor, or the whole stack of a matrix, into memory in row-major order.
  ///
  /// - Returns: A tensor whose matrices are read from memory.
  /// - Throws: `TensorFileError.unsupported` if the type is not a floating-point type;
  ///   `.unreadable`; `.malformed` if a checksum of an archive fails.
  /// - Complexity: O(n); the bytes of the values, twice or more while values are reordered.
  public func inMemory() throws(TensorFileError) -> StoredTensor {
    require(origin == nil || isReadWhole, "'\(name)' has the range of a part")
    guard let format else { throw .unsupported(path: path, tensor: name, type: type) }
    let shape = origin?.shape ?? shape
    let bytes = try rowMajorBytes(shape)
    return StoredTensor(
      name: origin?.name ?? name, type: type, format: format, shape: shape,
      isBigEndian: isBigEndian, source: BytesInMemory(bytes: bytes), range: 0..<bytes.count,
      path: path, notes: notes)
  }

  /// Reads the values in row-major order, least significant bytes first.
  func littleEndianBytes() throws(TensorFileError) -> [UInt8] {
    let bytes = try rowMajorBytes(shape)
    guard isBigEndian, count > 0 else { return bytes }
    // A complex value is two numbers.
    let size = bytes.count / count / (type == "C64" ? 2 : 1)
    return bytes.indices.map { bytes[2 * ($0 / size * size) + size - 1 - $0] }
  }

  /// Reads the bytes of the values in row-major order.
  ///
  /// - Parameter shape: The dimensions of the tensor; of the stack for one of its matrices.
  /// - Returns: The bytes.
  /// - Throws: `TensorFileError.unreadable`; `.malformed` if a checksum of an archive fails.
  func rowMajorBytes(_ shape: [Int]) throws(TensorFileError) -> [UInt8] {
    let bytes: [UInt8]
    if let strides {
      bytes = try strides.rowMajor(source, from: range.lowerBound, shape: shape)
    } else {
      bytes = try source.bytes(range)
    }
    try source.verify()
    return bytes
  }
}

extension StoredTensor {
  /// Renames the tensor.
  ///
  /// - Parameter name: The new name.
  /// - Returns: A tensor with the same bytes.
  public func renamed(_ name: String) -> StoredTensor {
    StoredTensor(
      name: name, type: type, format: format, shape: shape, strides: strides,
      isBigEndian: isBigEndian, source: source, range: range, path: path, notes: notes)
  }

  /// Reads the first stored bytes of the values.
  ///
  /// - Parameter count: The largest number of bytes to read, at least 0.
  /// - Returns: The first `count` bytes; all bytes if there are fewer.
  /// - Throws: `TensorFileError.unreadable`; `.malformed` if a checksum of an archive fails.
  public func firstBytes(_ count: Int) throws(TensorFileError) -> [UInt8] {
    try source.bytes(range.lowerBound..<range.lowerBound + min(count, range.count))
  }

  /// Whether another tensor has the same type, shape and bits.
  ///
  /// - Parameter other: A tensor of any file.
  /// - Returns: `false` if type or shape differ, or any byte.
  /// - Throws: `TensorFileError.unreadable`; `.malformed` if a checksum of an archive fails.
  /// - Complexity: At most O(n), as it ends at the first difference; two buffers of memory.
  public func isBitEqual(to other: StoredTensor) throws(TensorFileError) -> Bool {
    guard type == other.type, shape == other.shape, byteCount == other.byteCount,
      isBigEndian == other.isBigEndian
    else { return false }
    guard strides == nil, other.strides == nil else {
      return try rowMajorBytes(shape) == other.rowMajorBytes(shape)
    }
    for start in stride(from: 0, to: range.count, by: pieceSize) {
      let size = min(pieceSize, range.count - start)
      let (mine, theirs) = (range.lowerBound + start, other.range.lowerBound + start)
      guard
        try source.bytes(mine..<mine + size) == other.source.bytes(theirs..<theirs + size)
      else { return false }
    }
    try source.verify()
    try other.source.verify()
    return true
  }
}
