// One file from an address that may answer with anything, or with nothing for ever, through the program curl.
//
// Foundation's own downloads hold in memory what nobody has read yet, and undo a content encoding without a limit: a
// mirror that sends without end took 1.4 GB before it could be cut short. A pipe holds 64 KiB.

import Foundation
import Messages

/// How long a download may be, and take.
struct DownloadLimits {
  /// The most bytes.
  var bytes: Int

  /// The longest time without a byte, in whole seconds.
  var silence = 30

  /// The longest time for the whole file, in whole seconds.
  var total = 600
}

/// Why there is no file, in words.
struct DownloadFailure: Error {
  let reason: String
}

/// Downloads a file into memory.
///
/// - Parameters:
///   - address: Of HTTP or HTTPS; redirections to such addresses are followed.
///   - limits: What is waited for.
/// - Returns: Its bytes as they were sent.
/// - Throws: `DownloadFailure`, also for an answer other than 200.
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
    throw DownloadFailure(reason: "more than the \(limits.bytes) bytes that the file can have")
  }
  // Not more than a line, which the pipe holds.
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
