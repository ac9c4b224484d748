// Single runs, looked at as if they had been an experiment.

import Foundation
import Initializers
import Messages
public import Training

extension Experiment {
  /// An experiment of given runs, with the usual figure and no claim.
  ///
  /// - Parameters:
  ///   - plans: At least one; measured are the quantities of all that measure any.
  ///   - name: A name for it.
  /// - Throws: `ExperimentError` for plans that can't be carried out.
  public init(of plans: [TrainingPlan], name: String) throws(ExperimentError) {
    precondition(!plans.isEmpty, "an experiment without runs")
    let measured = plans.filter { !$0.quantities.isEmpty }
    let quantities = (measured.first?.quantities ?? []).filter { name in
      measured.allSatisfy { $0.quantities.contains(name) }
    }
    let list = "[\(quantities.joined(separator: ", "))]"
    let rows = plans.map { plan in
      let keys = TrainingPlan.runKeys.map { "\($0): \(yamlQuoted(plan.text(of: $0)))" }
      return "  - {\(keys.joined(separator: ", "))}"
    }
    try self.init(
      yaml: """
        name: \(yamlQuoted(name.isResultName ? name : "runs"))
        runs:
        \(rows.joined(separator: "\n"))
        measure: {every: \(plans[0].measureEvery), quantities: \(quantities.isEmpty ? "none" : list)}
        """, path: name)
  }
}

/// A text as a single value in YAML, whatever it holds; numbers stay numbers.
func yamlQuoted(_ text: String) -> String {
  Double(text) != nil ? text : "'" + text.replacing("'", with: "''") + "'"
}

extension TrainingPlan {
  /// The command that trains this run alone: its initializer and width, and whatever differs from the usual.
  public var trainCommand: String {
    let usual = TrainingPlan(initializer: initializer, width: width)
    let options: [(key: CodingKeys, option: String)] = [
      (.depth, "depth"), (.modelSeed, "model-seed"), (.seed, "seed"), (.epochs, "epochs"),
      (.batchSize, "batch-size"), (.testBatchSize, "test-batch-size"), (.learningRate, "lr"),
      (.gamma, "gamma"), (.stepSize, "step-size"), (.bias, "bias"), (.ties, "ties"),
      (.measureEvery, "log-interval"),
      (.snapshots, "snapshots"), (.data, "data"),
    ]
    let isRandom = (try? InitializerCatalog.entry(named: initializer).isRandom) ?? true
    var words = ["zerolab train", "--init \(initializer)", "--width \(width)"]
    for (key, option) in options {
      let text = text(of: key.rawValue)
      // Without a seed, one is drawn where weights are random: it is named though it be the usual one.
      guard text != usual.text(of: key.rawValue) || key == .modelSeed && isRandom else { continue }
      words.append(key == .bias && bias == nil ? "--no-bias" : "--\(option) \(shellQuoted(text))")
    }
    if quantities != usual.quantities {
      words += quantities.isEmpty ? ["--no-measure"] : quantities.map { "--measure \($0)" }
    }
    return words.joined(separator: " ")
  }
}
