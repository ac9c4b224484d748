// Settings of every run, replaced: written into the experiment's text, so that the copy beside the results
// makes the same runs again.

import Foundation
public import Training

extension Experiment {
  /// The key of the settings that replace those of every run.
  static let overrideKey = "override"

  /// The same experiment with some settings of every run replaced.
  ///
  /// - Parameter settings: Values as text, by key; plans that become equal are kept once.
  /// - Returns: The changed experiment, whose text ends with a line `override: {…}`.
  /// - Throws: `ExperimentError` for a value that the key can't have.
  public func overriding(_ settings: [TrainingPlan.CodingKeys: String]) throws(ExperimentError)
    -> Experiment
  {
    guard !settings.isEmpty else { return self }
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let prefix = Self.overrideKey + ": "
    var others = lines.filter { !$0.hasPrefix(prefix) }
    while others.last?.isEmpty == true { others.removeLast() }
    // What stands there already is one line of JSON, as below.
    let earlier = lines.last { $0.hasPrefix(prefix) }.map { Data($0.dropFirst(prefix.count).utf8) }
    var table =
      earlier.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
    for (key, value) in settings { table[key.rawValue] = value }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = (try? encoder.encode(table)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let text = (others + ["\(prefix)\(line)", ""]).joined(separator: "\n")
    return try Experiment(yaml: text, path: name)
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
