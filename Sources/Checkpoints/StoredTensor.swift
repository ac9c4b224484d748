// A tensor that is still in its file.

public import LinearAlgebra
public import Parallelism
import Synchronization

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
    var matrix = Matrix<Scalar>(repeating: 0, rows: rows, columns: columns)
    let failure = Mutex<TensorFileError?>(nil)
    // One block where the bytes come in one stream; otherwise a block of rows is a range of bytes.
    if source.isRandomAccess {
      matrix.writeRows(crew) { block in
        let first = range.lowerBound + block.rows.lowerBound * columns * format.byteCount
        do throws(TensorFileError) {
          try format.read(source, from: first, into: block)
        } catch {
          failure.withLock { $0 = error }
        }
      }
    } else {
      matrix.writeAllRows { block in
        do throws(TensorFileError) {
          try format.read(source, from: range.lowerBound, into: block)
        } catch {
          failure.withLock { $0 = error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return matrix
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
  /// Fills a block of rows with values that begin at a place of a source.
  fileprivate func read<Scalar: MatrixScalar>(
    _ source: any ByteSource, from place: Int, into block: borrowing RowBlock<Scalar>
  ) throws(TensorFileError) {
    let count = block.rows.count * block.columns
    var failure: TensorFileError?
    block.withMutableElements { elements in
      var position = 0
      do throws(TensorFileError) {
        try source.read(place..<place + count * byteCount) { bytes in
          let values = bytes.byteCount / byteCount
          var part = elements._mutatingExtracting(position..<position + values)
          decode(bytes, into: &part)
          position += values
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
