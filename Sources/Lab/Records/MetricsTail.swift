// metrics.jsonl, read while another process writes it.

import Foundation
public import ZerOTraining

/// Follows the rows of a run while they are written.
///
/// Each call reads the end of the file and decodes only the latest measurement and the latest test pass. An incomplete
/// line at the end is read again later. Lines that are not rows are skipped, since a reader can see any intermediate
/// state of the file.
public struct MetricsTail: Sendable {
  /// The news since the last call.
  public struct News: Equatable, Sendable {
    /// The latest measurement; `nil` if there is no new one.
    public internal(set) var train: TrainingStep?

    /// The latest test pass; `nil` if there is no new one.
    public internal(set) var test: EpochTest?

    /// Whether rows were read from the first on: in the first call, and after the file was replaced or truncated.
    public internal(set) var isFromStart = false

    /// No news.
    public init() {}
  }

  private let url: URL
  private let limit: Int
  private var offset = 0
  private var file: UInt64?

  /// Follows the file of a run; nothing is read yet.
  ///
  /// - Parameter folder: The run's folder.
  public init(_ folder: RunFolder) { self.init(folder, limit: MetricsRow.lengthLimit) }

  /// Follows the file of a run, with a limit on the bytes of a line.
  init(_ folder: RunFolder, limit: Int) {
    url = folder.metricsFile
    self.limit = limit
  }

  /// The latest rows since the last call.
  ///
  /// - Returns: Empty news if there is no new row.
  /// - Throws: `RecordError.incomplete` without the file, which every run has; `.unreadable`; `.malformed` for a line
  ///   longer than any row.
  public mutating func next() throws(RecordError) -> News {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
      let size = (attributes[.size] as? UInt64).flatMap(Int.init(exactly:))
    else {
      _ = try RecordInput(url)  // throws the reason
      return News()
    }
    let number = attributes[.systemFileNumber] as? UInt64
    var news = News()
    news.isFromStart = number != file || size < offset
    if news.isFromStart {
      offset = 0
      file = number
    }
    guard size > offset else { return news }
    // From the end backwards, until both kinds are found.
    var window = 1 << 18
    while true {
      let start = max(offset, size - window)
      let (train, test, end) = try latest(from: start)
      if start == offset || train != nil && test != nil {
        news.train = train.flatMap { if case .train(let row) = decode($0) { row } else { nil } }
        news.test = test.flatMap { if case .test(let row) = decode($0) { row } else { nil } }
        offset = end
        return news
      }
      window *= 4
    }
  }

  /// The latest lines of both kinds, and the end of the last complete line.
  private func latest(from start: Int) throws(RecordError) -> (
    train: [UInt8]?, test: [UInt8]?, end: Int
  ) {
    let input = try RecordInput(url)
    try input.seek(to: start)
    var lines = LineReader(input, limit: limit)
    var rows: [[UInt8]] = []
    do throws(RecordError) {
      // The window may start inside a line.
      if start > offset { _ = try lines.next() }
      while let line = try lines.next() {
        // Snapshots are the largest rows and are not needed here.
        if !line.starts(with: MetricsRow.snapshotStart) { rows.append(line) }
      }
    } catch {
      // The line number is unknown, since the start of the file has not been read.
      guard case .malformed(let path, _, let reason) = error else { throw error }
      throw .malformed(path: path, line: nil, reason: reason)
    }
    return (
      rows.last { $0.contains(Self.trainKind) }, rows.last { $0.contains(Self.testKind) },
      start + lines.sum.bytes - lines.torn
    )
  }

  private func decode(_ line: [UInt8]) -> MetricsRow? {
    try? RecordFiles.decode(MetricsRow.self, Data(line), url: url, line: nil)
  }

  private static let trainKind = Array(#""kind":"train""#.utf8)
  private static let testKind = Array(#""kind":"test""#.utf8)
}
