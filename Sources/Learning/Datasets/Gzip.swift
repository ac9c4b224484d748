// Decompression with zlib, with a limit on the output.

internal import CZlib

/// The reason why a gzip stream cannot be decompressed.
struct GzipFailure: Error {
  let reason: String
}

/// Whether bytes start like a gzip stream.
func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

/// Decompresses a gzip stream, which may have several members.
///
/// - Parameters:
///   - bytes: The whole stream.
///   - limit: The maximum number of bytes to produce. Decompression stops there without an error,
///     so a small file cannot exhaust memory.
/// - Returns: The uncompressed bytes, at most `limit`.
/// - Throws: `GzipFailure` if the stream is damaged, or ends before `limit` bytes.
func gunzip(_ bytes: [UInt8], limit: Int) throws(GzipFailure) -> [UInt8] {
  // zlib stores the address of its stream, which must therefore not move between calls.
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  unsafe stream.initialize(to: z_stream())
  defer { unsafe stream.deallocate() }
  let version = unsafe zlibVersion()
  // A window of 15 bits; adding 16 selects the gzip format with header and checksum.
  guard
    unsafe inflateInit2_(stream, 15 + 16, version, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { throw GzipFailure(reason: "zlib did not start") }
  defer { _ = unsafe inflateEnd(stream) }

  var input = bytes
  var output: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 18)
  var consumed = 0
  while output.count < limit {
    let (status, taken, produced) = unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe chunk.withUnsafeMutableBufferPointer { target in
        let available = UInt32(clamping: source.count - consumed)
        let room = UInt32(target.count)
        unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + consumed }
        unsafe stream.pointee.avail_in = available
        unsafe stream.pointee.next_out = target.baseAddress
        unsafe stream.pointee.avail_out = room
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        return unsafe (
          status, Int(available - stream.pointee.avail_in), Int(room - stream.pointee.avail_out)
        )
      }
    }
    consumed += taken
    output.append(contentsOf: chunk.prefix(min(produced, limit - output.count)))
    switch status {
    case Z_STREAM_END:
      guard consumed < bytes.count else { return output }
      _ = unsafe inflateReset(stream)
    case Z_OK where taken > 0 || produced > 0:
      continue
    case Z_OK, Z_BUF_ERROR:
      throw GzipFailure(reason: "truncated after \(bytes.count) bytes")
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw GzipFailure(reason: message ?? "zlib error \(status)")
    }
  }
  return output
}
