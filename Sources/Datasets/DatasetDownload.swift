// Getting a data set from its mirrors.

import Checksums
public import Foundation
import Messages

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

extension DatasetSource {
  /// Downloads the four files, compressed, and keeps those whose contents are the published ones.
  ///
  /// Each file is tried at each mirror in turn. It is written under a temporary name and renamed
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
        let stored = try? readFile(target), (try? Self.check(stored, is: expected)) != nil
      {
        report("\(target.path): already here, contents verified")
        continue
      }
      let bytes = try await Self.download(name + ".gz", from: mirrors, expecting: expected)
      do {
        try Data(bytes).write(to: target, options: .atomic)
      } catch {
        throw .unwritable(path: target.path, reason: systemReason(of: error))
      }
      report("\(target.path): \(bytes.count) bytes, contents verified")
    }
  }

  private static func download(
    _ name: String, from mirrors: [String], expecting sum: String
  ) async throws(DatasetError) -> [UInt8] {
    var reasons: [String] = []
    for mirror in mirrors {
      guard let url = URL(string: "\(mirror)/\(name)"), url.scheme != nil else {
        reasons.append("\(mirror): no address such as https://host/path")
        continue
      }
      do {
        let request = URLRequest(url: url, timeoutInterval: 30)
        let (data, response) = try await URLSession.shared.data(for: request)
        if let response = response as? HTTPURLResponse, response.statusCode != 200 {
          reasons.append("\(mirror): HTTP status \(response.statusCode)")
          continue
        }
        let bytes = [UInt8](data)
        try check(bytes, is: sum)
        return bytes
      } catch let mismatch as ChecksumMismatch {
        reasons.append("\(mirror): \(mismatch.reason)")
      } catch {
        reasons.append("\(mirror): \(error.localizedDescription)")
      }
    }
    throw .downloadFailed(name: name, reasons: reasons)
  }

  private struct ChecksumMismatch: Error {
    let reason: String
  }

  /// Decompresses and compares, since mirrors compress differently.
  private static func check(_ stored: [UInt8], is sum: String) throws(ChecksumMismatch) {
    let contents: [UInt8]
    do {
      contents = try gunzip(stored, limit: IDXFile.maximumBytes)
    } catch {
      throw ChecksumMismatch(reason: "not a sound gzip file (\(error.reason))")
    }
    guard sha256(contents) == sum else {
      throw ChecksumMismatch(reason: "the contents' SHA-256 is not the published one")
    }
  }
}
