// Encoding of Protocol Buffers; events need only four rules of the format.

/// A message, built field by field.
///
/// Every field is written, even with its default value: in a `oneof`, omitting the default would
/// omit the choice. A repeated field is added several times.
///
/// Reference: "Encoding", Protocol Buffers documentation, protobuf.dev/programming-guides/encoding.
struct ProtobufMessage: Equatable, Sendable {
  /// The encoded message.
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// Adds an `int32`, an `int64` or an enumeration value; a negative number takes ten bytes.
  mutating func add(_ field: UInt64, integer: Int) {
    addKey(field, .varint)
    addVarint(UInt64(bitPattern: Int64(integer)))
  }

  /// Adds a `double`.
  mutating func add(_ field: UInt64, double: Double) {
    addKey(field, .fixed64)
    bytes += double.bitPattern.littleEndianBytes
  }

  /// Adds a `float`.
  mutating func add(_ field: UInt64, float: Float) {
    addKey(field, .fixed32)
    bytes += float.bitPattern.littleEndianBytes
  }

  /// Adds a `bytes`.
  mutating func add(_ field: UInt64, bytes: [UInt8]) {
    addKey(field, .lengthDelimited)
    addVarint(UInt64(bytes.count))
    self.bytes += bytes
  }

  /// Adds a `string`.
  mutating func add(_ field: UInt64, text: String) { add(field, bytes: Array(text.utf8)) }

  /// Adds a nested message.
  mutating func add(_ field: UInt64, _ fill: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    fill(&message)
    add(field, bytes: message.bytes)
  }

  private mutating func addKey(_ field: UInt64, _ type: WireType) {
    addVarint(field << 3 | type.rawValue)
  }

  /// Writes seven bits per byte, lowest first; all bytes but the last have the highest bit set.
  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension FixedWidthInteger {
  /// The bytes, least significant first.
  var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
  }
}
