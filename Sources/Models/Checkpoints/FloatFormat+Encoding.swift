// From numbers in single precision to the bytes of a file: to the nearest number that the format has, of two
// equally near ones to the one whose last bit is 0.

extension FloatFormat {
  /// What values become when they are stored and read again.
  ///
  /// - Parameter values: In single precision.
  /// - Returns: The nearest numbers that the format has; the same values where it has them all.
  public func rounded(_ values: ContiguousArray<Float>) -> ContiguousArray<Float> {
    guard fractionBits < FloatFormat.float32.fractionBits else { return values }
    var bytes: [UInt8] = []
    encode(values.span, appendingTo: &bytes)
    var rounded = ContiguousArray<Float>(repeating: 0, count: values.count)
    var numbers = rounded.mutableSpan
    unsafe decode(bytes.span.bytes, into: &numbers)
    return rounded
  }

  /// Writes values, least significant byte first.
  ///
  /// What is too large becomes an infinity, except in `F8_E4M3`, which has none: it becomes ±448, as PyTorch
  /// converts to `float8_e4m3fn` (2.15; ml_dtypes has NaN beyond 464). NaN stays NaN.
  ///
  /// - Parameters:
  ///   - values: In single precision.
  ///   - bytes: Gets `byteCount` more for each value.
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

  /// The bits of the nearest number of a format of two bytes or one.
  private func narrowed(_ value: Float) -> UInt32 {
    let width = UInt32(8 * byteCount)
    let sign = value.sign == .minus ? UInt32(1) << (width - 1) : 0
    return sign | narrowed(magnitude: value.magnitude)
  }

  private func narrowed(magnitude: Float) -> UInt32 {
    // The bits of the sign's neighbors: all of them set are a NaN in every format.
    let allBits = UInt32(1) << UInt32(8 * byteCount - 1) - 1
    guard !magnitude.isNaN else { return allBits }
    let fraction = UInt32(fractionBits)
    let largest = self == .float8E4M3 ? allBits - 1 : (allBits >> fraction) << fraction
    let smallestNormal = Float(sign: .plus, exponent: smallestExponent, significand: 1)
    guard magnitude >= smallestNormal else {
      // A number whose last place is the format's smallest number: the addition rounds.
      let shift = Float(
        sign: .plus, exponent: smallestExponent - fractionBits + 23, significand: 1)
      return (magnitude + shift).bitPattern - shift.bitPattern
    }
    // The exponent counts from another number, and the bits that the format lacks are rounded away; a carry goes
    // into the exponent, as it should.
    let dropped = 23 - fraction
    let bits = magnitude.bitPattern - UInt32(126 + smallestExponent) << 23
    let half = UInt32(1) << (dropped - 1) - 1 + (bits >> dropped & 1)
    return min((bits + half) >> dropped, largest)
  }
}
