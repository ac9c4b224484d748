// The byte order of both formats.

/// Appends 32-bit floats, least significant byte first.
func appendLittleEndian(_ values: ContiguousArray<Float>, to bytes: inout [UInt8]) {
  for value in values {
    let bits = value.bitPattern
    bytes.append(UInt8(truncatingIfNeeded: bits))
    bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
    bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
  }
}

/// Reads 32-bit floats, least significant byte first.
///
/// - Parameter bytes: Four a value.
/// - Returns: The values.
func littleEndianFloats(_ bytes: ArraySlice<UInt8>) -> ContiguousArray<Float> {
  let source = bytes.span
  return ContiguousArray(
    (0..<bytes.count / 4).map { index in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(source[4 * index + $1]) << (8 * $1) }
      return Float(bitPattern: bits)
    })
}
