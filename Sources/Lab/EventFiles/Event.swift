// What an event file is made of.

import Checksums

/// One record of an event file.
///
/// Field numbers are those of TensorFlow's `event.proto`.
struct Event: Equatable, Sendable {
  /// What it says.
  enum Content: Equatable, Sendable {
    /// The file's first words.
    case fileVersion

    /// A session begins: what earlier files have of this step and later ones no longer holds.
    case sessionStart

    /// Values.
    case summary([SummaryValue])
  }

  /// Seconds since 1970.
  let wallTime: Double

  /// The number of updates made.
  let step: Int

  /// What it says.
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

  /// The event as it is in a file: its length, the length's checksum, the message, the message's checksum.
  ///
  /// Reference: TensorFlow, `lib/io/record_writer.cc`.
  var record: [UInt8] {
    let body = message.bytes
    let length = UInt64(body.count).littleEndianBytes
    return length + Self.maskedChecksum(length) + body + Self.maskedChecksum(body)
  }

  /// A CRC-32C, turned and shifted: checksums of bytes that hold checksums would be weak.
  private static func maskedChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let checksum = crc32c(bytes)
    return ((checksum >> 15 | checksum << 17) &+ 0xA282_EAD8).littleEndianBytes
  }
}
