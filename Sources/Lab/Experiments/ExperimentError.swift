// Errors in experiments, and the synonyms of their keys.

import ZerOMessages
public import ZerOTraining

/// The reason why an experiment is invalid.
///
/// Each description contains the file, the line and the fix.
public enum ExperimentError: Error, Equatable, CustomStringConvertible {
  /// Neither a built-in experiment nor a file.
  case unknownName(String, known: [String])

  /// A read error of the operating system.
  case unreadable(path: String, reason: String)

  /// Not YAML.
  case syntax(path: String, line: Int, reason: String)

  /// An unknown key in its table.
  case unknownKey(path: String, line: Int, key: String, known: [String])

  /// Two experiments with the same folder of results.
  case sameName(String, first: String, second: String)

  /// A missing required key.
  case missingKey(path: String, line: Int, key: String)

  /// A value of the wrong type.
  case wrongValue(path: String, line: Int, key: String, expected: String, found: String)

  /// An invalid plan.
  case badPlan(path: String, line: Int, error: PlanError)

  /// A filter without a matching run.
  case noSuchRun(path: String, line: Int, key: String)

  /// A key that has no meaning beside other ones; the reason is the rest of a sentence about the key, with the fix.
  case misplacedKey(path: String, line: Int, key: String, reason: String)

  /// A figure of an update that none of its runs measures.
  case unmeasuredUpdate(figure: String, update: Int, measured: String)

  /// Lists with too large a product.
  case tooManyRuns(path: String, line: Int)

  /// Names of other programs for the keys.
  private static let synonyms = [
    "lr": "learning_rate", "rate": "learning_rate", "seeds": "repeat", "nseeds": "repeat",
    "repeats": "repeat",
    "runs": "repeat", "initializer": "init", "initialization": "init",
    "initialiser": "init",  // words: allow
    "nh": "width",
    "hidden": "width", "hiddensize": "width", "dim": "width", "layers": "depth",
    "numlayers": "depth",
    "batch": "batch_size", "bs": "batch_size", "dataset": "data", "weightseed": "model_seed",
    "initseed": "model_seed",
    "decay": "gamma", "lrdecay": "gamma", "figures": "figure", "plot": "figure", "claim": "claims",
    "experiment": "name", "title": "question", "description": "question", "loginterval": "every",
    "interval": "every", "metrics": "quantities", "measures": "quantities",
  ]

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name, let known):
      "unknown experiment '\(name)': neither a YAML file nor built in; "
        + suggestion(for: name, among: known)
    case .unreadable(let path, let reason): "\(path): can't be read (\(reason)); give a YAML file"
    case .syntax(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .unknownKey(let path, let line, let key, let known):
      "\(path), line \(line): unknown key '\(key)'; "
        + suggestion(for: key, among: known, synonyms: Self.synonyms)
    case .sameName(let name, let first, let second):
      "\(first) and \(second): both experiments are named '\(name)', and the results of one would replace those of "
        + "the other; give one another name"
    case .missingKey(let path, let line, let key):
      "\(path), line \(line): the key '\(key)' is missing here; add it"
    case .wrongValue(let path, let line, let key, let expected, let found):
      "\(path), line \(line): '\(key)' must be \(expected), not \(found)"
    case .badPlan(let path, let line, let error): "\(path), line \(line): \(error)"
    case .noSuchRun(let path, let line, let key):
      "\(path), line \(line): no run of this experiment matches '\(key)'; correct it"
    case .misplacedKey(let path, let line, let key, let reason):
      "\(path), line \(line): '\(key)' \(reason)"
    case .unmeasuredUpdate(let figure, let update, let measured):
      "figure '\(figure)': no run measures update \(update), which 'at' names; its first run measures the updates \(measured); "
        + "name one of these, or set measure.every"
    case .tooManyRuns(let path, let line):
      "\(path), line \(line): more than \(Experiment.maximumRuns) runs; shorten a list, or split the "
        + "experiment"
    }
  }
}
