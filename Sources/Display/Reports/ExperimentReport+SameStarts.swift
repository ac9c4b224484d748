// Runs that look like a mistake: other initializers' names, and the same numbers.

import Experiments
import Records
import Training

extension ExperimentReport {
  /// The most lines about runs with equal initial weights.
  private static var mostLines: Int { 8 }

  /// A sentence per setting that starts from the weights of another one, and so has its results.
  ///
  /// Weights are compared element by element, see `TrainingPlan.sameStarts`.
  var sameStarts: [String] {
    let sizes = origins.data.mapValues { ($0.inputDimension, $0.classCount) }
    let plans = results.map(\.plan)
    let same = TrainingPlan.sameStarts(
      among: plans, sizes: sizes.mapValues { (inputs: $0.0, classes: $0.1) })
    var known: Set<String> = []
    let sentences = plans.compactMap { plan -> String? in
      guard let other = same[plan] else { return nil }
      let sentence =
        "\(plan.settingIdentifier): same initial weights as \(other.settingIdentifier), "
        + "so the same results"
      return known.insert(sentence).inserted ? sentence : nil
    }
    guard sentences.count > Self.mostLines else { return sentences }
    let more = sentences.count - Self.mostLines
    return sentences.prefix(Self.mostLines) + ["and \(more) more settings with equal weights"]
  }
}
