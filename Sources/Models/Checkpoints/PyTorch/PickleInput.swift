// Reads the bytes of a pickle, forward and through a buffer.

/// A position in a source of bytes.
struct PickleInput {
  /// The file's name in errors.
  let path: String

  /// The offset of the next byte in the source.
  private(set) var position: Int

  private let source: any ByteSource
  private var buffer: [UInt8] = []
  private var place = 0

  /// Bytes per read; `data.pkl` of a small model fits.
  private static let bufferSize = 1 << 15

  /// Begins at an offset of a source with random access.
  init(_ source: any ByteSource, at position: Int = 0, path: String) {
    self.source = source
    self.position = position
    self.path = path
  }

  /// The number of bytes after the position.
  var remaining: Int { source.count - position }

  /// The next byte.
  mutating func byte() throws(TensorFileError) -> UInt8 {
    if place == buffer.count { try refill() }
    defer {
      place += 1
      position += 1
    }
    return buffer[place]
  }

  /// The next bytes, whose number is compared with the rest of the source before memory is
  /// allocated.
  mutating func bytes(_ count: UInt64) throws(TensorFileError) -> [UInt8] {
    guard count <= UInt64(remaining) else { throw truncated() }
    let count = Int(count)
    let end = place + count
    if end <= buffer.count {
      defer {
        place = end
        position += count
      }
      return Array(buffer[place..<end])
    }
    let bytes = try source.bytes(position..<position + count)
    position += count
    (buffer, place) = ([], 0)
    return bytes
  }

  /// The next bytes as a little-endian number.
  mutating func number(bytes count: Int) throws(TensorFileError) -> UInt64 {
    var number: UInt64 = 0
    for index in 0..<count { number |= UInt64(try byte()) << UInt64(8 * index) }
    return number
  }

  /// The largest number of bytes of a name.
  static let longestLine = 1 << 12

  /// The text before the next line break, which is removed.
  mutating func line() throws(TensorFileError) -> String {
    var bytes: [UInt8] = []
    while true {
      let byte = try byte()
      if byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
      guard bytes.count <= Self.longestLine else {
        throw malformed("a name of more than \(Self.longestLine) bytes before byte \(position)")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed("a name that is not UTF-8 before byte \(position)")
    }
    return text
  }

  /// Passes over bytes, at most `remaining`.
  mutating func skip(_ count: Int) {
    position += count
    place = min(buffer.count, place + count)
    if place == buffer.count { (buffer, place) = ([], 0) }
  }

  /// An error about the pickle.
  func malformed(_ reason: String) -> TensorFileError {
    .malformed(path: path, format: "PyTorch", reason: reason)
  }

  private func truncated() -> TensorFileError {
    malformed("its pickle is truncated at byte \(position) of \(source.count)")
  }

  private mutating func refill() throws(TensorFileError) {
    let end = min(source.count, position + Self.bufferSize)
    guard position < end else { throw truncated() }
    buffer = try source.bytes(position..<end)
    place = 0
  }
}
