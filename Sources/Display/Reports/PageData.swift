// The data of the page's scripts as JSON: curves, spectra and heat maps, rounded to the resolution of a screen.

import Foundation
import ZerOExperiments
import ZerORecords
import ZerOTraining

/// The records in the format of the page's scripts.
struct PageData: Encodable {
  /// A chart: a figure of the experiment, or one panel of it.
  struct Figure: Encodable {
    struct Line: Encodable {
      let label: String
      let y: Double
      let color: String
      let isDashed: Bool
    }

    /// A part of an axis over depth, up to its end.
    struct Section: Encodable {
      let label: String
      let end: Double
    }

    let title: String
    let caption: String
    let curve: String
    let xLabel: String
    let yLabel: String
    let isLogarithmic: Bool
    let lines: [Line]

    /// The parts of the horizontal axis, whose names replace its ticks; empty for ticks.
    let sections: [Section]

    /// Whether the horizontal axis is the number of updates, so the chart zooms with the others.
    let isLinked: Bool

    /// The runs that have curves, by their positions among the page's runs.
    let runs: [Int]
    let means: [Mean]
  }

  /// The mean of several runs with minimum and maximum.
  struct Mean: Encodable {
    let group: Int
    let count: Int
    let updates: [Int]
    let mean: [Double?]
    let low: [Double?]
    let high: [Double?]

    /// Samples a mean at every `stride`-th measurement and at the last one.
    init(_ curve: MeanCurve, group: Int, _ stride: Int) {
      let places = PageData.thinned(curve.sorted, stride)
      self.group = group
      count = curve.count
      updates = places.map(\.updates)
      mean = places.map { PageData.seen($0.place.mean) }
      low = places.map { PageData.seen($0.place.low) }
      high = places.map { PageData.seen($0.place.high) }
    }
  }

  /// A run with its curves by name: `loss`, `accuracy`, and for example `rank l3.weight`.
  struct Run: Encodable {
    let id: String
    let group: Int
    let isDone: Bool
    let bound: Int

    /// The ceiling of each rank by curve, where it is less than the shape allows.
    let ceilings: [String: Int]

    /// The number of updates of the complete run.
    let total: Int
    let grid: Int
    let curves: [String: [Double?]]
    let snapshots: [PageSnapshot]
  }

  let figures: [Figure]
  let groups: [String]
  let grids: [[Int]]
  let runs: [Run]

  /// The mean curves of the small charts, by curve.
  let means: [String: [Mean]]

  let sampling: SnapshotSampling

  private enum CodingKeys: String, CodingKey {
    case figures, groups, grids, runs, means
  }

  /// Collects the data of a report's page.
  init(_ report: ExperimentReport) {
    let page = report.pageRuns
    let legend = page.legend
    groups = legend.labels
    let all = legend.runs.enumerated().flatMap { group, runs in runs.map { (group, $0) } }
    sampling = SnapshotSampling(of: all.map(\.1.snapshots))
    let figures = report.figures.enumerated().map { index, figure in
      Figure(
        figure, index: index, legend,
        runs: all.indices.filter { figure.draws(all[$0].1.plan) }, page.stride)
    }
    self.figures = figures
    let main = report.experiment.mainFigure.map { figures[$0].curve }
    let names = ["loss", "accuracy"] + [main].compactMap(\.self)
    means = names.reduce(into: [:]) { means, name in
      means[name] = legend.runs.enumerated().compactMap { group, runs in
        page.mean(of: name, runs[0].plan).map { Mean($0, group: group, page.stride) }
      }
    }

    var grids: [[Int]: Int] = [:]
    let sampling = sampling
    runs = all.map { group, run in
      let number = grids[run.updates] ?? grids.count
      grids[run.updates] = number
      return Run(
        id: run.plan.identifier, group: group, isDone: run.isDone, bound: run.data.inputDimension,
        ceilings: run.ceilings,
        total: run.plan.epochs
          * run.plan.updatesPerEpoch(sampleCount: run.data.counts.first ?? 0),
        grid: number, curves: run.curves, snapshots: sampling.snapshots(run.snapshots))
    }
    self.grids = grids.sorted { $0.value < $1.value }.map(\.key)
  }

  /// The JSON, escaped for a script element.
  var script: String {
    get throws { try Self.script(self) }
  }

  /// A value as JSON, escaped for a script element.
  static func script(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A text of the records could contain the end tag of the element.
    return String(decoding: try encoder.encode(value), as: UTF8.self)
      .replacing("<", with: "\\u003c")
  }
}
