// Getting a data set from its mirrors.

import Checksums
public import Foundation
import Messages

extension DatasetSource {
  /// Downloads the four files, compressed, and keeps those whose contents are the published ones.
  ///
  /// Each file is tried at each mirror in turn, which has ten minutes, may be silent for 30 seconds, and may send no
  /// more than the file can have. It is written under a temporary name and renamed
  /// once its checksum is right, so a broken download leaves nothing behind.
  ///
  /// - Parameters:
  ///   - folder: Made if missing. Sound files that are already there are kept.
  ///   - mirrors: Base addresses; file names are appended.
  ///   - report: Gets a line for each file.
  /// - Throws: `DatasetError.downloadFailed` with every mirror's reason.
  public func fetch(
    into folder: URL, from mirrors: [String], report: (String) -> Void
  ) async throws(DatasetError) {
    try await fetch(
      into: folder, from: mirrors, within: BoundedDownload.Limits(bytes: .max), report: report)
  }

  /// The same with limits of its own.
  func fetch(
    into folder: URL, from mirrors: [String], within limits: BoundedDownload.Limits,
    report: (String) -> Void
  ) async throws(DatasetError) {
    let sums = try checksums()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: folder.path, reason: systemReason(of: error))
    }
    for name in Self.fileNames {
      let target = folder.appendingPathComponent(name + ".gz")
      let expected = sums[name] ?? ""
      if FileManager.default.fileExists(atPath: target.path),
        let stored = try? readFile(target), (try? check(stored, is: expected, for: name)) != nil
      {
        report("\(target.path): already here, contents verified")
        continue
      }
      // Compressed, a file is at most a little longer than its contents.
      var limits = limits
      let size = Self.contentSizes[name] ?? IDXFile.maximumBytes
      limits.bytes = min(limits.bytes, size + 65_536)
      let bytes = try await download(
        name, from: mirrors, expecting: expected, within: limits)
      do {
        try Data(bytes).write(to: target, options: .atomic)
      } catch {
        throw .unwritable(path: target.path, reason: systemReason(of: error))
      }
      report("\(target.path): \(bytes.count) bytes, contents verified")
    }
  }

  private func download(
    _ name: String, from mirrors: [String], expecting sum: String,
    within limits: BoundedDownload.Limits
  ) async throws(DatasetError) -> [UInt8] {
    var reasons: [String] = []
    for mirror in mirrors {
      guard let url = URL(string: "\(mirror)/\(name).gz"), url.scheme != nil else {
        reasons.append("\(mirror): no address such as https://host/path")
        continue
      }
      do {
        let bytes = try await BoundedDownload.bytes(of: url, limits)
        try check(bytes, is: sum, for: name)
        return bytes
      } catch let failure as BoundedDownload.Failure {
        reasons.append("\(mirror): \(failure.reason)")
      } catch let mismatch as ChecksumMismatch {
        reasons.append("\(mirror): \(mismatch.reason)")
      } catch {
        reasons.append("\(mirror): \(error)")
      }
    }
    throw .downloadFailed(name: name + ".gz", reasons: reasons)
  }

  private struct ChecksumMismatch: Error {
    let reason: String
  }

  /// Decompresses and compares, since mirrors compress differently.
  private func check(_ stored: [UInt8], is sum: String, for name: String)
    throws(ChecksumMismatch)
  {
    let contents: [UInt8]
    do {
      // One byte more, so that longer contents are seen to be others.
      contents = try gunzip(stored, limit: (Self.contentSizes[name] ?? IDXFile.maximumBytes) + 1)
    } catch {
      throw ChecksumMismatch(reason: "not a valid gzip file (\(error.reason))")
    }
    guard sha256(contents) == sum else {
      throw ChecksumMismatch(reason: "the contents' SHA-256 is not the published one")
    }
  }
}
