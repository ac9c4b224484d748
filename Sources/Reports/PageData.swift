// What the page's scripts draw, as JSON: curves, spectra and maps, rounded to what can be seen.

import Experiments
import Foundation
import Records
import Training

/// The records as the page's scripts read them.
struct PageData: Encodable {
  /// A chart of an experiment's figure.
  struct Figure: Encodable {
    struct Line: Encodable {
      let label: String
      let y: Double
      let color: String
      let isDashed: Bool
    }

    let title: String
    let caption: String
    let curve: String
    let xLabel: String
    let yLabel: String
    let isLogarithmic: Bool
    let lines: [Line]

    /// Which runs have curves: their places among the page's.
    let runs: [Int]
  }

  /// A run, its curves by name: `loss`, `accuracy`, and for example `rank l3.weight`.
  struct Run: Encodable {
    let id: String
    let group: Int
    let isDone: Bool
    let bound: Int

    /// What each rank can't pass, by curve, where that is less than the weight's shape allows.
    let ceilings: [String: Int]

    /// The updates of the whole run, made or not.
    let total: Int
    let grid: Int
    let curves: [String: [Double?]]
    let snapshots: [PageSnapshot]
  }

  let figures: [Figure]
  let groups: [String]
  let grids: [[Int]]
  let runs: [Run]

  /// Every how many measurements one is drawn.
  let stride: Int
  let sampling: SnapshotSampling

  /// How many points of curves a page has at most.
  private static let pointLimit = 240_000

  /// The curves of ranks that a run has.
  private static func curveCount(_ record: RunRecord) -> Int {
    record.trainRows.first?.quantities.values.reduce(0) { $0 + $1.count } ?? 0
  }

  private enum CodingKeys: String, CodingKey {
    case figures, groups, grids, runs
  }

  /// Takes what a report's page shows.
  init(_ report: ExperimentReport) {
    let records = report.records
    let curves = CurveLabels.curves(
      of: records, template: report.experiment.figures.first?.label ?? "{init}, n_h={width}")
    self.groups = curves.map(\.label)
    let values = report.experiment.figures.map { FigureValues($0, of: records) }
    figures = zip(report.experiment.figures, values).enumerated().map {
      Figure($1.0, $1.1, index: $0, on: curves)
    }
    let points = records.reduce(0) { $0 + $1.trainRows.count * (2 + Self.curveCount($1)) }
    stride = max(1, (points + Self.pointLimit - 1) / Self.pointLimit)
    sampling = SnapshotSampling(of: records)

    let drawn = Set(report.experiment.figures.map { [$0.quantity, $0.tensor] })
    var grids: [[Int]: Int] = [:]
    var runs: [Run] = []
    for (index, curve) in curves.enumerated() {
      for record in curve.group.records {
        let rows = Self.thinned(record.trainRows, stride)
        let grid = rows.map { $0.iteration + 1 }
        let number = grids[grid] ?? grids.count
        grids[grid] = number
        runs.append(
          Run(
            id: record.plan.identifier, group: index, isDone: record.status.status == .done,
            bound: record.provenance.data.inputDimension,
            ceilings: Self.ceilings(of: record),
            total: record.plan.epochs
              * record.plan.updatesPerEpoch(sampleCount: record.provenance.data.counts.first ?? 0),
            grid: number,
            curves: Self.curves(rows, drawn).merging(
              Self.differences(rows, record, zip(report.experiment.figures, values))
            ) { $1 },
            snapshots: sampling.snapshots(of: record)))
      }
    }
    self.runs = runs
    self.grids = grids.sorted { $0.value < $1.value }.map(\.key)
  }

  /// The JSON, safe inside a script element.
  var script: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      // A text of the records could end the element.
      return String(decoding: try encoder.encode(self), as: UTF8.self)
        .replacing("<", with: "\\u003c")
    }
  }
}
