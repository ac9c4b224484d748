// What can go wrong with a report, other than its records.

/// Why a report can't be made.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// A file that comes with the program is missing or damaged.
  case brokenInstallation(path: String, reason: String)

  /// A folder without an experiment.
  case noExperiment(path: String)

  /// An experiment of which nothing has begun.
  case noRuns(path: String)

  /// The operating system refused to write a page.
  case unwritable(path: String, reason: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .brokenInstallation(let path, let reason):
      "\(path): a part of the program can't be used (\(reason)); install it again"
    case .noExperiment(let path):
      "\(path): no experiment and no run here, nor in a folder of it; name a folder of results, "
        + "such as results/figure_3_left"
    case .noRuns(let path):
      "\(path): no run of this experiment has begun; 'zerolab run' with its experiment.yaml begins them"
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check the path, its permissions and the space left"
    }
  }
}
