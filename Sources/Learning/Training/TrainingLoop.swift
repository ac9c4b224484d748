// The training loop of the notebook, top to bottom.

public import Datasets
public import LinearAlgebra
public import Networks
public import Parallelism

/// Trains a network by a plan.
///
/// Order of events, as in the notebook: for each batch the loss is taken, then the update is made,
/// and at every `measureEvery`-th update of an epoch, the first included, and at the last of the run, the observer
/// is called with the updated network; after each epoch comes the test pass. All randomness is the order of
/// the batches, from `plan.seed`.
///
/// A run that was broken off goes on from where it was, and ends with the same bits.
///
/// - Parameters:
///   - network: The network at `position`; the trained one on return. When an error is thrown, the state
///     in which it occurred.
///   - plan: The hyper-parameters, valid for the data.
///   - data: What is trained and tested on.
///   - position: Where to begin.
///   - team: Shares the work of each update; it makes no difference to any result.
///   - observe: Reads events, the network, and the activations and gradients of the batch that it was
///     updated with; whatever it throws ends the run.
/// - Throws: At the first loss, of a batch or a test pass, that is no finite number: `TrainingError.diverged`, or
///   `.notFiniteAtStart` for the loss of the initial network.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func train<Scalar: MatrixScalar>(
  _ network: inout Network<Scalar>, by plan: TrainingPlan, on data: Dataset,
  from position: TrainingPosition = .start, team: ThreadTeam = .alone,
  observe: (TrainingEvent, Network<Scalar>, borrowing Workspace<Scalar>) throws -> Void
) throws {
  let schedule = StepDecay(
    initial: plan.learningRate, gamma: plan.gamma, stepSize: plan.stepSize)
  var order = BatchOrder(seed: plan.seed)
  var workspace = Workspace(for: network, samples: plan.batchSize, team: team)
  var position = position

  // The passes that have been made draw from the stream as they did.
  for _ in 1..<position.epoch {
    order.skipPass()  // training
    order.skipPass()  // test
  }

  while position.epoch <= plan.epochs {
    let epoch = position.epoch
    let optimizer = SGD(learningRate: schedule.learningRate(epoch: epoch))
    let batches = order.nextPass(count: data.train.count).batches(of: plan.batchSize)
    let earlier = (epoch - 1) * batches.count

    for (step, batch) in batches.enumerated().dropFirst(position.step) {
      workspace.resize(samples: batch.count)
      data.train.copyBatch(batch, into: &workspace.activations[0], team)
      let labels = data.train.labels(of: batch)

      network.forward(&workspace)
      let loss = workspace.computeLoss(labels: labels)
      guard loss.mean.isFinite else {
        guard earlier + step > 0 else { throw TrainingError.notFiniteAtStart(loss: loss.mean) }
        throw TrainingError.diverged(
          iteration: earlier + step, loss: loss.mean, learningRate: optimizer.learningRate)
      }
      position = TrainingPosition(
        epoch: epoch, step: step + 1, correct: position.correct + loss.correct)
      optimizer.step(&network, &workspace)

      if plan.measures(step: step, of: epoch, updatesPerEpoch: batches.count) {
        let report = TrainingStep(
          epoch: epoch, step: step, stepCount: batches.count, iteration: earlier + step,
          iterationCount: plan.epochs * batches.count, samples: step * plan.batchSize,
          sampleCount: data.train.count, loss: loss.mean,
          runningAccuracy: 100 * Double(position.correct) / Double(data.train.count),
          learningRate: optimizer.learningRate, isDue: step.isMultiple(of: plan.measureEvery))
        try observe(.step(report), network, workspace)
      }
      try observe(.reached(position), network, workspace)
    }

    let test = network.evaluate(
      on: data.test, order: order.nextPass(count: data.test.count), batchSize: plan.testBatchSize,
      team: team)
    guard test.mean.isFinite else {
      throw TrainingError.diverged(
        iteration: earlier + batches.count, loss: test.mean, learningRate: optimizer.learningRate)
    }
    let report = EpochTest(
      epoch: epoch, loss: test.mean, correct: test.correct, total: test.count)
    try observe(.test(report), network, workspace)
    position = TrainingPosition(epoch: epoch + 1, step: 0, correct: 0)
    try observe(.reached(position), network, workspace)
  }
}
