// Where the bytes of tensors come from, without holding them: a range is read piece after piece into one buffer.
//
// Files are read and not mapped. A mapped file that somebody cuts short ends the process with a signal and
// without a word, and its pages count as the process's memory; a read returns an error and leaves nothing behind.

/// Bytes that can be read range by range.
protocol ByteSource: Sendable {
  /// How many there are.
  var count: Int { get }

  /// Whether reading a range doesn't read what is before it.
  var isRandomAccess: Bool { get }

  /// Reads a range in consecutive pieces.
  ///
  /// - Parameters:
  ///   - range: Within 0 ..< `count`.
  ///   - body: Gets each piece, of a multiple of 8 bytes but for the last one.
  /// - Throws: `TensorFileError.unreadable`, and what the format of an archive forbids.
  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError)
}

extension ByteSource {
  /// The bytes of a range, in memory.
  func bytes(_ range: Range<Int>) throws(TensorFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    try read(range) { piece in
      unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}

/// How much is read at once: as much as stays in a core's cache until it is converted.
let pieceSize = 1 << 17

/// Bytes that are in memory already.
struct BytesInMemory: ByteSource {
  let bytes: [UInt8]

  var count: Int { bytes.count }
  var isRandomAccess: Bool { true }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    unsafe body(bytes.span.bytes.extracting(range))
  }
}
