// Every bit pattern of every format of at most two bytes, against the definition.

import Foundation
import Testing
import ZerOLinearAlgebra

@testable import ZerOCheckpoints

@Suite struct FloatFormatTests {
  /// The value of a bit pattern from its sign, exponent and mantissa, as IEEE 754 defines it.
  private func meaning(_ bits: Int, _ format: FloatFormat) -> Double {
    let width = 8 * format.byteCount
    let mantissaBits = format.mantissaBits
    let exponentBits = width - 1 - mantissaBits
    let largest = (1 << exponentBits) - 1
    let exponent = bits >> mantissaBits & largest
    let fraction = bits & ((1 << mantissaBits) - 1)
    let sign = bits >> (width - 1) == 0 ? 1.0 : -1.0
    if format == .float8E4M3 {
      if exponent == largest, fraction == (1 << mantissaBits) - 1 { return .nan }
    } else if exponent == largest {
      return fraction == 0 ? sign * .infinity : .nan
    }
    let unit = scalbn(1, format.smallestExponent - mantissaBits)
    let significand = Double(fraction + (exponent == 0 ? 0 : 1 << mantissaBits))
    return sign * significand * unit * scalbn(1, max(0, exponent - 1))
  }

  private func decoded<Scalar: MatrixScalar>(
    _ bytes: [UInt8], _ format: FloatFormat, as scalar: Scalar.Type
  ) throws -> [Scalar] {
    let count = bytes.count / format.byteCount
    let tensor = StoredTensor(
      name: "a", type: format.rawValue, format: format, shape: [count],
      source: BytesInMemory(bytes: bytes), range: 0..<bytes.count, path: "f")
    return Array(try tensor.matrix(rows: 1, columns: count, as: Scalar.self).elements)
  }

  @Test(arguments: [FloatFormat.float16, .bfloat16, .float8E5M2, .float8E4M3])
  func `every bit pattern is decoded to its number`(format: FloatFormat) throws {
    let patterns = 0..<1 << (8 * format.byteCount)
    let bytes = patterns.flatMap { bits in
      (0..<format.byteCount).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    let doubles = try decoded(bytes, format, as: Double.self)
    let floats = try decoded(bytes, format, as: Float.self)
    for bits in patterns {
      let expected = meaning(bits, format)
      let (double, float) = (doubles[bits], floats[bits])
      if expected.isNaN {
        #expect(double.isNaN && float.isNaN, "\(format) \(bits)")
      } else {
        #expect(double == expected && Double(float) == expected, "\(format) \(bits)")
        #expect(double.sign == expected.sign, "\(format) \(bits)")
      }
    }
  }

  @Test func `single and double precision are the machine's own formats`() throws {
    let doubles: [Double] = [0, -0.0, 1, -1.5, .pi, .infinity, .leastNonzeroMagnitude, 1e300]
    let bytes = doubles.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    #expect(try decoded(bytes, .float64, as: Double.self) == doubles)
    #expect(try decoded(bytes, .float64, as: Float.self) == doubles.map { Float($0) })
    let floats = doubles.map { Float($0) }
    let short = floats.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    #expect(try decoded(short, .float32, as: Float.self) == floats)
    #expect(try decoded(short, .float32, as: Double.self) == floats.map { Double($0) })
  }

  @Test func `epsilon is the distance from 1 to the next number`() {
    #expect(FloatFormat.float64.epsilon == Double.ulpOfOne)
    #expect(FloatFormat.float32.epsilon == Double(Float.ulpOfOne))
    #expect(FloatFormat.float16.epsilon == 0x1p-10 && FloatFormat.bfloat16.epsilon == 0x1p-7)
    #expect(FloatFormat.float8E5M2.epsilon == 0.25 && FloatFormat.float8E4M3.epsilon == 0.125)
  }
}
