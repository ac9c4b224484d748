// Runs without an experiment, and the commands that repeat them.

import Foundation
import ZerOInitializers
import ZerOMeasurements
import ZerOMessages
import ZerORequirements
public import ZerOTraining

extension Experiment {
  /// An experiment that consists of given runs, with the default figure and no claim.
  ///
  /// - Parameters:
  ///   - plans: At least one valid plan; the figure shows a quantity that all plans with quantities measure.
  ///   - name: The name of the experiment; `runs` is used instead of a name that cannot name a folder.
  public init(of plans: [TrainingPlan], name: String) {
    require(!plans.isEmpty, "an experiment without runs")
    let name = name.isResultName ? name : "runs"
    let measuring = plans.filter { !$0.quantities.isEmpty }
    let quantities = (measuring.first?.quantities ?? []).filter { name in
      measuring.allSatisfy { $0.quantities.contains(name) }
    }
    let figures = FigureSpecification.usual(
      experiment: name, measured: quantities, plans: plans)
    let rows = plans.map { plan in
      let keys = TrainingPlan.runKeys.map { "\($0): \(yamlQuoted(plan.text(of: $0)))" }
      return "  - {\(keys.joined(separator: ", "))}"
    }
    let list =
      quantities.isEmpty ? "none" : "[\(quantities.map(yamlQuoted).joined(separator: ", "))]"
    let patterns = plans[0].tensors
    let tensors =
      patterns.isEmpty ? "" : ", tensors: [\(patterns.map(yamlQuoted).joined(separator: ", "))]"
    self.init(
      name: name, question: "", plans: plans, figures: figures, claims: [],
      source: """
        name: \(yamlQuoted(name))
        runs:
        \(rows.joined(separator: "\n"))
        measure: {every: \(plans[0].measureEvery), quantities: \(list)\(tensors)}
        """)
  }
}

/// A text as a scalar of YAML; numbers stay numbers.
func yamlQuoted(_ text: String) -> String {
  Double(text) != nil ? text : "'" + text.replacing("'", with: "''") + "'"
}

extension TrainingPlan {
  /// Whether the program `zerolab` has the initializer and the quantities, so its commands can make the run again.
  public var isBuiltIn: Bool {
    InitializerCatalog.builtIn.contains(initializerNames)
      && Set(quantities).isSubset(of: MeasurementCatalog.builtIn.names)
  }

  /// The command that trains this run alone: initializer, width and every value that is not the default.
  public var trainCommand: String {
    let isRandom = initializerNames.contains {
      (try? InitializerCatalog.builtIn.entry(named: $0).isRandom) ?? true
    }
    var words = ["zerolab train", "--init \(shellQuoted(initializer))", "--width \(width)"]
    // An optimizer with defaults of its own uses them unless the values are stated.
    let defaults = optimizer == "sgd" ? [] : ["learning_rate", "weight_decay"]
    let ofRun = Self.settings.filter { $0.place != .experiment }
    let ofExperiment = Self.settings.filter { $0.place == .experiment }
    for setting in ofRun + ofExperiment where !setting.isRequired && !setting.isList {
      let value = self[setting]
      // Without --model-seed a random initializer draws a seed, so even the default is stated.
      guard
        value != setting.defaultValue || setting.key == "model_seed" && isRandom
          || defaults.contains(setting.key)
      else { continue }
      guard !setting.isFlag else {
        words.append(setting.option)
        continue
      }
      words.append(
        value == .absent
          ? "--no-\(setting.optionName)" : "\(setting.option) \(shellQuoted(value.description))")
    }
    for setting in Self.settings where setting.isList && setting.key != "quantities" {
      guard case .names(let names) = self[setting] else { continue }
      words += names.map { "\(setting.option) \(shellQuoted($0))" }
    }
    if quantities != TrainingPlan(initializer: initializer, width: width).quantities {
      words +=
        quantities.isEmpty ? ["--no-measure"] : quantities.map { "--measure \(shellQuoted($0))" }
    }
    return words.joined(separator: " ")
  }
}
