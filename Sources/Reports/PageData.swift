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
    let lines: [Line]
  }

  /// A run, its curves by name: `loss`, `accuracy`, and for example `rank l3.weight`.
  struct Run: Encodable {
    let id: String
    let group: Int
    let isDone: Bool
    let bound: Int

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
  private static let pointLimit = 60_000

  private enum CodingKeys: String, CodingKey {
    case figures, groups, grids, runs
  }

  /// Takes what a report's page shows.
  init(_ report: ExperimentReport) {
    let records = report.records
    let groups = RunGroup.groups(of: records)
    let figure = report.experiment.figures.first
    let labels = CurveLabels(figure?.label ?? "{init}, n_h={width}", groups: groups)
    self.groups = groups.map(labels.text)
    figures = report.experiment.figures.map { Figure($0, on: records) }
    let points = records.reduce(0) { $0 + $1.trainRows.count }
    stride = max(1, (points + Self.pointLimit - 1) / Self.pointLimit)
    let snapshots = records.reduce(0) { $0 + $1.snapshots.count }
    sampling = SnapshotSampling(snapshots: snapshots)

    var grids: [[Int]: Int] = [:]
    var runs: [Run] = []
    for (index, group) in groups.enumerated() {
      for record in group.records {
        let rows = Self.thinned(record.trainRows, stride)
        let grid = rows.map { $0.iteration + 1 }
        let number = grids[grid] ?? grids.count
        grids[grid] = number
        runs.append(
          Run(
            id: record.plan.identifier, group: index, isDone: record.status.status == .done,
            bound: record.provenance.data.inputDimension,
            total: record.plan.epochs
              * record.plan.updatesPerEpoch(sampleCount: record.provenance.data.counts.first ?? 0),
            grid: number, curves: Self.curves(rows),
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

  private static func thinned(_ rows: [TrainRow], _ stride: Int) -> [TrainRow] {
    rows.enumerated().filter { $0.offset.isMultiple(of: stride) || $0.offset == rows.count - 1 }
      .map(\.element)
  }

  private static func curves(_ rows: [TrainRow]) -> [String: [Double?]] {
    var curves: [String: [Double?]] = [
      "loss": rows.map { seen($0.loss) }, "accuracy": rows.map { seen($0.runningAccuracy) },
    ]
    let names = rows.reduce(into: Set<[String]>()) { names, row in
      for (quantity, values) in row.quantities {
        for tensor in values.keys where tensor.hasSuffix(".weight") {
          names.insert([quantity, tensor])
        }
      }
    }
    for name in names {
      curves["\(name[0]) \(name[1])"] = rows.map { $0.quantities[name[0]]?[name[1]].flatMap(seen) }
    }
    return curves
  }

  /// A number to four digits, which is more than a screen shows; `nil` for what is none.
  static func seen(_ value: Double) -> Double? {
    value.isFinite ? Double(String(format: "%.4g", value)) : nil
  }
}

extension PageData.Figure {
  fileprivate init(_ figure: FigureSpecification, on records: [RunRecord]) {
    let subject = Verdict.text(of: figure.quantity, figure.tensor)
    title = "\(figure.yLabel): \(subject) over the updates"
    caption = "\(subject), singular values above 1e-4, against the number of updates."
    curve = "\(figure.quantity) \(figure.tensor)"
    xLabel = "Updates"
    yLabel = figure.yLabel == "Rank" ? subject : figure.yLabel
    lines = figure.lines(on: records).map { line, label, y in
      Line(label: label, y: y, color: line.color, isDashed: line.isDashed)
    }
  }
}
