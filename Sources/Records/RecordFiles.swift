// The files of records: whole ones replaced in one step, and lines appended one by one.

import DurableFiles
public import Foundation
import Messages

/// Reading and writing the files of records.
public enum RecordFiles {
  /// Replaces a file: it is the old one or the new one, whole, whenever the power goes.
  ///
  /// - Parameters:
  ///   - bytes: The new contents.
  ///   - url: The file; its folder is made if missing.
  /// - Throws: `RecordError.unwritable`.
  public static func write(_ bytes: some Collection<UInt8>, to url: URL) throws(RecordError) {
    do {
      try DurableFile.makeFolder(url.deletingLastPathComponent())
      try DurableFile.replace(url, with: bytes)
    } catch {
      throw .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }

  /// Moves a file or folder aside, to the first free name with a number behind it.
  ///
  /// - Returns: Where it is now, `nil` if there was nothing to move.
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

  /// Writes a value as JSON, keys sorted, a line a field.
  static func writeJSON(_ value: some Encodable, to url: URL) throws(RecordError) {
    let encoder = Self.encoder()
    encoder.outputFormatting.insert(.prettyPrinted)
    let data: Data
    do {
      data = try encoder.encode(value)
    } catch {
      throw .unwritable(path: url.path, reason: error.localizedDescription)
    }
    try write(data + Data("\n".utf8), to: url)
  }

  /// The most bytes of a file that is read whole.
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
