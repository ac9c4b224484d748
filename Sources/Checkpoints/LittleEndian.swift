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
