import ZerOChecksums

/// One record of an event file.
///
/// The field numbers are defined in TensorFlow's `event.proto`.
struct Event: Equatable, Sendable {
  /// The content of an event.
  enum Content: Equatable, Sendable {
    /// The version, which starts a file.
    case fileVersion

    /// The start of a session; it invalidates this step and later ones in earlier files.
    case sessionStart

    /// Values of several series.
    case summary([SummaryValue])
  }

  /// Seconds since 1970.
  let wallTime: Double

  /// The number of updates.
  ///
  /// TensorBoard calls it the step.
  let step: Int

  /// The content.
  let content: Content

  /// The event as a message.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, double: wallTime)
    message.add(2, integer: step)
    switch content {
    case .fileVersion: message.add(3, text: "brain.Event:2")
    case .sessionStart: message.add(7) { $0.add(1, integer: 1) }
    case .summary(let values):
      message.add(5) { summary in
        for value in values { summary.add(1, bytes: value.message.bytes) }
      }
    }
    return message
  }

  /// The event in file format: length, checksum of the length, message, checksum of the message.
  ///
  /// Reference: TensorFlow, `lib/io/record_writer.cc`.
  var record: [UInt8] {
    let body = message.bytes
    let length = UInt64(body.count).littleEndianBytes
    return length + Self.maskedChecksum(length) + body + Self.maskedChecksum(body)
  }

  /// A CRC-32C, rotated and offset, because checksums of data that contain checksums would be weak.
  private static func maskedChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let checksum = crc32c(bytes)
    return ((checksum >> 15 | checksum << 17) &+ 0xA282_EAD8).littleEndianBytes
  }
}
