// The values of a tensor, read when they are asked for.

public import LinearAlgebra
public import Parallelism

extension StoredTensor {
  /// Its values as a matrix of one of their shapes.
  ///
  /// - Parameters:
  ///   - rows: m.
  ///   - columns: n, with m·n the number of values.
  ///   - scalar: The precision of the matrix.
  ///   - crew: Shares the reading, where the file can be read at any place.
  /// - Returns: The values in row-major order, cut into rows.
  /// - Throws: `TensorFileError.unsupported` for values of another than floating-point type, `.unreadable`, and
  ///   `.malformed` for damage that an archive's checksums show.
  /// - Complexity: O(m·n), no memory but the matrix and a buffer a thread.
  public func matrix<Scalar: MatrixScalar>(
    rows: Int, columns: Int, as scalar: Scalar.Type = Scalar.self, crew: Crew = .alone
  ) throws(TensorFileError) -> Matrix<Scalar> {
    precondition(rows * columns == count, "\(count) values as a matrix of \(rows) × \(columns)")
    guard let format else { throw .unsupported(path: path, tensor: name, type: type) }
    guard isColumnMajor, shape.count > 1 else {
      return try stored(rows, columns, format, crew)
    }
    if let origin {
      let whole = origin.shape.reduce(1, *)
      let values: Matrix<Scalar> = try stored(1, whole, format, crew)
      let all = Self.rowMajor(values.elements, shape: origin.shape)
      let own = all[origin.place * count..<(origin.place + 1) * count]
      return Matrix(rows: rows, columns: columns, elements: ContiguousArray(own))
    }
    let lastAxis = shape[shape.count - 1]
    guard shape.count == 2 else {
      let values: Matrix<Scalar> = try stored(1, count, format, crew)
      return Matrix(
        rows: rows, columns: columns, elements: Self.rowMajor(values.elements, shape: shape))
    }
    let turned: Matrix<Scalar> = try stored(lastAxis, shape[0], format, crew)
    return Matrix(rows: rows, columns: columns, elements: turned.transposed.elements)
  }

  /// The tensor in memory, in single precision.
  ///
  /// - Returns: A copy under the same name.
  /// - Throws: As `matrix`.
  public func named() throws(TensorFileError) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape,
      values: try matrix(rows: 1, columns: count, as: Float.self).elements)
  }

  /// The values in the order of the file.
  private func stored<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, _ format: FloatFormat, _ crew: Crew
  ) throws(TensorFileError) -> Matrix<Scalar> {
    // Where the bytes can be read at any place a block of rows is a range of them.
    try Matrix(rows: rows, columns: columns, isOneBlock: !source.isRandomAccess, crew: crew) {
      (block) throws(TensorFileError) in
      let first = range.lowerBound + block.rows.lowerBound * columns * format.byteCount
      try format.read(source, from: first, isBigEndian: isBigEndian, into: block)
    }
  }

  /// Values that were stored with the first index fastest, with the last index fastest.
  private static func rowMajor<Scalar>(_ stored: ContiguousArray<Scalar>, shape: [Int])
    -> ContiguousArray<Scalar>
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
}

extension FloatFormat {
  /// Fills a block of rows with values that begin at a place of a source; after an error some are missing.
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

  /// The bytes of some values, those of each value in the opposite order.
  private func reversed(_ bytes: RawSpan) -> [UInt8] {
    let size = byteCount
    return (0..<bytes.byteCount).map { index in
      let start = index / size * size
      return unsafe bytes.unsafeLoad(fromByteOffset: 2 * start + size - 1 - index, as: UInt8.self)
    }
  }
}
