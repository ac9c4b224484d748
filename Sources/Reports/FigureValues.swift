// The values that a figure draws.

import Experiments
import Records
import Training

/// A figure's runs and their values.
struct FigureValues {
  private let figure: FigureSpecification

  /// The runs that the figure draws, in the order of the legend.
  let records: [RunRecord]

  private let all: [TrainingPlan: RunRecord]

  /// Takes a figure's values.
  ///
  /// - Parameters:
  ///   - figure: Says which.
  ///   - records: The experiment's runs.
  init(_ figure: FigureSpecification, of records: [RunRecord]) {
    self.figure = figure
    self.records = records.filter { figure.runs.matches($0.plan) }
    all = Dictionary(records.map { ($0.plan, $0) }) { first, _ in first }
  }

  /// A run's values, at the number of updates made; of differences those that both runs have measured.
  ///
  /// - Parameter record: A run that the figure draws.
  /// - Returns: Empty where the run, or the one that is subtracted, has none.
  func series(of record: RunRecord) -> [(updates: Int, value: Double)] {
    let own = record.series(figure.quantity, of: figure.tensor)
    guard let difference = figure.difference else { return own }
    let other = difference.subtrahend(of: record.plan).flatMap { all[$0] }
    let subtracted = Dictionary(
      (other?.series(figure.quantity, of: figure.tensor) ?? []).map { ($0.updates, $0.value) }
    ) { $1 }
    return own.compactMap { updates, value in
      subtracted[updates].map { (updates, value - $0) }
    }
  }

  /// Whether a setting's curve is nothing but zeros, which have no place on a logarithmic axis.
  func isZero(_ group: RunGroup) -> Bool {
    let values = group.records.filter { figure.runs.matches($0.plan) }.flatMap(series)
    return !values.isEmpty && values.allSatisfy { $0.value == 0 }
  }
}
