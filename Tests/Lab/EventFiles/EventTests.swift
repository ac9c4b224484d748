import TestSupport
import Testing

@testable import ZerOEventFiles

@Suite struct EventTests {
  /// The checksums are those of TensorBoard's `summary/writer/record_writer.py` for these bytes.
  @Test func `a file's first record, byte for byte`() {
    let event = Event(wallTime: 1.5, step: 0, content: .fileVersion)
    #expect(
      event.record == [26, 0, 0, 0, 0, 0, 0, 0]  // length
        + [0x12, 0x9B, 0xD8, 0x2D]  // its checksum
        + [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]  // wall_time
        + [0x10, 0]  // step
        + [0x1A, 13] + Array("brain.Event:2".utf8)  // file_version
        + [0xD3, 0xDC, 0x53, 0x1E])  // the message's checksum
  }

  @Test func `the start of a session states its step`() {
    let message = Event(wallTime: 0, step: 300, content: .sessionStart).message
    #expect(message.bytes.suffix(7) == [0x10, 0xAC, 0x02, 0x3A, 2, 0x08, 1])
  }

  @Test func `a scalar has value, plugin, description and class`() {
    let value = SummaryValue("a/b", 0, "why")
    #expect(
      value.message.bytes == [0x0A, 3] + Array("a/b".utf8) + [0x15, 0, 0, 0, 0]
        + [0x4A, 18, 0x0A, 9, 0x0A, 7] + Array("scalars".utf8) + [0x1A, 3] + Array("why".utf8)
        + [0x20, 1])
  }

  @Test func `a histogram is a tensor of three columns`() throws {
    let buckets = [HistogramBucket(lower: -1, upper: 0, count: 3)]
    let message = SummaryValue(tag: "h", content: .histogram(buckets)).message.bytes
    let tensor = try #require(protobufFields(message[...]).first { $0.field == 8 })
    #expect(
      Array(tensor.bytes) == [0x08, 2]  // doubles
        + [0x12, 8, 0x12, 2, 0x08, 1, 0x12, 2, 0x08, 3]  // 1 × 3
        + [0x22, 24, 0, 0, 0, 0, 0, 0, 0xF0, 0xBF, 0, 0, 0, 0, 0, 0, 0, 0]
        + [0, 0, 0, 0, 0, 0, 8, 0x40])
  }

  @Test func `values are counted by power of ten, tiny ones together`() {
    let buckets = HistogramBucket.ofLogarithms([2, 1, 1e-11, 1e-20, 0])
    #expect(buckets.first == HistogramBucket(lower: -12, upper: -11.75, count: 2))
    #expect(buckets.last == HistogramBucket(lower: 0.25, upper: 0.5, count: 1))
    #expect(buckets.map(\.count).reduce(0, +) == 5)
    #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0.upper == $1.lower })
    #expect(HistogramBucket.ofLogarithms([]).isEmpty)
    #expect(HistogramBucket.ofLogarithms([0, 0]).map(\.count) == [2])
  }
}
