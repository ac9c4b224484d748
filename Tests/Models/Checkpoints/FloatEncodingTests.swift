// Rounding to each format, for every number that it represents.

import Foundation
import Testing

@testable import ZerOCheckpoints

@Suite struct FloatEncodingTests {
  private static let narrow: [FloatFormat] = [.float16, .bfloat16, .float8E5M2, .float8E4M3]

  private func bits(_ value: Float, _ format: FloatFormat) -> Int {
    var bytes: [UInt8] = []
    format.encode([value].span, appendingTo: &bytes)
    return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// All numbers of a format, in the order of their bits.
  private func numbers(_ format: FloatFormat) throws -> [Float] {
    let count = 1 << (8 * format.byteCount)
    let bytes = (0..<count).flatMap { bits in
      (0..<format.byteCount).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    let tensor = StoredTensor(
      name: "a", type: format.rawValue, format: format, shape: [count],
      source: BytesInMemory(bytes: bytes), range: 0..<bytes.count, path: "f")
    return Array(try tensor.named().values)
  }

  @Test(arguments: narrow)
  func `every number is encoded as the bits that it was decoded from`(format: FloatFormat) throws {
    let numbers = try numbers(format)
    for (bits, number) in numbers.enumerated() {
      if number.isNaN {
        #expect(numbers[self.bits(number, format)].isNaN, "\(format) \(bits)")
      } else {
        #expect(self.bits(number, format) == bits, "\(format) \(bits)")
      }
    }
  }

  @Test(arguments: narrow)
  func `values are rounded to the nearest number, ties to even`(
    format: FloatFormat
  ) throws {
    let numbers = try numbers(format)
    let sign = numbers.count / 2
    // Adjacent numbers have adjacent bits; their midpoint, and the numbers next to it, are exact in
    // single precision.
    for lower in 0..<sign - 1 where numbers[lower + 1].isFinite {
      let middle = numbers[lower] + (numbers[lower + 1] - numbers[lower]) / 2
      let even = lower.isMultiple(of: 2) ? lower : lower + 1
      #expect(bits(middle, format) == even, "\(format) \(lower)")
      #expect(bits(-middle, format) == even + sign, "\(format) -\(lower)")
      #expect(bits(middle.nextDown, format) == lower, "\(format) \(lower)")
      #expect(bits(middle.nextUp, format) == lower + 1, "\(format) \(lower)")
    }
  }

  @Test func `rounding equals encoding and decoding`() {
    let values: ContiguousArray<Float> = [1, 0x1.01p0, 0x1.03p0, -0x1.8p-130, 0]
    #expect(FloatFormat.bfloat16.rounded(values) == [1, 1, 0x1.04p0, -0x1.8p-130, 0])
    #expect(FloatFormat.float8E5M2.rounded([1.1, -3]) == [1, -3])
    for format in [FloatFormat.float32, .float64] { #expect(format.rounded(values) == values) }
  }

  @Test func `overflow gives an infinity, or 448 without infinities`() {
    // As torch 2.15 converts them.
    #expect(bits(65519, .float16) == 0x7bff && bits(65520, .float16) == 0x7c00)
    #expect(bits(.greatestFiniteMagnitude, .bfloat16) == 0x7f80)
    #expect(bits(61439, .float8E5M2) == 0x7b && bits(61440, .float8E5M2) == 0x7c)
    for value: Float in [448, 464, 465, 480, 1e9, .infinity] {
      #expect(bits(value, .float8E4M3) == 0x7e && bits(-value, .float8E4M3) == 0xfe)
    }
    for format in Self.narrow {
      #expect(bits(.nan, format) == (1 << (8 * format.byteCount - 1)) - 1)
    }
  }

  @Test func `single and double precision lose nothing`() {
    for value: Float in [0, -0.0, 1, -.pi, .leastNonzeroMagnitude, .infinity] {
      #expect(bits(value, .float32) == Int(value.bitPattern))
      #expect(UInt64(bitPattern: Int64(bits(value, .float64))) == Double(value).bitPattern)
    }
  }
}
