// CRC-32 for zip archives: through libdeflate, and through zlib for parts that are joined.

internal import CDeflate
internal import CZlib

/// The CRC-32 checksum of bytes that arrive in parts: the cyclic redundancy check of zip archives.
///
/// Reference: ITU-T V.42 (2002), section 8.1.1.6.2; PKWARE, "APPNOTE.TXT", section 4.4.7.
public struct CRC32: Equatable, Sendable {
  /// The checksum of all bytes so far, 0 for no bytes.
  public private(set) var value: UInt32 = 0

  /// Starts with no bytes.
  public init() {}

  /// Adds bytes.
  ///
  /// - Parameter bytes: Any number of bytes.
  public mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      value = unsafe libdeflate_crc32(value, start, buffer.count)
    }
  }

  /// Appends the checksum of the bytes that follow.
  ///
  /// - Parameters:
  ///   - next: The checksum of the next bytes alone.
  ///   - count: The number of these bytes.
  /// - Complexity: O(log count).
  public mutating func append(_ next: CRC32, ofBytes count: Int) {
    value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(next.value), count))
  }
}
