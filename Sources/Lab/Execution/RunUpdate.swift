public import Foundation
public import ZerORecords
public import ZerOTraining

/// An event of one run.
public struct RunUpdate: Sendable {
  /// The kind of an event.
  public enum News: Sendable {
    /// Training starts.
    case started

    /// Training resumes from a checkpoint.
    ///
    /// If the checkpoint was made with another kernel or C library, `elsewhere` names them;
    /// the last bits may then differ from an uninterrupted run.
    case resumed(iteration: Int, elsewhere: String?)

    /// Training starts again, because an earlier session left no usable checkpoint; the text names the latest one and its defect.
    case restarted(because: String)

    /// An update was measured.
    case measured(TrainingStep)

    /// A test pass ended.
    case tested(EpochTest)

    /// A snapshot of a layer was taken.
    case snapshot(SnapshotRow)

    /// The run ended, successfully or not.
    case ended(RunStatus)

    /// The run was already finished and is kept; the requested model may be missing.
    case kept(lacksModel: Bool)

    /// A finished run was damaged; it was moved aside and is repeated.
    case movedAside(URL, because: RecordError)

    /// The run was skipped because of a defect in its folder.
    case leftOut(RecordError)
  }

  /// The plan of the run.
  public let plan: TrainingPlan

  /// The event.
  public let news: News
}
