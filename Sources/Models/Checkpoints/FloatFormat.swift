// Floating-point formats of stored weights, and conversion from and to `Float` and `Double`.

import ZerOLinearAlgebra
import ZerORequirements

/// The floating-point format of a tensor's values.
public enum FloatFormat: String, CaseIterable, Sendable {
  /// IEEE 754 double precision.
  case float64 = "F64"

  /// IEEE 754 single precision.
  case float32 = "F32"

  /// IEEE 754 half precision: 5 exponent bits, 10 mantissa bits.
  case float16 = "F16"

  /// The upper half of single precision: 8 exponent bits, 7 mantissa bits.
  case bfloat16 = "BF16"

  /// 8-bit float with 5 exponent bits and 2 mantissa bits; has infinities.
  case float8E5M2 = "F8_E5M2"

  /// 8-bit float with 4 exponent bits and 3 mantissa bits. Its largest value is 448; it has no
  /// infinities and one NaN per sign.
  case float8E4M3 = "F8_E4M3"

  /// Bytes per value.
  public var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    case .float8E5M2, .float8E4M3: 1
    }
  }

  /// Stored bits of the mantissa.
  public var mantissaBits: Int {
    switch self {
    case .float64: 52
    case .float32: 23
    case .float16: 10
    case .bfloat16: 7
    case .float8E5M2: 2
    case .float8E4M3: 3
    }
  }

  /// The binary exponent of the smallest normal number; smaller numbers are equally spaced.
  public var smallestExponent: Int {
    switch self {
    case .float64: -1022
    case .float32, .bfloat16: -126
    case .float16, .float8E5M2: -14
    case .float8E4M3: -6
    }
  }

  /// Machine epsilon, the distance from 1 to the next larger number: 2^(−mantissa bits).
  public var epsilon: Double {
    Double(sign: .plus, exponent: -mantissaBits, significand: 1)
  }
}

extension FloatFormat {
  /// Converts little-endian bytes to numbers.
  ///
  /// Conversion to `Double` is exact. Conversion to `Float` rounds only values of type F64.
  ///
  /// - Parameters:
  ///   - bytes: `byteCount` bytes per element of `numbers`.
  ///   - numbers: Overwritten.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func decode<Scalar: MatrixScalar>(_ bytes: RawSpan, into numbers: inout MutableSpan<Scalar>) {
    require(
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
      // In bounds: the requirement above compares the sizes.
      let word = unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: index &* size, as: Word.self)
      numbers[index] = number(Word(littleEndian: word))
      index &+= 1
    }
  }

  /// Converts half precision by moving exponent and mantissa to their places in single precision.
  ///
  /// Multiplication by 2¹¹² then corrects the exponent, also of subnormal numbers. An infinity or
  /// NaN becomes 2¹⁶ or more, which no finite half reaches.
  @inline(__always)
  private static func half(_ bits: UInt16) -> Float {
    let magnitude = Float(bitPattern: UInt32(bits & 0x7fff) << 13) * 0x1p112
    let isFinite = magnitude < 0x1p16
    let pattern = isFinite ? magnitude.bitPattern : magnitude.bitPattern | 0x7f80_0000
    return Float(bitPattern: pattern | UInt32(bits & 0x8000) << 16)
  }

  /// Converts E4M3 in the same way, with the factor 2¹²⁰.
  @inline(__always)
  private static func quarter(_ bits: UInt8) -> Float {
    let magnitude = Float(bitPattern: UInt32(bits & 0x7f) << 20) * 0x1p120
    let number = bits & 0x7f == 0x7f ? Float.nan : magnitude
    return bits & 0x80 == 0 ? number : -number
  }
}

extension FloatFormat {
  /// Rounds values as storing them in this format does.
  ///
  /// - Parameter values: In single precision.
  /// - Returns: The nearest values of this format; ties go to the even mantissa.
  public func rounded(_ values: ContiguousArray<Float>) -> ContiguousArray<Float> {
    guard mantissaBits < FloatFormat.float32.mantissaBits else { return values }
    var bytes: [UInt8] = []
    encode(values.span, appendingTo: &bytes)
    var rounded = ContiguousArray<Float>(repeating: 0, count: values.count)
    var numbers = rounded.mutableSpan
    unsafe decode(bytes.span.bytes, into: &numbers)
    return rounded
  }

  /// Appends values as little-endian bytes, rounded to nearest, ties to even.
  ///
  /// Overflow gives an infinity. `F8_E4M3` has none, so it gives ±448, as PyTorch 2.15 converts to
  /// `float8_e4m3fn` (ml_dtypes gives NaN above 464). NaN stays NaN.
  ///
  /// - Parameters:
  ///   - values: In single precision.
  ///   - bytes: Grows by `byteCount` per value.
  func encode(_ values: Span<Float>, appendingTo bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + byteCount * values.count)
    switch self {
    case .float64: append(values, to: &bytes) { Double($0).bitPattern }
    case .float32: append(values, to: &bytes) { $0.bitPattern }
    case .float16, .bfloat16:
      append(values, to: &bytes) { UInt16(truncatingIfNeeded: narrowed($0)) }
    case .float8E5M2, .float8E4M3:
      append(values, to: &bytes) { UInt8(truncatingIfNeeded: narrowed($0)) }
    }
  }

  @inline(__always)
  private func append<Word: FixedWidthInteger>(
    _ values: Span<Float>, to bytes: inout [UInt8], _ word: (Float) -> Word
  ) {
    for index in values.indices {
      let bits = word(values[index])
      for byte in 0..<MemoryLayout<Word>.size {
        bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte)))
      }
    }
  }

  /// The bits of the nearest number of an 8-bit or 16-bit format.
  private func narrowed(_ value: Float) -> UInt32 {
    let width = UInt32(8 * byteCount)
    let sign = value.sign == .minus ? UInt32(1) << (width - 1) : 0
    return sign | narrowed(magnitude: value.magnitude)
  }

  private func narrowed(magnitude: Float) -> UInt32 {
    // All bits but the sign; all set is a NaN in every format.
    let allBits = UInt32(1) << UInt32(8 * byteCount - 1) - 1
    guard !magnitude.isNaN else { return allBits }
    let fraction = UInt32(mantissaBits)
    let largest = self == .float8E4M3 ? allBits - 1 : (allBits >> fraction) << fraction
    let smallestNormal = Float(sign: .plus, exponent: smallestExponent, significand: 1)
    guard magnitude >= smallestNormal else {
      // The last place of this number is the smallest subnormal number of the format, so the
      // addition rounds.
      let shift = Float(
        sign: .plus, exponent: smallestExponent - mantissaBits + 23, significand: 1)
      return (magnitude + shift).bitPattern - shift.bitPattern
    }
    // Rebias the exponent and round the excess mantissa bits; a carry correctly increments the
    // exponent.
    let dropped = 23 - fraction
    let bits = magnitude.bitPattern - UInt32(126 + smallestExponent) << 23
    let half = UInt32(1) << (dropped - 1) - 1 + (bits >> dropped & 1)
    return min((bits + half) >> dropped, largest)
  }
}
