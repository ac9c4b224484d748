// metrics.jsonl, read while somebody else writes it.

import Foundation

/// Reads the latest rows of a run as they come.
///
/// Only the end of the file is read, and of what was appended since the last look no more than the latest measurement
/// and the latest test pass are decoded. Half a line at the end waits for its other half, and lines that are no rows
/// are passed over, since a reader beside the writer may see anything for a moment.
public struct MetricsTail: Sendable {
  /// What came since the last look.
  public struct News: Equatable, Sendable {
    /// The latest measurement; `nil` if none has come.
    public internal(set) var train: TrainRow?

    /// The latest test pass; `nil` if none has come.
    public internal(set) var test: TestRow?

    /// Whether the rows begin again with the first: at the first look, and after the file was replaced or cut back.
    public internal(set) var isFromStart = false

    /// Nothing new.
    public init() {}
  }

  private let url: URL
  private let limit: Int
  private var offset = 0
  private var file: UInt64?

  /// Names the file; nothing is read yet.
  ///
  /// - Parameter folder: The run's folder.
  public init(_ folder: RunFolder) { self.init(folder, limit: MetricsRow.lengthLimit) }

  /// Names the file, and the most bytes of a line.
  init(_ folder: RunFolder, limit: Int) {
    url = folder.metricsFile
    self.limit = limit
  }

  /// The latest rows since the last call.
  ///
  /// - Returns: Nothing where no row has come.
  /// - Throws: `RecordError.incomplete` where there is no file, which a run has from its beginning; `.unreadable`;
  ///   `.malformed` for a line that is longer than any row.
  public mutating func next() throws(RecordError) -> News {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
      let size = (attributes[.size] as? UInt64).flatMap(Int.init(exactly:))
    else {
      _ = try RecordInput(url)  // says why
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
    // From the end, further and further back until both kinds have been found.
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

  /// The latest lines of both kinds, and where the last whole line ends.
  private func latest(from start: Int) throws(RecordError) -> (
    train: [UInt8]?, test: [UInt8]?, end: Int
  ) {
    let input = try RecordInput(url)
    try input.seek(to: start)
    var lines = LineReader(input, limit: limit)
    var rows: [[UInt8]] = []
    do throws(RecordError) {
      // Between two lines' ends, where it didn't begin with a line.
      if start > offset { _ = try lines.next() }
      while let line = try lines.next() {
        // The largest rows by far, and of no use here.
        if !line.starts(with: MetricsRow.snapshotStart) { rows.append(line) }
      }
    } catch {
      // Lines are counted from the start of the file, which has not been read.
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
