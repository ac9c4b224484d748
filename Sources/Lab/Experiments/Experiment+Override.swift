// Settings of every run, replaced: written into the experiment's text, so that the copy beside the results
// makes the same runs again.

import Messages
public import Training
internal import Yams

extension Experiment {
  /// The key of the settings that replace those of every run.
  static let overrideKey = "override"

  /// The same experiment with some settings of every run replaced.
  ///
  /// - Parameter settings: Values as text, by key; plans that become equal are kept once.
  /// - Returns: The changed experiment, whose text says so under `override`, in a last line where it can.
  /// - Throws: `ExperimentError` for a value that the key can't have.
  public func overriding(_ settings: [TrainingPlan.CodingKeys: String]) throws(ExperimentError)
    -> Experiment
  {
    guard !settings.isEmpty else { return self }
    var (text, table) = withoutOverride
    for (key, value) in settings { table[key.rawValue] = value }
    let entries = table.sorted { $0.key < $1.key }.map { "\($0.key): \(yamlQuoted($0.value))" }
    let line = "\(Self.overrideKey): {\(entries.joined(separator: ", "))}"
    if let changed = try? Experiment(yaml: "\(text)\n\(line)\n", path: name) { return changed }
    return try Experiment(yaml: rewritten(with: settings), path: name)
  }

  /// The text made anew from what it says, for one that has settings of its own in another form, or no lines to
  /// add one to; it loses its comments.
  private func rewritten(with settings: [TrainingPlan.CodingKeys: String]) -> String {
    guard var root = try? Yams.compose(yaml: source)?.mapping else { return source }
    var table = root[Node(Self.overrideKey)]?.mapping ?? [:]
    for (key, value) in settings { table[Node(key.rawValue)] = Node(value) }
    root[Node(Self.overrideKey)] = Node.mapping(table)
    return (try? Yams.serialize(node: .mapping(root))) ?? source
  }

  /// The command that makes the runs again: by name for a built-in experiment, otherwise by the file beside
  /// the results.
  public var command: String {
    let (text, table) = withoutOverride
    let flags = [TrainingPlan.CodingKeys.epochs, .data].compactMap { key in
      table[key.rawValue].map { "--\(key.rawValue) \(shellQuoted($0))" }
    }
    guard flags.count == table.count, Self.builtInNames.contains(name),
      let builtIn = try? Experiment.load(name), builtIn.withoutOverride.text == text
    else { return "zerolab run experiment.yaml" }
    return (["zerolab run \(name)"] + flags).joined(separator: " ")
  }

  /// The text without its last line of replaced settings, as `overriding` writes it.
  private var withoutOverride: (text: String, table: [String: String]) {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    var table: [String: String] = [:]
    if let last = lines.last, last.hasPrefix(Self.overrideKey + ": {"),
      let settings = try? Yams.compose(yaml: String(last))?.mapping?.values.first?.mapping
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
  /// - Parameter table: A table of single values, or `nil`.
  /// - Throws: `ExperimentError` for another key or value than a run has.
  mutating func override(by table: YAMLValue?) throws(ExperimentError) {
    guard let table else { return }
    for (key, value) in try table.mapping(known: Self.runKeys).all {
      try set(key, to: value)
    }
    do {
      try validate()
    } catch {
      throw .badPlan(path: table.path, line: table.line, error: error)
    }
  }
}
