// Parts of a stored tensor: the matrices of a stack, and blocks of rows or columns of a matrix.

import ZerORequirements

/// Some rows or columns of a matrix: runs of equal length at equal distances.
public struct MatrixBlock: Equatable, Sendable {
  /// The block's name, for example `q`.
  public let name: String

  /// The dimension that is divided: 0 for rows, 1 for columns.
  public let axis: Int

  /// The first row or column.
  public let start: Int

  /// The length of a run.
  public let length: Int

  /// The distance from the start of a run to the start of the next one.
  public let step: Int

  /// The number of runs.
  public let count: Int

  /// Describes a block.
  ///
  /// - Parameters:
  ///   - name: The block's name.
  ///   - axis: 0 for rows, 1 for columns.
  ///   - start: The first row or column.
  ///   - length: The length of a run.
  ///   - step: The distance between runs.
  ///   - count: The number of runs; by default one.
  public init(name: String, axis: Int, start: Int, length: Int, step: Int = 0, count: Int = 1) {
    require(
      (0...1).contains(axis) && start >= 0 && length > 0 && count > 0
        && (count == 1 || step >= length),
      "block '\(name)' of axis \(axis): \(count) runs of \(length) from \(start) by \(step)")
    self.name = name
    self.axis = axis
    self.start = start
    self.length = length
    self.step = step
    self.count = count
  }

  /// The dimensions of the block of a matrix with the given dimensions.
  func shape(in shape: [Int]) -> [Int] {
    axis == 0 ? [length * count, shape[1]] : [shape[0], length * count]
  }

  /// The elements of the block in row-major order, as ranges of the matrix's elements.
  ///
  /// - Parameter shape: The dimensions of the matrix.
  /// - Returns: The length of a range, the number of ranges, and the start of each.
  func runs(in shape: [Int]) -> (length: Int, count: Int, start: @Sendable (Int) -> Int) {
    let (rows, columns) = (shape[0], shape[1])
    require(
      start + step * (count - 1) + length <= shape[axis], "'\(name)' is outside of \(shape)")
    if axis == 0 { return (length * columns, count, { (start + $0 * step) * columns }) }
    return (length, rows * count, { $0 / count * columns + start + $0 % count * step })
  }

  /// The elements of the block, in row-major order.
  ///
  /// - Parameters:
  ///   - values: The elements of the matrix, in row-major order.
  ///   - shape: The dimensions of the matrix.
  /// - Returns: The elements of the block's rows and columns.
  public func elements(of values: ContiguousArray<Float>, shape: [Int]) -> ContiguousArray<Float> {
    let runs = runs(in: shape)
    var block: ContiguousArray<Float> = []
    block.reserveCapacity(runs.length * runs.count)
    for run in 0..<runs.count {
      let start = runs.start(run)
      block += values[start..<start + runs.length]
    }
    return block
  }
}

extension StoredTensor {
  /// A part of a tensor that is a matrix by itself.
  public enum Part: Equatable, Sendable {
    /// A matrix along the last two dimensions; the index is row-major over the leading dimensions.
    case matrix(Int)

    /// Some rows or columns of a tensor of two dimensions.
    case block(MatrixBlock)
  }

  /// A part of the tensor.
  ///
  /// - Parameter part: The part, which must be inside of the tensor.
  /// - Returns: A tensor of two dimensions with this tensor as its origin.
  /// - Precondition: At least two dimensions, for a block exactly two, and a floating-point type.
  public func part(_ part: Part) -> StoredTensor {
    switch part {
    case .matrix(let place): return matrix(at: place)
    case .block(let block):
      guard shape.count == 2, let format else {
        requirementFailure("a block of '\(name)', \(shape) of type \(type)")
      }
      let own = block.shape(in: shape)
      let size = own[0] * own[1] * format.byteCount
      let source: any ByteSource =
        isReadWhole
        ? self.source
        : ByteRuns(
          source: self.source, first: range.lowerBound, runs: block.runs(in: shape),
          elementSize: format.byteCount)
      return StoredTensor(
        name: "\(name)[\(block.name)]", type: type, format: format, shape: own,
        strides: strides, isBigEndian: isBigEndian, source: source,
        range: isReadWhole ? range : 0..<size, path: path, notes: notes,
        origin: Origin(name: name, shape: shape, part: part))
    }
  }
}

/// Ranges of another source, one after another.
private struct ByteRuns: ByteSource {
  let source: any ByteSource

  /// The position of the first element in the other source.
  let first: Int

  /// The ranges, in elements.
  let runs: (length: Int, count: Int, start: @Sendable (Int) -> Int)

  /// Bytes per element.
  let elementSize: Int

  var count: Int { runs.length * runs.count * elementSize }
  var isRandomAccess: Bool { source.isRandomAccess }

  func verify() throws(TensorFileError) { try source.verify() }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    let size = runs.length * elementSize
    func place(_ position: Int) -> Int {
      first + runs.start(position / size) * elementSize + position % size
    }
    var piece: [UInt8] = []
    var position = range.lowerBound
    while position < range.upperBound {
      // Pieces have whole numbers of 8 bytes, whatever the length of a run.
      let end = min(position + pieceSize, range.upperBound)
      // Runs with short gaps are read together.
      let span = place(position)..<place(end - 1) + 1
      let isDense = span.count <= 4 * (end - position)
      let bytes = isDense ? try source.bytes(span) : []
      piece.removeAll(keepingCapacity: true)
      piece.reserveCapacity(end - position)
      while position < end {
        let wanted = min(size - position % size, end - position)
        let start = place(position)
        if isDense {
          piece += bytes[start - span.lowerBound..<start - span.lowerBound + wanted]
        } else {
          piece += try source.bytes(start..<start + wanted)
        }
        position += wanted
      }
      unsafe body(piece.span.bytes)
    }
  }
}
