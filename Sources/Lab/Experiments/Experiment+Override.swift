// Replaced settings of every run. They become part of the experiment's text, so the copy with the results describes
// the same runs.

internal import Yams
public import ZerOInitializers
public import ZerOMeasurements
import ZerOMessages
import ZerOTraining

extension Experiment {
  /// The key of the table of replacing settings.
  static let overrideKey = "override"

  /// The experiment with some settings of every run replaced.
  ///
  /// - Parameters:
  ///   - settings: Values as text, by key of `TrainingPlan.settings`; plans that become equal are kept once.
  ///   - initializers: The catalog that must contain the initializers.
  ///   - measurements: The catalog that must contain the quantities.
  /// - Returns: The changed experiment; its text contains the settings under `override`, in the last line if possible.
  /// - Throws: `ExperimentError` for an unknown key or an invalid value.
  public func overriding(
    _ settings: [String: String], initializers: InitializerCatalog = .builtIn,
    measurements: MeasurementCatalog = .builtIn
  ) throws(ExperimentError) -> Experiment {
    guard !settings.isEmpty else { return self }
    var (text, table) = withoutOverride
    for (key, value) in settings { table[key] = value }
    let entries = table.sorted { $0.key < $1.key }.map { "\($0.key): \(yamlQuoted($0.value))" }
    let line = "\(Self.overrideKey): {\(entries.joined(separator: ", "))}"
    let changed = try? Experiment(
      yaml: "\(text)\n\(line)\n", path: name, initializers: initializers,
      measurements: measurements)
    if let changed { return changed }
    return try Experiment(
      yaml: rewritten(with: settings), path: name, initializers: initializers,
      measurements: measurements)
  }

  /// The text serialized again, for a text with an `override` in another form or in flow style; comments are lost.
  private func rewritten(with settings: [String: String]) -> String {
    guard var root = try? Yams.compose(yaml: source)?.mapping else { return source }
    var table = root[Node(Self.overrideKey)]?.mapping ?? [:]
    for (key, value) in settings { table[Node(key)] = Node(value) }
    root[Node(Self.overrideKey)] = Node.mapping(table)
    return (try? Yams.serialize(node: .mapping(root))) ?? source
  }

  /// The command that repeats the runs: by name for a built-in experiment, otherwise by the file with the results.
  public var command: String {
    let (text, table) = withoutOverride
    let flags = ["epochs", "data"].compactMap { key in
      table[key].map { "--\(key) \(shellQuoted($0))" }
    }
    guard flags.count == table.count, Self.builtInNames.contains(name),
      let builtIn = try? Experiment.load(name), builtIn.withoutOverride.text == text
    else { return "zerolab run experiment.yaml" }
    return (["zerolab run \(name)"] + flags).joined(separator: " ")
  }

  /// The text without the last line that `overriding` writes, and the settings of that line.
  private var withoutOverride: (text: String, table: [String: String]) {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    var table: [String: String] = [:]
    if let last = lines.last, last.hasPrefix(Self.overrideKey + ": {"),
      let settings = try? Yams.compose(yaml: String(last))?.mapping?.values.first?.mapping,
      settings.values.allSatisfy({ $0.scalar != nil })
    {
      for (key, value) in settings { table[key.scalar?.string ?? ""] = value.scalar?.string }
      lines.removeLast()
    }
    return (lines.joined(separator: "\n"), table)
  }
}

extension TrainingPlan {
  /// Replaces settings.
  ///
  /// - Parameters:
  ///   - table: A table of single values, or `nil`.
  ///   - given: The keys that are stated elsewhere, so a new optimizer's defaults do not replace them; `nil` for no defaults.
  ///   - initializers: The catalog that must contain the initializer; `nil` accepts any name.
  /// - Throws: `ExperimentError` for an unknown key or an invalid value.
  mutating func override(
    by table: YAMLValue?, given: Set<String>? = nil, _ initializers: InitializerCatalog?
  ) throws(ExperimentError) {
    guard let table else { return }
    let entries = try table.mapping(known: Self.runKeys).all
    for (key, value) in entries { try set(key, to: value) }
    let keys = Set(entries.map(\.key))
    if let given, !keys.isDisjoint(with: ["model", "optimizer"]) {
      useDefaults(unless: given.union(keys))
    }
    do {
      try validate(initializers: initializers)
    } catch {
      throw .badPlan(path: table.path, line: table.line, error: error)
    }
  }
}
