// Archives of published data sets, as `tar` and gzip write them.

import Foundation
import ZerOChecksums

/// A published archive of the files of CIFAR.
struct PublishedArchive: Sendable {
  /// The files that the archive contains.
  let form: CIFARFiles

  /// The name of the archive, which is appended to the address of a mirror.
  let name: String

  /// The size of the archive in bytes.
  let size: Int

  /// SHA-256 of the archive.
  let sha256: String

  /// The number of training images.
  let train: Int

  /// The number of test images.
  let test: Int

  /// The list that `zerolab data fetch` writes beside the files, from a verified archive.
  static let checksumFile = "SHA256SUMS"

  /// The archives of the University of Toronto, with the checksums of TensorFlow Datasets (CIFAR-10) and MLDatasets.jl (CIFAR-100).
  static let cifar10 = PublishedArchive(
    form: .ten, name: "cifar-10-binary.tar.gz", size: 170_052_171,
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", train: 50_000,
    test: 10_000)
  static let cifar100 = PublishedArchive(
    form: .hundred, name: "cifar-100-binary.tar.gz", size: 168_513_733,
    sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", train: 50_000,
    test: 10_000)

  /// The files of the data set in the archive, after its checksum has been compared.
  ///
  /// - Parameter stored: The bytes of the archive.
  /// - Returns: The contents by name.
  /// - Throws: `DownloadFailure`.
  func files(in stored: [UInt8]) throws(DownloadFailure) -> [(
    name: String, contents: ArraySlice<UInt8>
  )] {
    guard ZerOChecksums.sha256(stored) == sha256 else {
      throw DownloadFailure(reason: "the archive's SHA-256 is not the published one")
    }
    // Headers and other members need less than 1 MB.
    let limit = (train + test) * form.recordSize + 1 << 20
    let tape: [UInt8]
    do {
      tape = try gunzip(stored, limit: limit)
    } catch {
      throw DownloadFailure(reason: "not a valid gzip file (\(error.reason))")
    }
    let members = tarMembers(tape)
    var files: [(name: String, contents: ArraySlice<UInt8>)] = []
    for name in form.names {
      guard let member = members.first(where: { $0.name == "\(form.archiveFolder)/\(name)" }) else {
        throw DownloadFailure(reason: "the archive does not contain \(name)")
      }
      files.append((name, tape[member.range]))
    }
    return files
  }

  /// The checksums that `zerolab data fetch` recorded in a folder; empty if there are none.
  static func recordedChecksums(in folder: URL) -> [String: String] {
    let list = try? readFile(folder.appendingPathComponent(checksumFile))
    return checksums(inList: String(decoding: list ?? [], as: UTF8.self))
  }
}

/// The checksums in a list as `sha256sum` writes it, by file name.
func checksums(inList text: String) -> [String: String] {
  let pairs = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  return Dictionary(
    pairs.filter { $0.count == 2 }.map { ($0[1], $0[0]) }, uniquingKeysWith: { first, _ in first })
}

/// The regular files of a tar archive; a damaged header ends the list.
///
/// ```
/// name, 100 bytes | … | size, 12 octal digits, at 124 | … | type at 156 | contents, padded to 512 bytes
/// ```
///
/// Reference: IEEE Std 1003.1-2017, pax, "ustar Interchange Format".
func tarMembers(_ tape: [UInt8]) -> [(name: String, range: Range<Int>)] {
  var members: [(name: String, range: Range<Int>)] = []
  var position = 0
  while position + 512 <= tape.count {
    func text(_ places: Range<Int>) -> String {
      let bytes = tape[position + places.lowerBound..<position + places.upperBound]
      return String(decoding: bytes.prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
    }
    guard let size = Int(text(124..<136), radix: 8), size >= 0 else { break }
    let start = position + 512
    guard size <= tape.count - start else { break }
    if [0, UInt8(ascii: "0")].contains(tape[position + 156]) {
      members.append((text(0..<100), start..<start + size))
    }
    position = start + (size + 511) / 512 * 512
  }
  return members
}
