// The runs that a page draws, collected run by run, with thinned curves and some of their weights.

import Foundation
import ZerOExperiments
import ZerORecords
import ZerOTraining

/// The curves and weights of the runs that fit on a page.
struct PageRuns: Sendable {
  /// A run with curves.
  struct Run: Sendable {
    let plan: TrainingPlan
    let isDone: Bool
    let data: Provenance.Data
    let ceilings: [String: Int]

    /// The numbers of updates at which the curves have values.
    let updates: [Int]
    let curves: [String: [Double?]]
    let snapshots: [SnapshotRow]
  }

  /// The runs, in the experiment's order.
  private(set) var runs: [Run] = []

  /// The largest distance between two points of a curve, in measurements.
  private(set) var stride = 1

  /// The template of curve labels.
  let template: String

  private let shown: Set<TrainingPlan>
  private let groups: CurveChoice
  private let names: Set<CurveName>
  private let main: (curve: String, name: CurveName)?

  /// The number of runs in each group, with or without records; a single run has no mean curve.
  private let sizes: [Int]
  private var means: [String: [Int: MeanCurve]] = [:]

  /// The maximum number of curve points on a page, without the means.
  private static let pointLimit = 240_000

  /// Makes a page without runs.
  ///
  /// - Parameters:
  ///   - experiment: The experiment; its first figure's label names the curves.
  ///   - figures: The figures of the page.
  ///   - plans: The plans of all runs, with or without records.
  init(_ experiment: Experiment, _ figures: [FigureCurves], of plans: [TrainingPlan]) {
    template = experiment.figures.first?.label ?? "{init}, n_h={width}"
    names = Set(
      experiment.figures.map { CurveName(quantity: $0.quantity, tensor: $0.tensor) })
    shown =
      plans.count > CurveChoice.runLimit
      ? Self.shown(figures.map(\.choice), of: plans, template) : Set(plans)
    let groups = CurveChoice(
      of: plans.filter(shown.contains), template: template, isLimited: false)
    self.groups = groups
    main = experiment.mainFigure.map { index in
      let figure = experiment.figures[index]
      return (
        PageData.Figure.curve(of: figure, at: index),
        CurveName(quantity: figure.quantity, tensor: figure.tensor)
      )
    }
    sizes = plans.reduce(into: [Int](repeating: 0, count: groups.plans.count)) { sizes, plan in
      if let place = groups.place(of: plan) { sizes[place] += 1 }
    }
  }

  /// The runs of a large experiment that are drawn: the first few of each curve of each figure.
  private static func shown(
    _ figures: [CurveChoice], of plans: [TrainingPlan], _ template: String
  ) -> Set<TrainingPlan> {
    let choices =
      figures.isEmpty
      ? [CurveChoice(of: plans, template: template, isLimited: true)] : figures
    let curveCount = choices.reduce(0) { $0 + $1.plans.count }
    let runsPerCurve = max(1, CurveChoice.runLimit / max(1, curveCount))
    var shown: Set<TrainingPlan> = []
    for choice in choices {
      var counts = [Int](repeating: 0, count: choice.plans.count)
      for plan in plans {
        guard let place = choice.place(of: plan), counts[place] < runsPerCurve else { continue }
        counts[place] += 1
        shown.insert(plan)
      }
    }
    return shown
  }

  /// Whether the page draws a run's curves and weights.
  func shows(_ plan: TrainingPlan) -> Bool { shown.contains(plan) }

  /// The page's legend: labeled groups of runs.
  struct Legend {
    let labels: [String]
    let runs: [[Run]]
    fileprivate let groups: CurveChoice
    fileprivate let places: [Int: Int]

    /// The group of a run's setting; `nil` if no run of the setting has been added.
    func group(of plan: TrainingPlan) -> Int? { groups.place(of: plan).flatMap { places[$0] } }
  }

  /// The legend of the runs that have been added.
  var legend: Legend {
    var members = [[Run]](repeating: [], count: groups.plans.count)
    for run in runs {
      if let place = groups.place(of: run.plan) { members[place].append(run) }
    }
    let filled = members.indices.filter { !members[$0].isEmpty }
    let plans = filled.map { members[$0][0].plan }
    let labels = CurveLabels(template, plans: plans)
    return Legend(
      labels: plans.map(labels.text), runs: filled.map { members[$0] }, groups: groups,
      places: Dictionary(uniqueKeysWithValues: filled.enumerated().map { ($1, $0) }))
  }

  /// The mean curve of a setting's completed runs.
  ///
  /// - Parameters:
  ///   - name: `loss`, `accuracy`, or the main figure's curve.
  ///   - plan: Any plan of the setting.
  /// - Returns: `nil` for fewer than two runs.
  func mean(of name: String, _ plan: TrainingPlan) -> MeanCurve? {
    guard let place = groups.place(of: plan), let mean = means[name]?[place], mean.count > 1 else {
      return nil
    }
    return mean
  }

  /// Adds a run.
  ///
  /// - Parameters:
  ///   - record: The run; a run that is not drawn still counts in the mean of its setting.
  ///   - differences: The run's values in figures of differences, by curve name.
  mutating func add(
    _ record: RunRecord, differences: [String: [(updates: Int, value: Double)]]
  ) {
    guard let place = groups.place(of: record.plan) else { return }
    let rows = record.trainRows
    if record.status.status == .done, sizes[place] > 1 {
      var series: [String: [(updates: Int, value: Double)]] = [
        "loss": rows.map { ($0.iteration + 1, $0.loss) },
        "accuracy": rows.map { ($0.iteration + 1, $0.runningAccuracy) },
      ]
      if let (curve, name) = main {
        series[curve] = differences[curve] ?? record.series(name.quantity, of: name.tensor)
      }
      for (name, series) in series where !series.isEmpty {
        means[name, default: [:]][place, default: MeanCurve()].add(series)
      }
    }
    guard shown.contains(record.plan) else { return }
    let curveCount = 2 + (rows.first?.quantities.values.reduce(0) { $0 + $1.count } ?? 0)
    let rowLimit = max(1, Self.pointLimit / (max(1, shown.count) * curveCount))
    let ownStride = max(1, (rows.count + rowLimit - 1) / rowLimit)
    stride = max(stride, ownStride)
    let thinned = PageData.thinned(rows, ownStride)
    runs.append(
      Run(
        plan: record.plan, isDone: record.status.status == .done, data: record.provenance.data,
        ceilings: PageData.ceilings(of: record), updates: thinned.map { $0.iteration + 1 },
        curves: PageData.curves(thinned, names).merging(
          differences.mapValues { series in
            let values = Dictionary(series.map { ($0.updates, $0.value) }) { $1 }
            return thinned.map { values[$0.iteration + 1].flatMap(PageData.seen) }
          }
        ) { $1 }, snapshots: record.snapshots))
  }
}
