// Conversion of data and events to records.

public import Datasets
public import Records
import Training

extension Provenance.Data {
  /// Describes a data set.
  public init(_ data: Dataset) {
    self.init(
      name: data.name,
      sha256: Dictionary(data.files.map { ($0.name, $0.sha256) }, uniquingKeysWith: { $1 }),
      inputDimension: data.inputDimension, classCount: data.classCount,
      counts: [data.train.count, data.test.count])
  }
}

extension TrainRow {
  init(_ step: TrainingStep, quantities: [String: [String: Double]]) {
    self.init(
      epoch: step.epoch, step: step.step, iteration: step.iteration, samples: step.samples,
      loss: step.loss, runningAccuracy: step.runningAccuracy, learningRate: step.learningRate,
      quantities: quantities)
  }
}

extension TestRow {
  init(_ test: EpochTest) {
    self.init(epoch: test.epoch, loss: test.loss, correct: test.correct, total: test.total)
  }
}
