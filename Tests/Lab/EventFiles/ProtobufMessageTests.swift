import Testing

@testable import ZerOEventFiles

@Suite struct ProtobufMessageTests {
  private func bytes(_ fill: (inout ProtobufMessage) -> Void) -> [UInt8] {
    var message = ProtobufMessage()
    fill(&message)
    return message.bytes
  }

  @Test func `the examples of the format's documentation`() {
    #expect(bytes { $0.add(1, integer: 150) } == [0x08, 0x96, 0x01])
    #expect(
      bytes { $0.add(2, text: "testing") } == [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    #expect(
      bytes { $0.add(3) { $0.add(1, integer: 150) } } == [0x1A, 0x03, 0x08, 0x96, 0x01])
    #expect(
      bytes { $0.add(1, integer: -2) } == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [1])
  }

  @Test func `fixed-width numbers are little-endian`() {
    #expect(bytes { $0.add(1, double: 1.5) } == [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
    #expect(bytes { $0.add(2, float: -2) } == [0x15, 0, 0, 0, 0xC0])
  }

  @Test func `default values are written, and field numbers above 15 have longer keys`() {
    #expect(bytes { $0.add(2, float: 0) } == [0x15, 0, 0, 0, 0])
    #expect(bytes { $0.add(16, integer: 0) } == [0x80, 0x01, 0])
    #expect(bytes { $0.add(1, bytes: []) } == [0x0A, 0])
  }

  @Test func `lengths above 127 take more than one byte`() {
    let message = bytes { $0.add(1, bytes: [UInt8](repeating: 7, count: 300)) }
    #expect(message.prefix(3) == [0x0A, 0xAC, 0x02] && message.count == 303)
  }
}
