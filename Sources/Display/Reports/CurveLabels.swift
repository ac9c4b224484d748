// Names of curves that tell them apart.

import Experiments
import Training

/// Turns plans into the names of their curves.
struct CurveLabels {
  private let template: String

  /// Whether a curve is a single run: a template that names seeds asks for that.
  static func areOfRuns(_ template: String) -> Bool {
    ["{seed}", "{model_seed}"].contains { template.contains($0) }
  }

  /// Adds to a template the keys in which curves differ that it would name alike.
  ///
  /// - Parameters:
  ///   - template: With `{key}` for a plan's values.
  ///   - plans: A plan of each curve.
  init(_ template: String, plans: [TrainingPlan]) {
    let labels = plans.map { $0.filling(template) }
    guard Set(labels).count < labels.count else {
      self.template = template
      return
    }
    let isOfRuns = Self.areOfRuns(template)
    let seeds: [TrainingPlan.CodingKeys] = [.seed, .modelSeed]
    let keys = TrainingPlan.CodingKeys.allCases.filter {
      seeds.contains($0) ? isOfRuns : !$0.isAboutRecords
    }.map(\.rawValue)
    let telling = keys.filter { key in
      !template.contains("{\(key)}") && Set(plans.map { $0.text(of: key) }).count > 1
    }
    self.template = template + telling.map { ", \($0) {\($0)}" }.joined()
  }

  /// The name of a plan's curve.
  func text(_ plan: TrainingPlan) -> String { plan.filling(template) }
}
