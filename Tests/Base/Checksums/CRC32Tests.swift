import Testing
import ZerOChecksums

@Suite struct CRC32Tests {
  @Test func `CRC-32 has the standard check value, in one part or several`() {
    let text = [UInt8]("123456789".utf8)
    var whole = CRC32()
    unsafe whole.update(text.span.bytes)
    #expect(whole.value == 0xCBF4_3926)
    var parts = CRC32()
    for byte in text { unsafe parts.update([byte].span.bytes) }
    #expect(parts.value == whole.value)
    var changed = CRC32()
    unsafe changed.update([UInt8]("123456788".utf8).span.bytes)
    #expect(changed.value != whole.value)
  }

  @Test func `checksums of consecutive parts give that of the whole`() {
    func checksum(_ text: String) -> CRC32 {
      var checksum = CRC32()
      unsafe checksum.update([UInt8](text.utf8).span.bytes)
      return checksum
    }
    var parts = checksum("1234")
    parts.append(checksum("56789"), ofBytes: 5)
    #expect(parts.value == 0xCBF4_3926)
    var wrong = checksum("1234")
    wrong.append(checksum("56789"), ofBytes: 4)
    #expect(wrong != parts)
  }

  @Test func `no bytes have the checksum 0`() {
    var none = CRC32()
    unsafe none.update([UInt8]().span.bytes)
    #expect(none.value == 0)
  }
}
