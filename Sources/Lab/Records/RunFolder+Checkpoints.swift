// Checkpoints in a run's folder: the latest one and its predecessor.

public import Foundation
import ZerODurableFiles
import ZerOMessages

extension RunFolder {
  /// The number and checksum of the first rows of `metrics.jsonl`.
  ///
  /// - Parameter length: The length of the rows in bytes.
  /// - Returns: `nil` if the file is shorter, or the bytes do not end with a complete row.
  /// - Throws: `RecordError.unreadable`, since an unreadable file may be valid.
  public func rows(upTo length: Int) throws(RecordError) -> RunStatus.Metrics? {
    guard length >= 0 else { return nil }
    do {
      let sum = try MetricsSum(try RecordInput(metricsFile), upTo: length)
      return sum.bytes == length && sum.endsLine ? sum.metrics : nil
    } catch {
      if case .incomplete = error { return nil }
      throw error
    }
  }

  /// The places of checkpoints, the latest first.
  public var checkpoints: [URL] {
    ["checkpoint.safetensors", "checkpoint.previous.safetensors"].map(file)
  }

  /// The bytes of a checkpoint.
  ///
  /// - Parameter url: One of `checkpoints`.
  /// - Returns: `nil` if the file does not exist.
  /// - Throws: `RecordError.unreadable`, since an unreadable file may be valid.
  public func checkpoint(at url: URL) throws(RecordError) -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw .unreadable(path: url.path, reason: systemReason(of: error))
    }
  }

  /// Whether there is a checkpoint, valid or not.
  public var hasCheckpoint: Bool {
    checkpoints.contains { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The place of a checkpoint while it is written.
  var newCheckpoint: URL { file("checkpoint.new.safetensors") }

  /// Writes a checkpoint and keeps its predecessor, in case the new one becomes unreadable.
  ///
  /// - Throws: `RecordError.unwritable`, `.gone`; an older checkpoint still exists.
  public func writeCheckpoint(_ bytes: [UInt8]) throws(RecordError) {
    try RecordFiles.replace(newCheckpoint, with: bytes)
    let names = checkpoints
    do {
      if FileManager.default.fileExists(atPath: names[0].path) {
        try DurableFile.move(names[0], to: names[1])
      }
      try DurableFile.move(newCheckpoint, to: names[0])
    } catch {
      throw .unwritable(path: names[0].path, reason: systemReason(of: error))
    }
  }

  /// Removes all checkpoints, which only an unfinished run needs.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func removeCheckpoints() throws(RecordError) {
    for url in checkpoints + [newCheckpoint] { try remove(url) }
  }
}
