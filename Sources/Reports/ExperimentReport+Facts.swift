// What was run, where and with what, in a few lines.

import Experiments
import Foundation
import Records
import Training

extension ExperimentReport {
  /// Settings that all runs share, those that differ, and where the numbers come from.
  var facts: [ReportPage.Fact] {
    settings
      + origins.map { name, value in
        ReportPage.Fact(name: name, value: Self.distinct(records.compactMap(value)))
      }.filter { !$0.value.isEmpty }
  }

  private var settings: [ReportPage.Fact] {
    let plans = records.map(\.plan) + missing
    let keys = TrainingPlan.CodingKeys.allCases.filter { $0 != .data }.map(\.rawValue)
    let values = keys.map { key in
      (key: key, texts: plans.map { $0.text(of: key) })
    }
    let shared = values.filter { Set($0.texts).count == 1 }.compactMap { key, texts in
      texts.first.map { "\(key): \($0)" }
    }
    let differing = values.filter { Set($0.texts).count > 1 }.map {
      ReportPage.Fact(name: $0.key, value: Self.distinct($0.texts))
    }
    return [
      ReportPage.Fact(name: "runs", value: String(plans.count))
    ] + differing + [ReportPage.Fact(name: "in all of them", value: shared.joined(separator: ", "))]
  }

  private var origins: [(String, (RunRecord) -> String?)] {
    [
      ("data", { Self.text(of: $0.provenance.data) }),
      (
        "data, SHA-256",
        { record in
          record.provenance.data.sha256.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.prefix(16))…" }.joined(separator: ", ")
        }
      ),
      ("program", { "commit \($0.provenance.commit), \($0.provenance.compiler)" }),
      ("processor", { "\($0.provenance.processor), \($0.provenance.cores) cores" }),
      ("BLAS", { "\($0.provenance.blasLibrary), kernel \($0.provenance.blasKernel)" }),
      ("C library", { $0.provenance.systemLibrary }),
      (
        "taken up again",
        { record in
          record.provenance.resumed.map { sessions in
            "\(record.plan.identifier) after "
              + sessions.map { "\($0.iteration) updates" }.joined(separator: ", ")
          }
        }
      ),
      ("began", { [start = firstStart] _ in start.map { $0.formatted(.iso8601) } }),
      ("ended", { [end = lastEnd] _ in end.map { $0.formatted(.iso8601) } }),
      ("seconds of work", { [seconds] _ in String(format: "%.1f", seconds) }),
    ]
  }

  private var firstStart: Date? { records.map(\.provenance.started).min() }

  private var lastEnd: Date? { records.compactMap(\.provenance.ended).max() }

  private var seconds: Double { records.reduce(0) { $0 + ($1.status.seconds ?? 0) } }

  private static func text(of data: Provenance.Data) -> String {
    let counts = data.counts.map { String($0) }.joined(separator: " + ")
    return "\(data.name): \(counts) images of \(data.inputDimension) pixels, "
      + "\(data.classCount) classes"
  }

  /// Each once; of very many the first ones.
  private static func distinct(_ texts: [String]) -> String {
    let distinct = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let limit = 24
    let shown = distinct.prefix(limit).joined(separator: ", ")
    return distinct.count > limit ? "\(shown) and \(distinct.count - limit) more" : shown
  }
}
