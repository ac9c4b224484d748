// The choice of the curves that are drawn: all of them, except in a large sweep.

import ZerOExperiments
import ZerOTraining

/// The curves of a figure, chosen from the plans before any record is read.
///
/// An experiment of up to 200 runs shows every curve. A larger one shows 40 curves, spread evenly over the
/// experiment's order, so the memory of a report is bounded.
struct CurveChoice: Sendable {
  /// The largest number of runs for which every curve is drawn.
  static let runLimit = 200

  /// The largest number of curves per figure of an experiment with more runs.
  static let curveLimit = 40

  /// One plan per chosen curve, in the experiment's order.
  let plans: [TrainingPlan]

  /// The number of curves that are not drawn.
  let leftOut: Int

  private let places: [TrainingPlan: Int]
  private let isOfRuns: Bool

  /// Chooses the curves.
  ///
  /// - Parameters:
  ///   - plans: The runs that a figure draws.
  ///   - template: The template of the labels; a template with a seed gives one curve per run.
  ///   - isLimited: Whether the experiment has more than `runLimit` runs.
  init(of plans: [TrainingPlan], template: String, isLimited: Bool) {
    isOfRuns = CurveLabels.areOfRuns(template)
    var known: Set<TrainingPlan> = []
    var first: [TrainingPlan] = []
    for plan in plans where known.insert(isOfRuns ? plan : plan.setting).inserted {
      first.append(plan)
    }
    self.plans = isLimited ? Self.spread(first, over: Self.curveLimit) : first
    leftOut = first.count - self.plans.count
    var places: [TrainingPlan: Int] = [:]
    for (index, plan) in self.plans.enumerated() {
      places[isOfRuns ? plan : plan.setting] = index
    }
    self.places = places
  }

  /// The position of a run's curve among the chosen curves; `nil` for a run of another curve.
  func place(of plan: TrainingPlan) -> Int? { places[isOfRuns ? plan : plan.setting] }

  /// A number of elements, spread evenly over a list.
  ///
  /// The positions are multiples of the golden ratio modulo 1, so they do not coincide with the period of a grid.
  static func spread<Element>(_ all: [Element], over limit: Int) -> [Element] {
    guard all.count > limit else { return all }
    let ratio = (5.0.squareRoot() - 1) / 2
    var chosen: Set<Int> = []
    var step = 0
    while chosen.count < limit {
      let position = Double(step) * ratio
      chosen.insert(
        min(all.count - 1, Int((position - position.rounded(.down)) * Double(all.count))))
      step += 1
    }
    return chosen.sorted().map { all[$0] }
  }
}
