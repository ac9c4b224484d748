/// Why a series of checkpoints can't be found, ordered or stored.
public enum SeriesError: Error, Equatable, CustomStringConvertible {
  /// A folder contains no checkpoint.
  case noCheckpoints(path: String)

  /// The steps of checkpoints can't be told; `all` are the checkpoints in the order of `--steps`.
  case unclearSteps(unclear: [String], all: [String])

  /// Two checkpoints have the same step.
  case sameStep(step: Int, first: String, second: String)

  /// Some names tell steps, and others epochs.
  case mixedUnits(step: String, epoch: String)

  /// `--steps` has another number of steps than there are checkpoints.
  case wrongStepCount(given: Int, all: [String])

  /// `--steps` has a step twice.
  case repeatedStep(Int)

  /// No checkpoint has a selected step.
  case noSelectedStep(selection: StepSelection, steps: [Int])

  /// The folder of results belongs to a series with other settings.
  case otherSettings(path: String, setting: String, stored: String, current: String)

  /// The folder of results contains differences from a first checkpoint that no longer exists.
  case lostStart(path: String, checkpoint: String)

  /// A line of the results is not a row.
  case malformedStore(path: String, line: Int, reason: String)

  /// A file of results can't be read.
  case unreadable(path: String, reason: String)

  /// A file of results can't be written.
  case unwritable(path: String, reason: String)

  /// The files, the defect and its fix, in one line.
  public var description: String {
    switch self {
    case .noCheckpoints(let path):
      "\(path): contains no checkpoint; give a folder of checkpoints, such as checkpoint-500/ or "
        + "step500.safetensors"
    case .unclearSteps(let unclear, let all):
      "\(Self.list(unclear)): no step in name or contents; name it step500, or give the steps in this "
        + "order: --steps N,N,… for \(Self.list(all))"
    case .sameStep(let step, let first, let second):
      "\(first) and \(second) both have the step \(step); give the checkpoints of one run, or their steps with --steps"
    case .mixedUnits(let step, let epoch):
      "\(step) is named by its step, but \(epoch) by its epoch; give the steps with --steps"
    case .wrongStepCount(let given, let all):
      "--steps has \(given) steps for \(all.count) checkpoints; give one for each, in this order: \(Self.list(all))"
    case .repeatedStep(let step):
      "--steps has \(step) twice; give each checkpoint a step of its own"
    case .noSelectedStep(let selection, let steps):
      "--only-steps \(selection) selects none of the steps \(Self.list(steps.map(String.init)))"
    case .otherSettings(let path, let setting, let stored, let current):
      "\(path): contains results with another setting (\(setting): \(stored), now \(current)); give another --out, or "
        + "delete the folder"
    case .lostStart(let path, let checkpoint):
      "\(path): contains differences from \(checkpoint), which no longer exists; restore it, or give another --out"
    case .malformedStore(let path, let line, let reason):
      "\(path), line \(line): \(reason); delete the line, and its points are computed again"
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); check the path and its permissions"
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check the path, its permissions and the free space"
    }
  }

  /// Up to twelve names, and the number of the others.
  private static func list(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}
