// Following one run of another process through its records.

import Foundation
import ZerORecords
import ZerOTraining

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a run's folder repeatedly; it writes nothing.
struct RunFollower {
  let folder: RunFolder
  var progress: RunProgress
  private var tail: MetricsTail

  /// The identity of `status.json` when the run was found to have ended.
  ///
  /// While it is unchanged, nothing else is read.
  private var ended: FileStamp?
  private var isPlanChecked = false

  /// Seconds without a row after which the display mentions it.
  private static let silenceLimit = 60.0

  /// Seconds without a row after which the process is checked.
  ///
  /// While rows arrive, the run is alive, although its process number may be unknown on this machine.
  private static let processCheckDelay = 5.0

  /// Follows a run.
  ///
  /// - Parameters:
  ///   - folder: The run's folder; it need not exist yet.
  ///   - plan: The run's plan.
  init(_ folder: RunFolder, plan: TrainingPlan) {
    self.folder = folder
    progress = RunProgress(label: plan.identifier, plan: plan)
    tail = MetricsTail(folder)
  }

  /// Reads the new records.
  ///
  /// A run with unusable records is damaged until they become usable. If the files of a started run are
  /// temporarily unreadable, its state is unchanged.
  ///
  /// - Parameters:
  ///   - time: Seconds of a monotonic clock.
  ///   - isFirst: Whether this is the first poll of the whole watch.
  /// - Returns: Whether there is a new row.
  mutating func poll(at time: Double, isFirst: Bool) -> Bool {
    let stamp = FileStamp(folder.file("status.json"))
    if let ended, ended == stamp { return false }
    ended = nil
    guard folder.holdsRun else { return false }
    do {
      let (provenance, status) = try read()
      progress.set(provenance.data)
      let hasNewRow = try follow(status, at: time, isFirst: isFirst)
      if case .ended = progress.state { ended = stamp }
      return hasNewRow
    } catch {
      if case .unreadable = error, progress.state != .waiting { return false }
      // The folder may have been moved in between.
      guard folder.holdsRun else { return false }
      progress.damage(error)
      return false
    }
  }

  /// Reads provenance and status, and checks that they belong to the plan.
  private mutating func read() throws(RecordError) -> (Provenance, RunStatus) {
    if !isPlanChecked {
      let plan = try folder.plan
      if let key = progress.plan.firstDifference(from: plan) {
        throw .otherPlan(path: folder.url.path, key: key)
      }
      isPlanChecked = true
    }
    let provenance = try folder.provenance
    let status = try folder.status
    do {
      try folder.check(status, of: progress.plan, on: provenance.data)
    } catch {
      // An interrupted run may have been resumed in between.
      let current = try folder.status
      guard current != status else { throw error }
      return (provenance, current)
    }
    return (provenance, status)
  }

  private mutating func follow(_ status: RunStatus, at time: Double, isFirst: Bool)
    throws(RecordError) -> Bool
  {
    let news = try tail.next()
    let age = max(0, -(folder.lastRow?.timeIntervalSinceNow ?? 0))
    let isRunning =
      status.status == .running
      && !(age > Self.processCheckDelay && folder.lockHolder?.isAlive == false)
    if progress.state == .waiting || news.isFromStart {
      progress.begin()
    } else if progress.isOver, isRunning {
      progress.begin(after: progress.done)
    }
    if let test = news.test { progress.testAccuracy = test.accuracy }
    if let row = news.train {
      progress.measure(
        iteration: row.iteration, epoch: row.epoch, loss: row.loss, quantities: row.quantities,
        at: time - age)
    }
    if isFirst || news.isFromStart { progress.countAsEarlier() }
    progress.secondsSinceRow = isRunning && age > Self.silenceLimit ? age : nil
    if status.status != .running {
      progress.end(status, isEarlier: isFirst)
    } else if !isRunning {
      progress.state = .abandoned
    }
    return news.train != nil
  }
}

/// The identity of a file's content: inode, size and modification time.
///
/// The content itself is not read.
struct FileStamp: Equatable, Sendable {
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// Reads a file's metadata; `nil` if there is no file.
  init?(_ url: URL) {
    var found = stat()
    guard unsafe stat(url.path, &found) == 0 else { return nil }
    inode = UInt64(found.st_ino)
    size = Int64(found.st_size)
    #if canImport(Glibc)
      (seconds, nanoseconds) = (found.st_mtim.tv_sec, found.st_mtim.tv_nsec)
    #else
      (seconds, nanoseconds) = (found.st_mtimespec.tv_sec, found.st_mtimespec.tv_nsec)
    #endif
  }
}
