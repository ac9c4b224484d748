// An experiment: a question, runs, figures and claims.

import Foundation
internal import Yams
public import ZerOInitializers
public import ZerOMeasurements
import ZerOMessages
public import ZerOTraining

/// An experiment: runs, figures and claims, usually decoded from YAML.
public struct Experiment: Equatable, Sendable {
  /// The name of the experiment and of its folder of results.
  public let name: String

  /// The question in words.
  public let question: String

  /// The distinct plans in the order of the file.
  public let plans: [TrainingPlan]

  /// The figures; by default one of the ranks of W − W₀.
  public let figures: [FigureSpecification]

  /// The claims.
  public let claims: [Claim]

  /// The YAML text, which is kept with the results.
  public let source: String

  /// The limit on the number of runs.
  public static let maximumRuns = 100_000

  init(
    name: String, question: String, plans: [TrainingPlan], figures: [FigureSpecification],
    claims: [Claim], source: String
  ) {
    self.name = name
    self.question = question
    self.plans = plans
    self.figures = figures
    self.claims = claims
    self.source = source
  }

  /// The keys of the top level, in the order of suggestions.
  private static let topLevelKeys =
    keys(of: "") + TrainingPlan.settings.filter { $0.place == .experiment }.map(\.key)

  /// Decodes an experiment.
  ///
  /// - Parameters:
  ///   - source: YAML.
  ///   - path: The name of the source in errors.
  ///   - initializers: The catalog that must contain the initializers; `nil` accepts any name, as for the results of
  ///     another program.
  ///   - measurements: The catalog that must contain the quantities; `nil` accepts any name.
  /// - Throws: `ExperimentError` with file and line.
  public init(
    yaml source: String, path: String, initializers: InitializerCatalog? = .builtIn,
    measurements: MeasurementCatalog? = .builtIn
  ) throws(ExperimentError) {
    let mapping = try YAMLMapping(
      Self.parse(source, path: path), path: path, key: "the file", known: Self.topLevelKeys)
    let name = try mapping.required("name").string()
    guard name.isResultName else { throw try mapping.required("name").wrongName }

    var common = TrainingPlan(initializer: "", width: 0)
    if let data = mapping["data"] { common.data = try data.string() }
    var given: Set<String> = []
    if let training = mapping["training"] {
      for (key, value) in try training.mapping(known: TrainingPlan.trainingKeys).all {
        try common.set(key, to: value)
        given.insert(key)
      }
    }
    if let measure = mapping["measure"], !measure.isTable, !measure.isNone {
      common.quantities = try Self.names(of: measure, in: measurements)
    } else if let measure = mapping["measure"] {
      let settings = TrainingPlan.settings.filter(\.isInMeasure)
      let table = try measure.mapping(known: settings.map(\.keyInTable))
      for setting in settings {
        guard let value = table[setting.keyInTable] else { continue }
        if setting.key == "quantities" {
          common.set(
            setting, to: .names(try value.isNone ? [] : Self.names(of: value, in: measurements)))
        } else {
          common.set(setting, to: try value.value(of: setting))
        }
      }
      // Checked here, where the key has its own name and line.
      if common.measureEvery < 1, let every = table["every"] {
        throw every.wrong(expected: "1 or more")
      }
    }

    var plans: [TrainingPlan] = []
    var known: Set<TrainingPlan> = []
    for entry in try mapping.required("runs").someElements() {
      let run = try entry.mapping(known: TrainingPlan.runKeys + [TrainingPlan.repeatKey])
      _ = try run.required("init")
      // Only some models have a width of their own, so it is checked after all settings of the run are known.
      for var plan in try common.grid(run, given: given, initializers) {
        try plan.override(
          by: mapping[Self.overrideKey], given: given.union(run.all.map(\.key)), initializers)
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
    if mapping["figure"] == nil {
      figures = FigureSpecification.usual(
        experiment: name, measured: common.quantities, plans: plans)
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

  /// The names of measurements in a name or a list.
  private static func names(of value: YAMLValue, in measurements: MeasurementCatalog?)
    throws(ExperimentError) -> [String]
  {
    var names: [String] = []
    for element in try value.someElements() {
      if let measurements {
        names.append(try element.choice(of: measurements.choices))
      } else {
        names.append(try element.string())
      }
    }
    return MeasurementCatalog.expanded(names)
  }

  private static func parse(_ source: String, path: String) throws(ExperimentError) -> Node {
    do {
      guard try YAMLAliases.nodeCount(of: source) <= YAMLAliases.nodeLimit else {
        throw ExperimentError.syntax(
          path: path, line: 1,
          reason: "its nested aliases expand to too many values; write them out")
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
        reason: "the key '\(duplicates.first ?? "")' occurs twice; remove one")
    } catch {
      throw .syntax(path: path, line: 1, reason: "not YAML: \(error)")
    }
  }

  /// The distinct plans of several experiments.
  ///
  /// - Parameter experiments: The experiments.
  /// - Returns: Each plan once, in the order of first occurrence; the number of a cluster task counts them.
  public static func distinctPlans(of experiments: [Experiment]) -> [TrainingPlan] {
    var known: Set<TrainingPlan> = []
    return experiments.flatMap(\.plans).filter { known.insert($0).inserted }
  }
}
