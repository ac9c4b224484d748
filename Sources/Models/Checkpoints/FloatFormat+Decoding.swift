// From the bytes of a file to numbers. Every conversion to double precision is exact; to single precision
// only values of type F64 are rounded.

import LinearAlgebra

extension FloatFormat {
  /// Reads values, least significant byte first.
  ///
  /// - Parameters:
  ///   - bytes: `byteCount` a value, as many values as `numbers` holds.
  ///   - numbers: Overwritten.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func decode<Scalar: MatrixScalar>(_ bytes: RawSpan, into numbers: inout MutableSpan<Scalar>) {
    precondition(
      bytes.byteCount == byteCount * numbers.count,
      "\(bytes.byteCount) bytes for \(numbers.count) values of type \(rawValue)")
    switch self {
    case .float64:
      Self.convert(bytes, into: &numbers) { (bits: UInt64) in Scalar(Double(bitPattern: bits)) }
    case .float32:
      Self.convert(bytes, into: &numbers) { (bits: UInt32) in Scalar(Float(bitPattern: bits)) }
    case .float16:
      Self.convert(bytes, into: &numbers) { (bits: UInt16) in Scalar(Self.half(bits)) }
    case .bfloat16:
      Self.convert(bytes, into: &numbers) { (bits: UInt16) in
        Scalar(Float(bitPattern: UInt32(bits) << 16))
      }
    case .float8E5M2:
      // Half precision without its lower byte.
      Self.convert(bytes, into: &numbers) { (bits: UInt8) in Scalar(Self.half(UInt16(bits) << 8)) }
    case .float8E4M3:
      Self.convert(bytes, into: &numbers) { (bits: UInt8) in Scalar(Self.quarter(bits)) }
    }
  }

  @inline(__always)
  private static func convert<Scalar, Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, into numbers: inout MutableSpan<Scalar>, _ number: (Word) -> Scalar
  ) {
    let size = MemoryLayout<Word>.size
    var index = 0
    while index < numbers.count {
      // Within the bytes: the caller has checked their number.
      let word = unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: index &* size, as: Word.self)
      numbers[index] = number(Word(littleEndian: word))
      index &+= 1
    }
  }

  /// Half precision, by moving exponent and fraction to their places in single precision.
  ///
  /// Multiplied by 2¹¹² the exponent is right, for subnormal numbers too; what was infinite or no number has
  /// then become 2¹⁶ or more, which no finite half is.
  @inline(__always)
  private static func half(_ bits: UInt16) -> Float {
    let magnitude = Float(bitPattern: UInt32(bits & 0x7fff) << 13) * 0x1p112
    let isFinite = magnitude < 0x1p16
    let pattern = isFinite ? magnitude.bitPattern : magnitude.bitPattern | 0x7f80_0000
    return Float(bitPattern: pattern | UInt32(bits & 0x8000) << 16)
  }

  /// Eight bits with 4 of exponent, in the same way, by 2¹²⁰.
  @inline(__always)
  private static func quarter(_ bits: UInt8) -> Float {
    let magnitude = Float(bitPattern: UInt32(bits & 0x7f) << 20) * 0x1p120
    let number = bits & 0x7f == 0x7f ? Float.nan : magnitude
    return bits & 0x80 == 0 ? number : -number
  }
}
