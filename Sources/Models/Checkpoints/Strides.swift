// Tensors whose values are not contiguous: transposed, sliced, expanded, or in Fortran order.

/// The distances between neighboring values of a tensor along each dimension.
struct Strides: Sendable {
  /// The distances in values, each at least 0; 0 repeats a value.
  let steps: [Int]

  /// Bytes per value.
  let valueSize: Int

  /// Strides that differ from those of contiguous values in row-major order; `nil` if they don't.
  ///
  /// - Parameters:
  ///   - steps: One per dimension.
  ///   - shape: The dimensions. The strides of dimensions of 1 don't matter.
  ///   - valueSize: Bytes per value.
  init?(_ steps: [Int], shape: [Int], valueSize: Int) {
    guard !shape.contains(0) else { return nil }
    var expected = 1
    var isContiguous = true
    for (dimension, step) in zip(shape, steps).reversed() where dimension > 1 {
      isContiguous = isContiguous && step == expected
      expected *= dimension
    }
    if isContiguous { return nil }
    self.steps = steps
    self.valueSize = valueSize
  }

  /// The strides of a shape whose first index varies fastest, as in Fortran; `nil` if they are those
  /// of row-major order.
  init?(columnMajor shape: [Int], valueSize: Int) {
    self.init(
      shape.indices.map { shape[..<$0].reduce(1, *) }, shape: shape, valueSize: valueSize)
  }

  /// Whether a matrix is the transpose of a contiguous one.
  func isTransposed(_ shape: [Int]) -> Bool {
    shape.count == 2 && steps[0] == 1 && steps[1] == shape[0]
  }

  /// Reads the values in row-major order.
  ///
  /// - Parameters:
  ///   - source: The source of the bytes.
  ///   - start: The place of the first value in it.
  ///   - shape: The dimensions, none of them 0.
  /// - Returns: `valueSize` bytes per value.
  /// - Throws: The errors of the source.
  /// - Complexity: O(n) values. Memory for the result, and for the part of the source between the
  ///   first and the last value, or for parts of it if they contain many other values.
  func rowMajor(_ source: any ByteSource, from start: Int, shape: [Int]) throws(TensorFileError)
    -> [UInt8]
  {
    let axes = shape.indices.filter { shape[$0] > 1 }.sorted { steps[$0] > steps[$1] }
    // The dimensions with the longest distances are read piece by piece while pieces contain mostly
    // other values.
    var outer = 0
    func isSparse(_ axes: ArraySlice<Int>) -> Bool {
      let count = axes.reduce(1) { steps[$1] == 0 ? $0 : $0 * shape[$1] }
      return Self.span(axes, shape, steps) > max(pieceSize, 4 * count)
    }
    while outer < axes.count, isSparse(axes[outer...]) { outer += 1 }
    let size = valueSize
    func loop(_ axis: Int) -> Loop {
      Loop(
        count: shape[axis], step: steps[axis] * size,
        target: shape[(axis + 1)...].reduce(size, *))
    }
    var inside = axes[outer...].sorted().map(loop)
    let innermost = inside.popLast() ?? Loop(count: 1, step: 0, target: 0)
    let length = Self.span(axes[outer...], shape, steps) * size
    var values = [UInt8](repeating: 0, count: shape.reduce(size, *))
    try Loop.all(axes[..<outer].map(loop)) { (place, target) throws(TensorFileError) in
      let piece = try source.bytes(start + place..<start + place + length)
      Loop.all(inside) { (inner, innerTarget) in
        innermost.copy(piece, from: inner, to: &values, at: target + innerTarget, size: size)
      }
    }
    return values
  }

  /// The number of values from the first to the last one along some dimensions.
  private static func span(_ axes: ArraySlice<Int>, _ shape: [Int], _ steps: [Int]) -> Int {
    axes.reduce(1) { $0 + (shape[$1] - 1) * steps[$1] }
  }
}

/// A loop over one dimension: the number of values, and the bytes from one to the next in both orders.
private struct Loop {
  let count: Int
  let step: Int
  let target: Int

  /// Runs nested loops, the last one innermost; the body receives the offsets of each value in both
  /// orders, in bytes.
  static func all<Failure>(
    _ loops: [Loop], _ body: (_ place: Int, _ target: Int) throws(Failure) -> Void
  ) throws(Failure) {
    var index = [Int](repeating: 0, count: loops.count)
    var (place, target) = (0, 0)
    while true {
      try body(place, target)
      var axis = loops.count - 1
      while axis >= 0 {
        let loop = loops[axis]
        index[axis] += 1
        place += loop.step
        target += loop.target
        if index[axis] < loop.count { break }
        index[axis] = 0
        place -= loop.step * loop.count
        target -= loop.target * loop.count
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// Copies the values of this dimension.
  func copy(
    _ values: [UInt8], from place: Int, to result: inout [UInt8], at start: Int, size: Int
  ) {
    switch size {
    case 4: copy(UInt32.self, values.span, place, result.mutableSpan, start)
    case 2: copy(UInt16.self, values.span, place, result.mutableSpan, start)
    case 8: copy(UInt64.self, values.span, place, result.mutableSpan, start)
    default:
      for number in 0..<count {
        for byte in 0..<size {
          result[start + number * target + byte] = values[place + number * step + byte]
        }
      }
    }
  }

  @inline(__always)
  private func copy<Word: FixedWidthInteger & BitwiseCopyable>(
    _ word: Word.Type, _ values: Span<UInt8>, _ place: Int, _ result: consuming MutableSpan<UInt8>,
    _ start: Int
  ) {
    var bytes = unsafe result.mutableBytes
    let from = unsafe values.bytes
    for number in 0..<count {
      let value = unsafe from.unsafeLoadUnaligned(
        fromByteOffset: place + number * step, as: Word.self)
      bytes.storeBytes(of: value, toByteOffset: start + number * target, as: Word.self)
    }
  }
}
