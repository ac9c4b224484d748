// The curves of a figure, gathered run by run: of each run the rows are read, added and forgotten.

import Experiments
import Records
import Training

/// A figure's curves as far as runs have been added.
struct FigureCurves: Sendable {
  /// Describes the figure.
  let figure: FigureSpecification

  /// The curves that there is room for.
  let choice: CurveChoice

  private var chosen: [Curve]

  /// The input dimension of the first run that the figure draws, at which its lines can be.
  private(set) var inputDimension: Int?

  /// The tolerance of the measured ranks, from the first spectrum.
  private(set) var tolerance: Double?

  /// A curve: one or several runs of a setting.
  struct Curve: Sendable {
    /// One of the runs' plans.
    let plan: TrainingPlan

    /// The runs that are done.
    fileprivate(set) var mean = MeanCurve()

    /// The first run, which is drawn while none is done: a mean over runs of which one ended early would jump
    /// there.
    fileprivate var first: MeanCurve?

    /// Whether every value is 0.
    fileprivate(set) var isZero = true

    fileprivate var ceilings: [Int?] = []

    /// What is drawn.
    var drawn: MeanCurve { mean.count > 0 ? mean : first ?? mean }

    /// The ceiling of the ranks, over several seeds the highest; `nil` if a run has none.
    var ceiling: Int? { ceilings.contains(nil) ? nil : ceilings.compactMap(\.self).max() }
  }

  /// Begins a figure without curves.
  ///
  /// - Parameters:
  ///   - figure: Describes it.
  ///   - plans: All runs of the experiment, those without records too.
  init(_ figure: FigureSpecification, of plans: [TrainingPlan]) {
    self.figure = figure
    choice = CurveChoice(
      of: plans.filter(figure.runs.matches), template: figure.label,
      isLimited: plans.count > CurveChoice.runLimit)
    chosen = choice.plans.map { Curve(plan: $0) }
  }

  /// The curves that have values, in the order of the legend.
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
  ///   - record: The run, which need not be one of the figure's.
  ///   - other: Finds the run that is subtracted, where the figure shows differences.
  /// - Returns: The run's values, at the number of updates made; empty where the figure does not draw the run, and of
  ///   differences where one of the two runs has none.
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
      figure.difference == nil
        ? record.ceiling?.limit(of: figure.quantity, figure.tensor, width: record.plan.width) : nil)
    return series
  }

  private func series(of record: RunRecord, _ other: (TrainingPlan) -> RunRecord?) -> [(
    updates: Int, value: Double
  )] {
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

extension CeilingRow {
  /// The highest value that a rank of a tensor can have, where symmetry allows less than the shape.
  ///
  /// - Parameters:
  ///   - quantity: A rank from the start, or from the identity for a tensor that starts there.
  ///   - tensor: For example `l3.weight`.
  ///   - width: n_h, which the shape allows.
  /// - Returns: `nil` where symmetry says nothing of the quantity.
  func limit(of quantity: String, _ tensor: String, width: Int) -> Int? {
    guard let found = tensors[tensor], found < width else { return nil }
    switch quantity {
    case "rank_from_start": return found
    case "rank": return fromIdentity.contains(tensor) ? found : nil
    default: return nil
    }
  }
}
