// What the world is told of runs under way.

public import Foundation
public import Records
public import Training

/// News of one run.
public struct RunUpdate: Sendable {
  /// What happened.
  public enum News: Sendable {
    /// Training begins.
    case started

    /// Training goes on from a checkpoint; made on another BLAS kernel or with another C library, which are
    /// then named, so that the last bits may differ from those of a run in one piece.
    case resumed(iteration: Int, elsewhere: String?)

    /// Training begins again: an earlier session left no checkpoint that can be used.
    case restarted

    /// A measurement was taken.
    case measured(TrainingStep, quantities: [String: [String: Double]])

    /// A test pass was made.
    case tested(EpochTest)

    /// A layer was looked at in full.
    case snapshot(SnapshotRow)

    /// The run ended, well or not.
    case ended(RunStatus)

    /// The run had been finished before and is kept, with or without the model that was asked for.
    case kept(lacksModel: Bool)

    /// A finished run was damaged: it has been moved aside, and is made again.
    case movedAside(URL, because: RecordError)

    /// The run was not made because of what is in its folder.
    case leftOut(RecordError)
  }

  /// Which run.
  public let plan: TrainingPlan

  /// What happened.
  public let news: News
}
