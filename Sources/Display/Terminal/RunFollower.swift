// Following one run of another process through its records.

import Foundation
import Records
import Training

/// Reads what a run's folder says, again and again, and writes nothing.
struct RunFollower {
  let folder: RunFolder
  var progress: RunProgress
  private var tail: MetricsTail

  /// The identity of `status.json` when the run was found to have ended.
  ///
  /// While it is unchanged, nothing else is read.
  private var ended: FileStamp?
  private var isPlanChecked = false

  /// Seconds without a row after which that is worth saying.
  private static let patience = 60.0

  /// Seconds without a row after which the process is asked after: its number may have become another's, or
  /// be of another machine of the same name, but not while rows come.
  private static let suspicion = 5.0

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
  ///   - time: In seconds, of a clock that never goes back.
  ///   - isFirst: Whether this is the first look of the whole watch, before which nothing was seen.
  /// - Returns: Whether a row has come.
  mutating func look(at time: Double, isFirst: Bool) -> Bool {
    let stamp = FileStamp(folder.file("status.json"))
    if let ended, ended == stamp { return false }
    ended = nil
    guard folder.holdsRun else { return false }
    do {
      let (provenance, status) = try read()
      progress.set(provenance.data)
      let hasCome = try follow(status, at: time, isFirst: isFirst)
      if case .ended = progress.state { ended = stamp }
      return hasCome
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
      status.status == .running && !(age > Self.suspicion && folder.lockHolder?.isAlive == false)
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
    progress.silence = isRunning && age > Self.patience ? age : nil
    if status.status != .running {
      progress.end(status, isEarlier: isFirst)
    } else if !isRunning {
      progress.state = .abandoned
    }
    return news.train != nil
  }
}
