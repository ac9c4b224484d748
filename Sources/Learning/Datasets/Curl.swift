// Downloads of one file through the program curl, with limits on size and time: the server is
// untrusted.
//
// Foundation's downloads buffer unread bytes in memory and decode content encodings without a
// limit. A server that sent endlessly used 1.4 GB before the download could be stopped. A pipe
// buffers 64 KiB.

import Foundation
import ZerOMessages

/// Limits on the size and duration of a download.
struct DownloadLimits {
  /// The maximum number of bytes.
  var bytes: Int

  /// The maximum time without data, in whole seconds.
  var silence = 30

  /// The maximum time for the whole file, in whole seconds.
  var total = 600
}

/// The reason why a download failed.
struct DownloadFailure: Error {
  let reason: String
}

/// Downloads a file into memory.
///
/// - Parameters:
///   - address: An HTTP or HTTPS address; redirects to such addresses are followed.
///   - limits: Limits on size and time.
/// - Returns: The bytes as they were sent.
/// - Throws: `DownloadFailure`, also for a status other than 200.
func download(_ address: String, within limits: DownloadLimits) throws(DownloadFailure) -> [UInt8] {
  let process = Process()
  let (output, errors) = (Pipe(), Pipe())
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [
    "curl", "--disable", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "5",
    "--proto", "=http,https", "--globoff", "--max-time", "\(limits.total)",
    "--connect-timeout", "\(limits.silence)", "--speed-limit", "1",
    "--speed-time", "\(limits.silence)", "--", address,
  ]
  process.standardOutput = output
  process.standardError = errors
  do { try process.run() } catch { throw DownloadFailure(reason: systemReason(of: error)) }
  var bytes: [UInt8] = []
  while bytes.count <= limits.bytes,
    let part = try? output.fileHandleForReading.read(upToCount: 1 << 16), !part.isEmpty
  {
    bytes += part
  }
  if bytes.count > limits.bytes {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    throw DownloadFailure(
      reason: "the server sent more than the \(limits.bytes) bytes that the file can have")
  }
  // At most one line, which fits into the pipe.
  let reason = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    .trimmingCharacters(in: .whitespacesAndNewlines)
  process.waitUntilExit()
  switch process.terminationStatus {
  case 0: return bytes
  case 127: throw DownloadFailure(reason: "the program curl is missing; install it")
  default:
    throw DownloadFailure(
      reason: reason.isEmpty ? "curl ended with \(process.terminationStatus)" : reason.inOneLine)
  }
}
