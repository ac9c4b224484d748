// The identity of a checkpoint's files: a change of any of them makes its results stale.

import Foundation
import ZerOCheckpoints
import ZerOChecksums
import ZerOLinearAlgebra
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The identity of a checkpoint: names, sizes and modification times of its files.
enum FileIdentity {
  /// The version of the computation; results of another version are computed again.
  private static let version = "1"

  /// The digest of a checkpoint's files, and of what else determines the bits of its results.
  ///
  /// - Parameters:
  ///   - archive: The checkpoint.
  ///   - name: Its path relative to the folder of the series.
  /// - Returns: 16 hexadecimal digits.
  /// - Throws: `TensorFileError.unreadable`.
  static func digest(of archive: TensorArchive, name: String) throws(TensorFileError) -> String {
    try digest(of: archive.files, name: name)
  }

  /// The digest of a checkpoint with the given files.
  static func digest(of files: [String], name: String) throws(TensorFileError) -> String {
    var lines = [version, BLAS.kernel, name]
    for path in files {
      let (size, seconds, nanoseconds) = try status(of: path)
      let name = URL(fileURLWithPath: path).lastPathComponent
      lines.append("\(name) \(size) \(seconds) \(nanoseconds)")
    }
    return String(sha256(Array(lines.joined(separator: "\n").utf8)).prefix(16))
  }

  /// The time of the latest change of a checkpoint's files.
  ///
  /// - Throws: `TensorFileError.unreadable`.
  static func latestChange(of files: [String]) throws(TensorFileError) -> Date {
    var latest = Date.distantPast
    for path in files {
      let (_, seconds, nanoseconds) = try status(of: path)
      let change = Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9)
      latest = max(latest, change)
    }
    return latest
  }

  /// The size in bytes and the modification time.
  private static func status(of path: String) throws(TensorFileError)
    -> (size: Int, seconds: Int, nanoseconds: Int)
  {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      throw .unreadable(path: path, reason: systemReason(of: error))
    }
    #if canImport(Glibc)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    return (Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec))
  }
}
