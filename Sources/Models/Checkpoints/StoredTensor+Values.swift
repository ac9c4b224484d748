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
  ///   - team: Shares the reading, where the file can be read at any place.
  /// - Returns: The values in row-major order, cut into rows.
  /// - Throws: `TensorFileError.unsupported` for values of another than floating-point type, `.unreadable`, and
  ///   `.malformed` for damage that an archive's checksums show.
  /// - Complexity: O(m·n), no memory but the matrix and a buffer per thread; of a tensor that is read whole (`isReadWhole`)
  ///   with more than two dimensions or of its part, also that of `inMemory`.
  public func matrix<Scalar: MatrixScalar>(
    rows: Int, columns: Int, as scalar: Scalar.Type = Scalar.self, team: ThreadTeam = .alone
  ) throws(TensorFileError) -> Matrix<Scalar> {
    precondition(rows * columns == count, "\(count) values as a matrix of \(rows) × \(columns)")
    guard let format else { throw .unsupported(path: path, tensor: name, type: type) }
    if let origin, isReadWhole {
      return try inMemory().matrix(at: origin.place).matrix(rows: rows, columns: columns)
    }
    guard isColumnMajor, shape.count > 1 else {
      return try stored(rows, columns, format, team)
    }
    let lastAxis = shape[shape.count - 1]
    guard shape.count == 2 else { return try inMemory().matrix(rows: rows, columns: columns) }
    let turned: Matrix<Scalar> = try stored(lastAxis, shape[0], format, team)
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
    _ rows: Int, _ columns: Int, _ format: FloatFormat, _ team: ThreadTeam
  ) throws(TensorFileError) -> Matrix<Scalar> {
    // Where the bytes can be read at any place a block of rows is a range of them.
    try Matrix(rows: rows, columns: columns, isOneBlock: !source.isRandomAccess, team: team) {
      (block) throws(TensorFileError) in
      let first = range.lowerBound + block.rows.lowerBound * columns * format.byteCount
      try format.read(source, from: first, isBigEndian: isBigEndian, into: block)
    }
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
