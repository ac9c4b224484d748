// Errors of reports, other than errors of records.

/// An error in making a report.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// A file of the installation is missing or damaged.
  case brokenInstallation(path: String, reason: String)

  /// A folder without experiments and runs.
  case noExperiment(path: String)

  /// An experiment without any started run.
  case noRuns(path: String)

  /// A page can't be written.
  case unwritable(path: String, reason: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .brokenInstallation(let path, let reason):
      "\(path): a file of the installation can't be used (\(reason)); reinstall the program"
    case .noExperiment(let path):
      "\(path): contains no experiment and no run; give a folder of results such as results/figure_3_left"
    case .noRuns(let path):
      "\(path): no run of this experiment has started; give its experiment.yaml to 'zerolab run' first"
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check the path, its permissions and the space left"
    }
  }
}
