// The matrices that a tensor stacks.

extension StoredTensor {
  /// The matrices along the last two dimensions, as NumPy's linear algebra takes an array of more dimensions.
  ///
  /// Each is named by its index, `experts.w1[3]`, or `w[0,3]` where several dimensions come first. They are in row-major
  /// order of their indices; an empty tensor has none.
  ///
  /// - Precondition: Two dimensions at least, and values of a floating-point type.
  public var matrices: [StoredTensor] {
    shape.contains(0) ? [] : (0..<shape.dropLast(2).reduce(1, *)).map(matrix)
  }

  /// One of the matrices along the last two dimensions.
  ///
  /// - Parameter place: Counted row-major over the dimensions before.
  /// - Returns: A tensor of two dimensions with this one as its origin.
  /// - Precondition: Two dimensions at least, values of a floating-point type, and a place that there is.
  public func matrix(at place: Int) -> StoredTensor {
    guard shape.count >= 2, let format else {
      preconditionFailure("the matrices of '\(name)', \(shape) of type \(type)")
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
      shape: own, isColumnMajor: isColumnMajor, isBigEndian: isBigEndian, source: source,
      range: isReadWhole ? range : start..<start + size, path: path, notes: notes,
      origin: Origin(name: name, shape: shape, place: place))
  }

  /// Whether a matrix of the stack can't be read without the others.
  ///
  /// Where the first index is the fastest, a matrix is scattered over the whole tensor. What is compressed is read from
  /// its beginning, and to its end, where its checksum is compared.
  public var isReadWhole: Bool { isColumnMajor || !source.isRandomAccess }

  /// The tensor in memory in row-major order, or the whole stack that a matrix is a part of.
  ///
  /// - Returns: A tensor whose matrices are read from memory.
  /// - Throws: `TensorFileError.unsupported` for values of another than floating-point type, `.unreadable`, and
  ///   `.malformed` for damage that an archive's checksums show.
  /// - Complexity: O(n); the bytes of the values, twice while they are put in order.
  public func inMemory() throws(TensorFileError) -> StoredTensor {
    precondition(origin == nil || isReadWhole, "'\(name)' has the range of a part")
    guard let format else { throw .unsupported(path: path, tensor: name, type: type) }
    let shape = origin?.shape ?? shape
    var bytes = try source.bytes(range)
    if isColumnMajor { bytes = Self.rowMajor(bytes, shape: shape, size: format.byteCount) }
    return StoredTensor(
      name: origin?.name ?? name, type: type, format: format, shape: shape,
      isBigEndian: isBigEndian, source: BytesInMemory(bytes: bytes), range: 0..<bytes.count,
      path: path, notes: notes)
  }

  /// Values of some bytes each that were stored with the first index fastest, with the last index fastest.
  private static func rowMajor(_ stored: [UInt8], shape: [Int], size: Int) -> [UInt8] {
    let strides = shape.indices.map { shape[..<$0].reduce(size, *) }
    var index = [Int](repeating: 0, count: shape.count)
    var position = 0
    var ordered: [UInt8] = []
    ordered.reserveCapacity(stored.count)
    for _ in 0..<stored.count / size {
      ordered += stored[position..<position + size]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < shape[axis] { break }
        position -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return ordered
  }
}
