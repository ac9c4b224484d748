// The reasons why a run does not resume from a checkpoint.

/// The reason why a run does not resume from a checkpoint, as the rest of a sentence about the file.
enum CheckpointDefect: Error, CustomStringConvertible {
  /// The file is no checkpoint, or was changed.
  case invalid(reason: String)

  /// Another plan or other data.
  case otherRun

  /// Other initial weights, of an initializer with the same name.
  case otherStart

  /// A position that the run does not reach.
  case impossiblePosition

  /// `metrics.jsonl` lacks rows, or has others.
  case otherRows

  /// A network with another reduction by symmetry.
  case otherSymmetry

  /// Parameters with other names or shapes.
  case otherModel

  /// States of the optimizer with other names or shapes.
  case otherStates

  /// The defect.
  var description: String {
    switch self {
    case .invalid(let reason): "is no valid checkpoint: \(reason)"
    case .otherRun: "is of a run with another plan or on other data"
    case .otherStart: "has other initial weights"
    case .impossiblePosition: "is at a position that the run does not reach"
    case .otherRows: "is of other rows than metrics.jsonl contains"
    case .otherSymmetry: "has a network with another 'symmetry'"
    case .otherModel: "has the parameters of another model"
    case .otherStates: "has the states of another optimizer"
    }
  }
}
