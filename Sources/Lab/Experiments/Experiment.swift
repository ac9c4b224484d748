// An experiment: a question, the runs that answer it, what is drawn and what is claimed.

import Foundation
import Measurements
import Messages
public import Training
internal import Yams

/// An experiment, decoded from YAML.
public struct Experiment: Equatable, Sendable {
  /// The name of its folder of results.
  public let name: String

  /// What it asks, in words.
  public let question: String

  /// Its runs, in the file's order, each once.
  public let plans: [TrainingPlan]

  /// What is drawn; without a word on it, one figure of the ranks from the start.
  public let figures: [FigureSpecification]

  /// What is claimed.
  public let claims: [Claim]

  /// The file's text, kept beside the results.
  public let source: String

  /// The most runs that one experiment has.
  public static let maximumRuns = 100_000

  private static let keys = [
    "name", "question", "data", "training", "runs", "measure", "figure", "claims", overrideKey,
  ]

  /// Decodes an experiment.
  ///
  /// - Parameters:
  ///   - source: YAML.
  ///   - path: What to call the source in errors.
  /// - Throws: `ExperimentError`, naming file and line.
  public init(yaml source: String, path: String) throws(ExperimentError) {
    let mapping = try YAMLMapping(
      Self.parse(source, path: path), path: path, key: "the file", known: Self.keys)
    let name = try mapping.required("name").string()
    guard name.isResultName else { throw try mapping.required("name").wrongName }

    var common = TrainingPlan(initializer: "", width: 0)
    if let data = mapping["data"] { common.data = try data.string() }
    if let training = mapping["training"] {
      for (key, value) in try training.mapping(known: TrainingPlan.trainingKeys).all {
        try common.set(key, to: value)
      }
    }
    if let measure = mapping["measure"] {
      let settings = try measure.mapping(known: ["every", "quantities", "snapshots"])
      if let every = settings["every"] {
        common.measureEvery = try every.integer()
        // Said here, where the key has its own name and line.
        guard common.measureEvery > 0 else { throw every.wrong(expected: "1 or more") }
      }
      if let snapshots = settings["snapshots"] { common.snapshots = try snapshots.integer() }
      if let quantities = settings["quantities"] {
        common.quantities = []
        for element in try quantities.isNone ? [] : quantities.someElements() {
          common.quantities.append(try element.choice(of: MeasurementCatalog.names))
        }
      }
    }

    var plans: [TrainingPlan] = []
    var known: Set<TrainingPlan> = []
    for entry in try mapping.required("runs").someElements() {
      let run = try entry.mapping(known: TrainingPlan.runKeys + [TrainingPlan.repeatKey])
      _ = try (run.required("init"), run.required("width"))
      for var plan in try common.grid(run) {
        try plan.override(by: mapping[Self.overrideKey])
        if known.insert(plan).inserted { plans.append(plan) }
      }
      guard plans.count <= Self.maximumRuns else {
        throw .tooManyRuns(path: path, line: run.line)
      }
    }

    var figures: [FigureSpecification] = []
    for element in mapping["figure"]?.elements ?? [] {
      figures += try FigureSpecification.panels(
        element, experiment: name, measured: common.quantities, plans: plans,
        taken: figures.map(\.name))
    }
    if mapping["figure"] == nil,
      let figure = FigureSpecification(
        experiment: name, measured: common.quantities, plans: plans)
    {
      figures = [figure]
    }
    var claims: [Claim] = []
    for element in mapping["claims"]?.elements ?? [] {
      claims.append(try Claim(element, plans: plans, measured: common.quantities))
    }

    self.name = name
    question = try mapping["question"]?.string() ?? ""
    self.plans = plans
    self.figures = figures
    self.claims = claims
    self.source = source
  }

  private static func parse(_ source: String, path: String) throws(ExperimentError) -> Node {
    do {
      guard try YAMLAliases.nodeCount(of: source) <= YAMLAliases.nodeLimit else {
        throw ExperimentError.syntax(
          path: path, line: 1, reason: "its aliases multiply each other; write the values out")
      }
      guard let node = try Yams.compose(yaml: source) else {
        throw ExperimentError.syntax(path: path, line: 1, reason: "the file is empty")
      }
      return node
    } catch let error as ExperimentError {
      throw error
    } catch YamlError.scanner(_, let problem, let mark, _),
      YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _)
    {
      let lines = source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      let hasTab = mark.line > 0 && mark.line <= lines.count && lines[mark.line - 1].contains("\t")
      throw .syntax(
        path: path, line: mark.line,
        reason: "not YAML: \(hasTab ? "the line has a tab; indent with spaces" : problem)")
    } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
      throw .syntax(
        path: path, line: context.mark.line,
        reason: "the key '\(duplicates.first ?? "")' stands twice; remove one")
    } catch {
      throw .syntax(path: path, line: 1, reason: "not YAML: \(error)")
    }
  }

  /// The plans of several experiments.
  ///
  /// - Parameter experiments: Any number.
  /// - Returns: Each plan once, in the order of their first places: what a task's number counts.
  public static func distinctPlans(of experiments: [Experiment]) -> [TrainingPlan] {
    var known: Set<TrainingPlan> = []
    return experiments.flatMap(\.plans).filter { known.insert($0).inserted }
  }
}
