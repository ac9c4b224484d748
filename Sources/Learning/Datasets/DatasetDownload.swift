// Download of a data set from its mirrors.

public import Foundation
import ZerOChecksums
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension DatasetSource {
  /// Downloads the four compressed files, and keeps those whose contents have the published
  /// checksums.
  ///
  /// Each file is requested from one mirror after another. A mirror may take ten minutes per file,
  /// may pause for 30 seconds, and may not send more bytes than the file can have. A file is
  /// written under a temporary name and renamed after its checksum has been verified, so a failed
  /// download leaves no file behind.
  ///
  /// - Parameters:
  ///   - folder: The destination, created if it is missing. Valid files in it are kept.
  ///   - mirrors: Base addresses, to which file names are appended.
  ///   - report: Called with one line per file.
  /// - Throws: `DatasetError.downloadFailed`, with the reason for each mirror.
  public func fetch(
    into folder: URL, from mirrors: [String], report: (String) -> Void
  ) throws(DatasetError) {
    let sums = try checksums()
    let created = Self.missingFolders(folder)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: folder.path, reason: systemReason(of: error))
    }
    do {
      try fetchFiles(into: folder, from: mirrors, checksums: sums, report: report)
    } catch {
      // A failure leaves no empty folders: rmdir(2) removes no others.
      for folder in created { unsafe rmdir(folder.path) }
      throw error
    }
  }

  /// The folders of a path that don't exist, innermost first.
  private static func missingFolders(_ folder: URL) -> [URL] {
    var (missing, folder): ([URL], URL) = ([], folder.standardizedFileURL)
    while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path) {
      missing.append(folder)
      folder.deleteLastPathComponent()
    }
    return missing
  }

  private func fetchFiles(
    into folder: URL, from mirrors: [String], checksums sums: [String: String],
    report: (String) -> Void
  ) throws(DatasetError) {
    for name in Self.fileNames {
      let target = folder.appendingPathComponent(name + ".gz")
      let expected = sums[name] ?? ""
      if FileManager.default.fileExists(atPath: target.path),
        let stored = try? readFile(target),
        (try? Self.check(stored, is: expected, for: name)) != nil
      {
        report("\(target.path): already here, contents verified")
        continue
      }
      let bytes = try Self.file(name, from: mirrors, expecting: expected)
      do {
        try Data(bytes).write(to: target, options: .atomic)
      } catch {
        throw .unwritable(path: target.path, reason: systemReason(of: error))
      }
      report("\(target.path): \(bytes.count) bytes, contents verified")
    }
  }

  private static func file(
    _ name: String, from mirrors: [String], expecting sum: String
  ) throws(DatasetError) -> [UInt8] {
    // A compressed file is at most slightly longer than its contents.
    let limits = DownloadLimits(bytes: contentSize(of: name) + 65_536)
    var reasons: [String] = []
    for mirror in mirrors {
      guard let url = URL(string: "\(mirror)/\(name).gz"), url.scheme != nil else {
        reasons.append("\(mirror): not an address such as https://host/path")
        continue
      }
      do {
        let bytes = try download(url.absoluteString, within: limits)
        try check(bytes, is: sum, for: name)
        return bytes
      } catch {
        reasons.append("\(mirror): \(error.reason)")
      }
    }
    throw .downloadFailed(name: name + ".gz", reasons: reasons)
  }

  /// Verifies the decompressed contents, because mirrors compress differently.
  private static func check(_ stored: [UInt8], is sum: String, for name: String)
    throws(DownloadFailure)
  {
    let contents: [UInt8]
    do {
      // One extra byte, so longer contents fail the check.
      contents = try gunzip(stored, limit: contentSize(of: name) + 1)
    } catch {
      throw DownloadFailure(reason: "not a valid gzip file (\(error.reason))")
    }
    guard sha256(contents) == sum else {
      throw DownloadFailure(reason: "the contents' SHA-256 is not the published one")
    }
  }

  /// The size of the decompressed file: a header, then 60 000 or 10 000 images of 28 × 28 or
  /// labels.
  private static func contentSize(of name: String) -> Int {
    let count = name.hasPrefix("train") ? 60_000 : 10_000
    return name.contains("images") ? 16 + 784 * count : 8 + count
  }
}
