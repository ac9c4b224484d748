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
  /// Downloads the four compressed files, or the archive that contains the files, and keeps those
  /// whose contents have the published checksums.
  ///
  /// The files of an archive are unpacked, and their checksums recorded in `SHA256SUMS`.
  /// Each file is requested from one mirror after another. A mirror may take ten minutes per file,
  /// an hour for an archive, may pause for 30 seconds, and may not send more bytes than the file can have. A file is
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
      if let archive {
        try fetch(archive, into: folder, from: mirrors, report: report)
      } else {
        try fetchFiles(into: folder, from: mirrors, checksums: sums, report: report)
      }
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
      // A compressed file is at most slightly longer than its contents.
      let limits = DownloadLimits(bytes: Self.contentSize(of: name) + 65_536)
      let bytes = try Self.file(name + ".gz", from: mirrors, within: limits) {
        (bytes) throws(DownloadFailure) in
        try Self.check(bytes, is: expected, for: name)
        return bytes
      }
      try Self.write(bytes, to: target)
      report("\(target.path): \(bytes.count) bytes, contents verified")
    }
  }

  private func fetch(
    _ archive: PublishedArchive, into folder: URL, from mirrors: [String],
    report: (String) -> Void
  ) throws(DatasetError) {
    let recorded = PublishedArchive.recordedChecksums(in: folder)
    let isComplete = archive.form.names.allSatisfy { name in
      guard let sum = recorded[name] else { return false }
      return (try? readFile(folder.appendingPathComponent(name))).map { sha256($0) == sum } ?? false
    }
    guard !isComplete else {
      for name in archive.form.names {
        report("\(folder.appendingPathComponent(name).path): already here, contents verified")
      }
      return
    }
    let files = try Self.file(
      archive.name, from: mirrors, within: DownloadLimits(bytes: archive.size, total: 3600)
    ) { (bytes) throws(DownloadFailure) in try archive.files(in: bytes) }
    var list = ""
    for (name, contents) in files {
      let bytes = Array(contents)
      let target = folder.appendingPathComponent(name)
      try Self.write(bytes, to: target)
      list += "\(sha256(bytes))  \(name)\n"
      report("\(target.path): \(bytes.count) bytes, contents verified")
    }
    try Self.write(
      Array(list.utf8), to: folder.appendingPathComponent(PublishedArchive.checksumFile))
  }

  private static func write(_ bytes: [UInt8], to target: URL) throws(DatasetError) {
    do {
      try Data(bytes).write(to: target, options: .atomic)
    } catch {
      throw .unwritable(path: target.path, reason: systemReason(of: error))
    }
  }

  /// Downloads a file from the first mirror whose bytes are accepted.
  private static func file<Contents>(
    _ name: String, from mirrors: [String], within limits: DownloadLimits,
    accepting contents: ([UInt8]) throws(DownloadFailure) -> Contents
  ) throws(DatasetError) -> Contents {
    var reasons: [String] = []
    for mirror in mirrors {
      guard let url = URL(string: "\(mirror)/\(name)"), url.scheme != nil else {
        reasons.append("\(mirror): not an address such as https://host/path")
        continue
      }
      do {
        return try contents(try download(url.absoluteString, within: limits))
      } catch {
        reasons.append("\(mirror): \(error.reason)")
      }
    }
    throw .downloadFailed(name: name, reasons: reasons)
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
