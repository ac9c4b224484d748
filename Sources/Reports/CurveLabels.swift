// Names of curves that tell them apart.

import Experiments
import Records
import Training

/// Turns settings into the names of their curves.
struct CurveLabels {
  private let template: String

  /// Adds to a template the keys in which settings differ that it would name alike.
  ///
  /// - Parameters:
  ///   - template: With `{key}` for a plan's values.
  ///   - groups: The settings.
  ///   - isOfRuns: Whether a curve is a single run, so that seeds tell curves apart too.
  init(_ template: String, groups: [RunGroup], isOfRuns: Bool = false) {
    let labels = groups.map { $0.plan.filling(template) }
    guard Set(labels).count < labels.count else {
      self.template = template
      return
    }
    let seeds: [TrainingPlan.CodingKeys] = [.seed, .modelSeed]
    let keys = TrainingPlan.CodingKeys.allCases.filter {
      seeds.contains($0) ? isOfRuns : !$0.isAboutRecords
    }.map(\.rawValue)
    let telling = keys.filter { key in
      !template.contains("{\(key)}") && Set(groups.map { $0.plan.text(of: key) }).count > 1
    }
    self.template = template + telling.map { ", \($0) {\($0)}" }.joined()
  }

  /// The curves of some runs: a setting each, or a run each where the template names seeds.
  ///
  /// - Parameters:
  ///   - records: The runs.
  ///   - template: With `{key}` for a plan's values.
  /// - Returns: In the order of their first runs, each with its name.
  static func curves(of records: [RunRecord], template: String)
    -> [(group: RunGroup, label: String)]
  {
    let isOfRuns = ["{seed}", "{model_seed}"].contains { template.contains($0) }
    let groups =
      isOfRuns
      ? records.map { RunGroup(plan: $0.plan, records: [$0]) } : RunGroup.groups(of: records)
    let labels = CurveLabels(template, groups: groups, isOfRuns: isOfRuns)
    return groups.map { ($0, labels.text($0)) }
  }

  /// The name of a setting's curve.
  func text(_ group: RunGroup) -> String { group.plan.filling(template) }
}
