// What was run, where and with what, in a few lines.

import Experiments
import Foundation
import Training

extension ExperimentReport {
  /// Settings that all runs share, those that differ, and where the numbers come from.
  var facts: [ReportPage.Fact] {
    settings
      + origins.facts.filter { !$0.value.isEmpty }.map {
        ReportPage.Fact(name: $0.name, value: $0.value)
      }
  }

  private var settings: [ReportPage.Fact] {
    let plans = results.map(\.plan) + missing
    let keys = TrainingPlan.settings.map(\.key).filter { $0 != "data" }
    let values = keys.map { key in
      (
        name: key,
        texts: plans.reduce(into: DistinctTexts()) { $0.add($1.text(of: key)) }
      )
    }
    let shared = values.filter { $0.texts.count == 1 }.map { "\($0.name): \($0.texts.text)" }
    let differing = values.filter { $0.texts.count > 1 }.map {
      ReportPage.Fact(name: $0.name, value: $0.texts.text)
    }
    return [ReportPage.Fact(name: "runs", value: String(plans.count))] + differing
      + [ReportPage.Fact(name: "in all of them", value: shared.joined(separator: ", "))]
  }
}
