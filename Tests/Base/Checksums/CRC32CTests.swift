import Testing
import ZerOChecksums

@Suite struct CRC32CTests {
  /// The examples of RFC 3720, appendix B.4, and the standard check value for the text 123456789.
  private static let examples: [(bytes: [UInt8], checksum: UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
    (Array((0..<32).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283), ([], 0),
  ]

  @Test(arguments: examples)
  func `CRC-32C matches the examples of the standard`(bytes: [UInt8], checksum: UInt32) {
    #expect(crc32c(bytes) == checksum)
  }
}
