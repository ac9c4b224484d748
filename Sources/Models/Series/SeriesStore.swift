// ranks.jsonl: the rows of a series, which a later call continues.

public import Foundation
import Synchronization
import ZerODurableFiles
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder of a series' results, with the rows that are done.
///
/// Each row is one write to the end of `ranks.jsonl`, so a killed process leaves at most one incomplete line, the last,
/// which is cut off. `arrange` replaces the file atomically by one whose rows are in order. Only one process may use the
/// folder at a time.
public final class SeriesStore: Sendable {
  /// The folder.
  public let folder: URL

  /// The file of rows.
  public var file: URL { folder.appendingPathComponent("ranks.jsonl") }

  /// A row's place: one matrix in one checkpoint.
  ///
  /// A training may write each checkpoint to the same file, with another step inside.
  struct Place: Hashable {
    let checkpoint: String
    let step: Int
    let matrix: String

    init(_ row: SeriesRow) {
      (checkpoint, step, matrix) = (row.checkpoint, row.step, row.matrix)
    }

    init(_ checkpoint: SeriesCheckpoint, matrix: String) {
      (self.checkpoint, step, self.matrix) = (checkpoint.name, checkpoint.step, matrix)
    }
  }

  /// A row without its singular values, and its line in the file.
  private struct Line {
    let row: SeriesRow
    let offset: Int
    let length: Int
  }

  private struct State {
    var handle: FileHandle
    var lines: [Place: Line] = [:]

    /// The places of all lines, replaced ones included, in the order of the file.
    var order: [Place] = []

    /// The end of the last line.
    var end = 0
  }

  private let state: Mutex<State>
  private let encoder = Mutex(SeriesStore.encoder())

  /// Opens a folder of results; it is made if missing.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - settings: The settings that determine the results.
  /// - Throws: `SeriesError.otherSettings` if it contains results with other settings, `.malformedStore`, `.unreadable`
  ///   and `.unwritable`.
  public init(_ folder: URL, _ settings: SeriesSettings) throws(SeriesError) {
    self.folder = folder
    let file = folder.appendingPathComponent("ranks.jsonl")
    do {
      try DurableFile.makeFolder(folder)
    } catch {
      throw .unwritable(path: folder.path, reason: systemReason(of: error))
    }
    var state = State(handle: try Self.open(file))
    try Self.read(file, into: &state)
    try Self.compare(settings.record, in: folder, hasRows: !state.lines.isEmpty)
    do {
      try state.handle.truncate(atOffset: UInt64(state.end))
    } catch {
      throw .unwritable(path: file.path, reason: systemReason(of: error))
    }
    self.state = Mutex(state)
  }

  /// The rows without their singular values, by place.
  var rows: [Place: SeriesRow] { state.withLock { $0.lines.mapValues(\.row) } }

  /// Appends a row; it replaces an older one of the same place.
  ///
  /// - Throws: `SeriesError.unwritable`, for example on a full disk.
  func append(_ row: SeriesRow) throws(SeriesError) {
    do {
      let bytes = try encoder.withLock { try $0.encode(row) } + Data("\n".utf8)
      try state.withLock { state in
        try state.handle.write(contentsOf: bytes)
        let line = Line(
          row: row.withoutSingularValues, offset: state.end, length: bytes.count)
        let place = Place(row)
        state.lines[place] = line
        state.order.append(place)
        state.end += bytes.count
      }
    } catch {
      throw .unwritable(path: file.path, reason: systemReason(of: error))
    }
  }

  /// The singular values of a row.
  ///
  /// - Returns: `nil` if the store has no such row, or the matrix has no rank.
  /// - Throws: `SeriesError.unreadable`, `.malformedStore`.
  func singularValues(of place: Place) throws(SeriesError) -> [Double]? {
    guard let line = state.withLock({ $0.lines[place] }) else { return nil }
    let bytes = try bytes(of: line, from: Self.reader(of: file))
    do {
      return try JSONDecoder().decode(SeriesRow.self, from: bytes).results?.singularValues
    } catch {
      let number = state.withLock { ($0.order.lastIndex(of: place) ?? 0) + 1 }
      throw .malformedStore(
        path: file.path, line: number, reason: jsonReason(of: error, in: bytes))
    }
  }

  /// The line of a row, with all singular values.
  ///
  /// - Parameter row: A row of the series.
  /// - Returns: The line in the file, with its end; the row itself as a line if it is not in the file.
  /// - Throws: `SeriesError.unreadable`.
  public func line(of row: SeriesRow) throws -> String {
    if let line = state.withLock({ $0.lines[Place(row)] }), line.row.identity == row.identity {
      return String(decoding: try bytes(of: line, from: Self.reader(of: file)), as: UTF8.self)
    }
    return String(decoding: try encoder.withLock { try $0.encode(row) }, as: UTF8.self) + "\n"
  }

  /// Puts the rows in order and removes others.
  ///
  /// - Parameter places: The rows to keep, in their order. The file is unchanged if it has exactly these.
  /// - Throws: `SeriesError.unwritable`, `.unreadable`; the file is then unchanged.
  func arrange(_ places: [Place]) throws(SeriesError) {
    let (order, lines) = state.withLock { ($0.order, $0.lines) }
    guard order != places else { return }
    let reader = try Self.reader(of: file)
    var (newLines, newOrder, end) = ([Place: Line](), [Place](), 0)
    do {
      let replacement = try ReplacementFile(for: file, followingLinks: false)
      for place in places {
        guard let line = lines[place] else { continue }
        try replacement.append(try bytes(of: line, from: reader))
        newLines[place] = Line(row: line.row, offset: end, length: line.length)
        newOrder.append(place)
        end += line.length
      }
      try replacement.commit()
    } catch {
      if let error = error as? SeriesError { throw error }
      throw .unwritable(path: file.path, reason: systemReason(of: error))
    }
    let new = State(handle: try Self.open(file), lines: newLines, order: newOrder, end: end)
    state.withLock { $0 = new }
  }

  private func bytes(of line: Line, from reader: FileHandle) throws(SeriesError) -> Data {
    do {
      try reader.seek(toOffset: UInt64(line.offset))
      let bytes = try reader.read(upToCount: line.length) ?? Data()
      if bytes.count == line.length { return bytes }
    } catch {
      throw .unreadable(path: file.path, reason: systemReason(of: error))
    }
    throw .unreadable(path: file.path, reason: "truncated while it was read")
  }
}

extension SeriesStore {
  private static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// Opens a file for appending.
  private static func open(_ file: URL) throws(SeriesError) -> FileHandle {
    #if canImport(Glibc)
      let descriptor = unsafe Glibc.open(
        file.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
    #else
      let descriptor = unsafe Darwin.open(
        file.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
    #endif
    guard descriptor >= 0 else {
      throw .unwritable(path: file.path, reason: systemReason(of: DurableFile.lastError))
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private static func reader(of file: URL) throws(SeriesError) -> FileHandle {
    do {
      return try FileHandle(forReadingFrom: file)
    } catch {
      throw .unreadable(path: file.path, reason: systemReason(of: error))
    }
  }

  /// Reads all complete lines.
  private static func read(_ file: URL, into state: inout State) throws(SeriesError) {
    let reader = try reader(of: file)
    var rest = Data()
    var number = 0
    while true {
      let piece: Data
      do {
        piece = try reader.read(upToCount: 1 << 20) ?? Data()
      } catch {
        throw .unreadable(path: file.path, reason: systemReason(of: error))
      }
      guard !piece.isEmpty else { return }
      rest.append(piece)
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let bytes = rest[rest.startIndex..<end]
        number += 1
        let row: SeriesRow
        do {
          row = try JSONDecoder().decode(SeriesRow.self, from: bytes)
        } catch {
          throw .malformedStore(
            path: file.path, line: number, reason: jsonReason(of: error, in: bytes))
        }
        let place = Place(row)
        state.lines[place] = Line(
          row: row.withoutSingularValues, offset: state.end, length: bytes.count + 1)
        state.order.append(place)
        state.end += bytes.count + 1
        rest = rest[(end + 1)...]
      }
      rest = Data(rest)
    }
  }

  /// Compares the settings with those of the rows in a folder, and records them in an empty one.
  private static func compare(_ record: [String: String], in folder: URL, hasRows: Bool)
    throws(SeriesError)
  {
    let file = folder.appendingPathComponent("settings.json")
    if hasRows {
      let stored: [String: String]
      do {
        let data = try Data(contentsOf: file)
        stored = try JSONDecoder().decode([String: String].self, from: data)
      } catch {
        throw .unreadable(
          path: file.path,
          reason: "\(systemReason(of: error)); it belongs to ranks.jsonl")
      }
      for name in Set(stored.keys).union(record.keys).sorted() where stored[name] != record[name] {
        throw .otherSettings(
          path: folder.path, setting: name, stored: stored[name] ?? "none",
          current: record[name] ?? "none")
      }
      return
    }
    do {
      let encoder = encoder()
      encoder.outputFormatting.insert(.prettyPrinted)
      let data = try encoder.encode(record) + Data("\n".utf8)
      try DurableFile.replace(file, with: data, followingLinks: false)
    } catch {
      throw .unwritable(path: file.path, reason: systemReason(of: error))
    }
  }
}

extension SeriesRow {
  /// The row without the largest part of its memory.
  var withoutSingularValues: SeriesRow {
    var row = self
    row.results?.singularValues = nil
    return row
  }
}
