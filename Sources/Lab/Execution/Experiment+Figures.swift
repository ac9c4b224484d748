// Figures of single updates, checked before anything is trained.

import ZerODatasets
public import ZerOExperiments
import ZerOTraining

extension Experiment {
  /// Checks that each figure over depth has values: at least one of its runs measures the update that it shows.
  ///
  /// - Parameter data: The data sets, which determine the numbers of updates.
  /// - Throws: `ExperimentError.unmeasuredUpdate`, `DatasetError`.
  public func checkFigures(on data: inout SelectedDatasets) throws {
    for figure in figures {
      guard let update = figure.update else { continue }
      let drawn = plans.filter(figure.runs.matches)
      let isMeasured = try drawn.contains {
        $0.measures(update: update, sampleCount: try data.dataset(of: $0).train.count)
      }
      guard !isMeasured, let plan = drawn.first else { continue }
      throw ExperimentError.unmeasuredUpdate(
        figure: figure.name, update: update,
        measured: plan.measuredText(sampleCount: try data.dataset(of: plan).train.count))
    }
  }
}

extension TrainingPlan {
  /// The measured updates in words, for example `1, 51, 101, …, 938`.
  fileprivate func measuredText(sampleCount: Int) -> String {
    let last = epochs * updatesPerEpoch(sampleCount: sampleCount)
    let first = measuredUpdates(sampleCount: sampleCount).prefix(4).map(String.init)
    return (first.count < 4 ? first : first.prefix(3) + ["…", "\(last)"]).joined(separator: ", ")
  }
}
