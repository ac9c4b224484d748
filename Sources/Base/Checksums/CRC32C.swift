// CRC-32C from a table, since Debian 12 packages no C library for it.

/// The CRC-32C checksum: the cyclic redundancy check with Castagnoli's polynomial, 0x1EDC6F41.
///
/// Reference: RFC 3720 (2004), appendix B.4.
///
/// - Parameter bytes: Any number of bytes.
/// - Returns: The checksum, 0 for no bytes.
public func crc32c(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { $0 >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
}

/// The remainder of each byte, lowest bit first.
private let remainders: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { remainder, _ in
    remainder >> 1 ^ (remainder & 1 == 1 ? 0x82F6_3B78 : 0)
  }
}
