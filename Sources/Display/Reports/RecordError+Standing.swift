// The state of a run whose records cannot be used, in a word for tables.

public import Records

extension RecordError {
  /// The state of the run that the error concerns, in a word or two, where `status.json` has no word for it.
  public var standing: String {
    switch self {
    case .incomplete: "incomplete"
    case .unreadable: "unreadable"
    case .otherBuild: "unsupported"
    case .otherPlan: "misplaced"
    case .locked: "locked"
    case .malformed, .notThisRuns, .unwritable, .gone, .isLink: "damaged"
    }
  }
}
