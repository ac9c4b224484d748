// The curves of a figure, built run by run; the rows of a run are not kept.

import ZerOExperiments
import ZerONetworks
import ZerORecords
import ZerOTraining

/// The curves of a figure, from the runs that have been added so far.
struct FigureCurves: Sendable {
  /// The description of the figure.
  let figure: FigureSpecification

  /// The curves that are drawn.
  let choice: CurveChoice

  private var chosen: [Curve]

  /// The input dimension of the first run that the figure draws; `nil` before there is one.
  private(set) var inputDimension: Int?

  /// The tolerance of the measured ranks, from the first spectrum.
  private(set) var tolerance: Double?

  /// A curve: one or several runs of one setting.
  struct Curve: Sendable {
    /// The plan of one of the runs.
    let plan: TrainingPlan

    /// The mean of the finished runs.
    fileprivate(set) var mean = MeanCurve()

    /// The first run, which is drawn until a run has finished.
    ///
    /// A mean of runs of different length would jump where one of them ends.
    fileprivate var first: MeanCurve?

    /// Whether every value is 0.
    fileprivate(set) var isZero = true

    fileprivate var ceilings: [Int?] = []

    /// The curve that is drawn.
    var drawn: MeanCurve { mean.count > 0 ? mean : first ?? mean }

    /// The ceiling of the ranks, the highest of several seeds; `nil` if a run has none.
    var ceiling: Int? { ceilings.contains(nil) ? nil : ceilings.compactMap(\.self).max() }
  }

  /// Makes a figure without curves.
  ///
  /// - Parameters:
  ///   - figure: The description of the figure.
  ///   - plans: All runs of the experiment, including those without records.
  init(_ figure: FigureSpecification, of plans: [TrainingPlan]) {
    self.figure = figure
    choice = CurveChoice(
      of: plans.filter(figure.runs.matches), template: figure.label,
      isLimited: plans.count > CurveChoice.runLimit)
    chosen = choice.plans.map { Curve(plan: $0) }
  }

  /// The curves that have values, in the order of the experiment.
  var curves: [Curve] { chosen.filter { !$0.ceilings.isEmpty } }

  /// Whether symmetry limits the values of any run.
  var hasCeilings: Bool { chosen.contains { $0.ceilings.contains { $0 != nil } } }

  /// Whether a run belongs to one of the figure's curves.
  func draws(_ plan: TrainingPlan) -> Bool {
    figure.runs.matches(plan) && choice.place(of: plan) != nil
  }

  /// Adds a run.
  ///
  /// - Parameters:
  ///   - record: The run; a run that the figure does not draw changes nothing.
  ///   - other: Finds the run that a figure of differences subtracts.
  /// - Returns: The run's values by number of updates; empty if the figure does not draw the run, or if a difference lacks
  ///   one of its two runs.
  @discardableResult
  mutating func add(_ record: RunRecord, other: (TrainingPlan) -> RunRecord?)
    -> [(updates: Int, value: Double)]
  {
    guard figure.runs.matches(record.plan) else { return [] }
    inputDimension = inputDimension ?? record.provenance.data.inputDimension
    tolerance = tolerance ?? record.snapshots.first?.spectra["identity"]?.tolerance
    guard let place = choice.place(of: record.plan) else { return [] }
    let series = series(of: record, other)
    guard !series.isEmpty else { return [] }
    if record.status.status == .done {
      chosen[place].mean.add(series)
      chosen[place].first = nil
    } else if chosen[place].ceilings.isEmpty {
      var first = MeanCurve()
      first.add(series)
      chosen[place].first = first
    }
    chosen[place].isZero = chosen[place].isZero && series.allSatisfy { $0.value == 0 }
    chosen[place].ceilings.append(
      figure.difference == nil && figure.axis == .updates
        ? record.ceiling?.limit(
          of: figure.quantity, figure.tensor, below: record.largestRank(of: figure.tensor)) : nil)
    return series
  }

  private func series(of record: RunRecord, _ other: (TrainingPlan) -> RunRecord?) -> [(
    updates: Int, value: Double
  )] {
    guard figure.axis == .updates else { return profile(of: record) }
    let own = record.series(figure.quantity, of: figure.tensor)
    guard let difference = figure.difference else { return own }
    let subtrahend = difference.subtrahend(of: record.plan).flatMap(other)
    let subtracted = Dictionary(
      (subtrahend?.series(figure.quantity, of: figure.tensor) ?? []).map { ($0.updates, $0.value) }
    ) { $1 }
    return own.compactMap { updates, value in
      subtracted[updates].map { (updates, value - $0) }
    }
  }
}

extension FigureCurves {
  /// The stages of the measured weights in a figure over depth: neighbors whose names begin alike, such as `layer1`, with the
  /// number of the last one, counted from 1.
  ///
  /// Empty if networks have different weights, and if names begin all alike or all differently, as in an MLP.
  var stages: [(name: String, last: Int)] {
    guard figure.axis == .depth else { return [] }
    let names = Set(choice.plans.map(\.measuredWeights))
    guard names.count == 1, let weights = names.first else { return [] }
    var stages: [(name: String, last: Int)] = []
    for (index, weight) in weights.enumerated() {
      let name = String(weight.prefix { $0 != "." })
      if stages.last?.name == name { stages.removeLast() }
      stages.append((name, index + 1))
    }
    return stages.count > 1 && stages.count < weights.count ? stages : []
  }

  /// The values of one update over the measured weights, counted from 1.
  private func profile(of record: RunRecord) -> [(updates: Int, value: Double)] {
    record.plan.measuredWeights.enumerated().compactMap { index, tensor in
      let series = record.series(figure.quantity, of: tensor)
      let chosen =
        figure.update.map { update in series.last { $0.updates == update } } ?? series.last
      return chosen.map { (index + 1, $0.value) }
    }
  }
}

extension CeilingRow {
  /// The largest value that a rank of a tensor can reach, where symmetry allows less than the shape.
  ///
  /// - Parameters:
  ///   - quantity: `rank_from_start`, or `rank` for a tensor that starts at the identity.
  ///   - tensor: The tensor, for example `l3.weight`.
  ///   - bound: The largest rank that the shape allows.
  /// - Returns: The ceiling; `nil` where symmetry does not bound the quantity.
  func limit(of quantity: String, _ tensor: String, below bound: Int) -> Int? {
    guard let found = tensors[tensor], found < bound else { return nil }
    switch quantity {
    case "rank_from_start": return found
    case "rank": return fromIdentity.contains(tensor) ? found : nil
    default: return nil
    }
  }
}

extension RunRecord {
  /// The largest rank that the shape of a measured weight allows.
  func largestRank(of tensor: String) -> Int {
    guard
      let graph = try? plan.model(
        input: provenance.data.input, classCount: max(1, provenance.data.classCount)
      ).graph,
      let parameter = graph.parameters.first(where: { $0.name == tensor })
    else { return plan.width }
    return min(parameter.rows, parameter.columns)
  }
}
