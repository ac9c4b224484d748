// Tensors whose values are not contiguous, against an index-by-index oracle.

import Foundation
import TestSupport
import Testing

@testable import ZerOCheckpoints

@Suite struct StridesTests {
  /// The values in row-major order, one index at a time.
  private func oracle(_ values: [UInt8], _ shape: [Int], _ steps: [Int], _ size: Int) -> [UInt8] {
    (0..<shape.reduce(1, *)).flatMap { place -> [UInt8] in
      var (rest, offset) = (place, 0)
      for axis in shape.indices.reversed() {
        offset += rest % shape[axis] * steps[axis]
        rest /= shape[axis]
      }
      return Array(values[offset * size..<(offset + 1) * size])
    }
  }

  @Test(arguments: [1, 2, 4, 8, 16])
  func `values are gathered in row-major order`(size: Int) throws {
    let cases: [(shape: [Int], steps: [Int])] = [
      ([3, 4], [1, 3]), ([4, 3], [7, 2]), ([2, 3, 4], [1, 2, 6]), ([2, 3, 4], [12, 1, 3]),
      ([5, 6], [0, 1]), ([5, 6], [1, 0]), ([4], [5]), ([2, 2], [0, 0]), ([3, 2], [1, 1]),
      // Far apart, so pieces are read separately.
      ([3, 2], [100_000, 1]), ([2, 3, 2], [1, 90_000, 40_000]), ([2, 2, 2], [1, 0, 200_000]),
    ]
    for (shape, steps) in cases {
      let last = zip(shape, steps).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
      let start = 24
      let bytes = (0..<start + (last + 1) * size).map {
        UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8)
      }
      let strides = try #require(Strides(steps, shape: shape, valueSize: size))
      let gathered = try strides.rowMajor(BytesInMemory(bytes: bytes), from: start, shape: shape)
      #expect(gathered == oracle(Array(bytes[start...]), shape, steps, size), "\(shape) \(steps)")
    }
  }

  @Test func `contiguous values have no strides`() {
    #expect(Strides([4, 1], shape: [3, 4], valueSize: 4) == nil)
    // Strides of dimensions of 1 don't matter, and no value has none.
    #expect(Strides([99, 4, 7, 1], shape: [1, 3, 1, 4], valueSize: 4) == nil)
    #expect(Strides([5, 5], shape: [0, 3], valueSize: 4) == nil)
    #expect(Strides([], shape: [], valueSize: 4) == nil)
    #expect(Strides(columnMajor: [5], valueSize: 4) == nil)
    #expect(Strides([1, 3], shape: [3, 4], valueSize: 4)?.isTransposed([3, 4]) == true)
    #expect(Strides([1, 4], shape: [3, 4], valueSize: 4)?.isTransposed([3, 4]) == false)
  }
}
