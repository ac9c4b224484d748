// Checkpoints in a run's folder: the latest, the one before, and in what order one takes the other's place.

import DurableFiles
public import Foundation
import Messages

extension RunFolder {
  /// The rows of `metrics.jsonl` up to a place.
  ///
  /// - Parameter length: Bytes from the beginning.
  /// - Returns: Their number and checksum; `nil` where there are not as many bytes, or the last of them ends no row.
  /// - Throws: `RecordError.unreadable`: what can't be read now may be valid.
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

  /// Where checkpoints lie, the latest first.
  public var checkpoints: [URL] {
    ["checkpoint.safetensors", "checkpoint.previous.safetensors"].map(file)
  }

  /// The bytes of a checkpoint.
  ///
  /// - Parameter url: One of `checkpoints`.
  /// - Returns: `nil` where there is none.
  /// - Throws: `RecordError.unreadable`: what can't be read now may be valid.
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

  /// A checkpoint that is being written.
  var newCheckpoint: URL { file("checkpoint.new.safetensors") }

  /// Writes a checkpoint; the one before is kept as well, in case this one can't be read some day.
  ///
  /// - Throws: `RecordError.unwritable`, `.gone`; an older checkpoint is still there.
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

  /// Removes what only an unfinished run needs.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func removeCheckpoints() throws(RecordError) {
    for url in checkpoints + [newCheckpoint] { try remove(url) }
  }
}
