// The labels of curves.

import ZerOExperiments
import ZerOTraining

/// Labels that are different for all curves of a figure.
struct CurveLabels {
  private let template: String

  /// Whether each curve is a single run: whether the template names a seed.
  static func areOfRuns(_ template: String) -> Bool {
    ["{seed}", "{model_seed}"].contains { template.contains($0) }
  }

  /// Adds the keys in which curves with equal labels differ.
  ///
  /// - Parameters:
  ///   - template: A text with `{key}` for a value of a plan.
  ///   - plans: One plan of each curve.
  init(_ template: String, plans: [TrainingPlan]) {
    let labels = plans.map { Self.text($0, template) }
    guard Set(labels).count < labels.count else {
      self.template = template
      return
    }
    let isOfRuns = Self.areOfRuns(template)
    let settings = TrainingPlan.settings.filter { $0.isSeed ? isOfRuns : $0.namesRun }
    let added = settings.filter { setting in
      !([setting.key] + setting.oldKeys).contains { template.contains("{\($0)}") }
        && Set(plans.map { $0[setting] }).count > 1
    }.map(\.key)
    self.template = template + added.map { ", \($0) {\($0)}" }.joined()
  }

  /// The label of a plan's curve.
  func text(_ plan: TrainingPlan) -> String { Self.text(plan, template) }

  private static func text(_ plan: TrainingPlan, _ template: String) -> String {
    typeset(template).replacing(/\{([a-z][a-z ]*)\}/) { match in
      let key = match.1.replacing(" ", with: "_")
      let text = plan.text(of: String(key))
      return key == "init" ? FigureText.words(for: text) : text
    }
  }
}
