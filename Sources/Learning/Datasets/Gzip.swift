// Decompression through zlib, with a bound on what may come out.

internal import CZlib

/// Why a gzip stream gave no data.
struct GzipFailure: Error {
  let reason: String
}

/// Whether the bytes begin like a gzip stream.
func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

/// Decompresses a gzip stream, several members one after another included.
///
/// - Parameters:
///   - bytes: The whole stream.
///   - limit: At most so many bytes are produced; then decompression stops without an error, so
///     that a small file can't fill the memory.
/// - Returns: The uncompressed bytes, at most `limit`.
/// - Throws: `GzipFailure` when the stream is damaged or ends early before `limit` is reached.
func gunzip(_ bytes: [UInt8], limit: Int) throws(GzipFailure) -> [UInt8] {
  // zlib remembers where its stream lies, so it must not move between calls.
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  unsafe stream.initialize(to: z_stream())
  defer { unsafe stream.deallocate() }
  let version = unsafe zlibVersion()
  // 15 bits of window, plus 16: a gzip header and its checksum are expected.
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
      throw GzipFailure(reason: "it breaks off after \(bytes.count) bytes")
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw GzipFailure(reason: message ?? "zlib error \(status)")
    }
  }
  return output
}
