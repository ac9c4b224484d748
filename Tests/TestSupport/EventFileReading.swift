// A small reader of TensorBoard's event files, for the facts that tests check.

package import Foundation

/// The facts about an event that tests check.
package struct ReadEvent: Equatable {
  /// The number of updates.
  package var step = 0

  /// The version of the file; only the first event contains it.
  package var fileVersion: String?

  /// Whether the event starts a session.
  package var isSessionStart = false

  /// The scalars by tag.
  package var scalars: [String: Float] = [:]

  /// The tags of all other values: images, histograms, hyper-parameters.
  package var otherTags: Set<String> = []
}

/// Reads an event file up to the first incomplete record, without verifying checksums.
package func readEvents(_ url: URL) throws -> [ReadEvent] {
  var rest = ArraySlice([UInt8](try Data(contentsOf: url)))
  var events: [ReadEvent] = []
  while rest.count >= 16 {
    let length = Int(littleEndian(rest.prefix(8)))
    guard rest.count >= length + 16 else { break }
    events.append(event(rest.dropFirst(12).prefix(length)))
    rest = rest.dropFirst(length + 16)
  }
  return events
}

/// The fields of a Protocol Buffers message in order; a number is returned as its bits.
package func protobufFields(_ message: ArraySlice<UInt8>)
  -> [(field: Int, number: UInt64, bytes: ArraySlice<UInt8>)]
{
  var rest = message
  var fields: [(Int, UInt64, ArraySlice<UInt8>)] = []
  func varint() -> UInt64 {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    return value
  }
  while !rest.isEmpty {
    let key = varint()
    let length: Int
    switch key & 7 {
    case 0:
      fields.append((Int(key >> 3), varint(), []))
      continue
    case 1: length = 8
    case 5: length = 4
    default: length = Int(varint())
    }
    let bytes = rest.prefix(length)
    rest = rest.dropFirst(length)
    fields.append((Int(key >> 3), littleEndian(bytes.prefix(8)), bytes))
  }
  return fields
}

private func event(_ message: ArraySlice<UInt8>) -> ReadEvent {
  var event = ReadEvent()
  for (field, number, bytes) in protobufFields(message) {
    switch field {
    case 2: event.step = Int(number)
    case 3: event.fileVersion = String(decoding: bytes, as: UTF8.self)
    case 5:
      for (_, _, value) in protobufFields(bytes) {
        let parts = protobufFields(value)
        let tag = String(decoding: parts.first { $0.field == 1 }?.bytes ?? [], as: UTF8.self)
        if let scalar = parts.first(where: { $0.field == 2 }) {
          event.scalars[tag] = Float(bitPattern: UInt32(scalar.number))
        } else {
          event.otherTags.insert(tag)
        }
      }
    case 7: event.isSessionStart = protobufFields(bytes).first?.number == 1
    default: break
    }
  }
  return event
}

private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
