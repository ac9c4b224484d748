// Reading and writing the files of records.

public import Foundation
import ZerODurableFiles
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Functions that read and write the files of records.
public enum RecordFiles {
  /// Replaces a file atomically: after a power failure it is either the old or the new file.
  ///
  /// - Parameters:
  ///   - bytes: The new contents.
  ///   - url: The file; its folder is made if missing. A symbolic link is replaced too, so no file outside the folder
  ///     changes.
  /// - Throws: `RecordError.unwritable`.
  public static func write(_ bytes: some Collection<UInt8>, to url: URL) throws(RecordError) {
    try makeFolder(url.deletingLastPathComponent())
    try replace(url, with: bytes)
  }

  /// Replaces a file of an existing folder atomically: after a power failure it is either the old or the new file.
  ///
  /// - Parameters:
  ///   - url: The file. A symbolic link is replaced too.
  ///   - bytes: The new contents.
  /// - Throws: `RecordError.unwritable`, or `.gone` if the folder no longer exists.
  public static func replace(_ url: URL, with bytes: some Collection<UInt8>) throws(RecordError) {
    do {
      try DurableFile.replace(url, with: bytes, followingLinks: false)
    } catch {
      throw .unwritable(url, error)
    }
  }

  /// Replaces a file named by the user; for a symbolic link, the file that the link points to.
  ///
  /// - Parameters:
  ///   - bytes: The new contents.
  ///   - url: The file; its folder is made if missing.
  /// - Throws: `RecordError.unwritable`.
  public static func write(_ bytes: some Collection<UInt8>, toNamed url: URL) throws(RecordError) {
    try makeFolder(url.deletingLastPathComponent())
    do {
      try DurableFile.replace(url, with: bytes)
    } catch {
      throw .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }

  /// Makes a folder and its parents durably.
  static func makeFolder(_ folder: URL) throws(RecordError) {
    do {
      try DurableFile.makeFolder(folder)
    } catch {
      throw .unwritable(path: folder.path, reason: systemReason(of: error))
    }
  }

  /// Whether an open file is the file at a path.
  static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    return unsafe fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
      && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }

  /// Renames a file or folder to the first free name with the suffix `.before-` and a number.
  ///
  /// - Returns: The new place, `nil` if there was nothing to move.
  /// - Throws: `RecordError.unwritable`.
  public static func moveAside(_ url: URL) throws(RecordError) -> URL? {
    let files = FileManager.default
    guard files.fileExists(atPath: url.path) else { return nil }
    let names = (1...).lazy.map { number in
      url.deletingLastPathComponent().appendingPathComponent(
        "\(url.lastPathComponent).before-\(number)")
    }
    guard let target = names.first(where: { !files.fileExists(atPath: $0.path) }) else {
      return nil
    }
    do {
      try files.moveItem(at: url, to: target)
    } catch {
      throw .unwritable(path: target.path, reason: systemReason(of: error))
    }
    return target
  }

  /// Writes a value as JSON with sorted keys, one field per line.
  static func writeJSON(_ value: some Encodable, to url: URL) throws(RecordError) {
    let encoder = Self.encoder()
    encoder.outputFormatting.insert(.prettyPrinted)
    let data: Data
    do {
      data = try encoder.encode(value)
    } catch {
      throw .unwritable(path: url.path, reason: error.localizedDescription)
    }
    try replace(url, with: data + Data("\n".utf8))
  }

  /// The limit on the bytes of a file that is read at once.
  private static let sizeLimit = 16 << 20

  /// Reads a value from JSON.
  static func readJSON<Value: Decodable>(_ type: Value.Type, from url: URL)
    throws(RecordError) -> Value
  {
    let bytes = try RecordInput(url).readAll(atMost: sizeLimit)
    return try decode(type, Data(bytes), url: url, line: nil)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data, url: URL, line: Int?)
    throws(RecordError) -> Value
  {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      return try decoder.decode(type, from: data)
    } catch {
      throw .malformed(path: url.path, line: line, reason: jsonReason(of: error, in: data))
    }
  }

  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return encoder
  }
}
