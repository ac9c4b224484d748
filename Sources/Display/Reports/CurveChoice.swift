// Which curves there is room for: all of them but in a large sweep.

import Experiments
import Training

/// The curves of a figure, before anything is read.
///
/// An experiment of up to 200 runs shows every curve. Of a larger one 40 are shown, spread evenly over the
/// experiment's order, so that what a report keeps in memory does not grow with the number of rows.
struct CurveChoice: Sendable {
  /// The most runs of which everything is drawn.
  static let runLimit = 200

  /// The most curves of a figure of more runs.
  static let curveLimit = 40

  /// A plan of each chosen curve, in the experiment's order.
  let plans: [TrainingPlan]

  /// The number of curves that are not shown.
  let leftOut: Int

  private let places: [TrainingPlan: Int]
  private let isOfRuns: Bool

  /// Chooses.
  ///
  /// - Parameters:
  ///   - plans: The runs that a figure draws.
  ///   - template: Of the curves' names; one that names seeds asks for a curve per run.
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

  /// The place of a run's curve among the chosen ones; `nil` for a run of another curve.
  func place(of plan: TrainingPlan) -> Int? { places[isOfRuns ? plan : plan.setting] }

  /// Some of many, evenly, and not in step with the lists that a grid is made of: at multiples of the golden
  /// ratio, which no period meets twice.
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
