// The training loop of the reference notebook.

public import ZerODatasets
public import ZerOLinearAlgebra
public import ZerONetworks
import ZerOOptimizers
public import ZerOParallelism

/// Trains a network according to a plan.
///
/// The order is as in the reference notebook: loss of the batch, update, and a call of the observer with the updated
/// network if `plan.measures(step:of:updatesPerEpoch:)` is true. A test pass follows each epoch. The only source of
/// randomness is the order of the batches, from `plan.seed`.
///
/// A resumed run is bit-identical to an uninterrupted one.
///
/// - Parameters:
///   - network: The network at `position`; the trained network on return, or its state when an error was thrown.
///   - plan: The hyper-parameters, valid for the data.
///   - data: The training and test images.
///   - position: The position to start from.
///   - states: The states of the optimizer at `position`, as `NetworkInTraining.states`; nothing at the start.
///   - products: The library that computes the products; results differ in rounding.
///   - team: Shares the work of each update; results do not depend on it.
///   - observe: Receives each event, the network with the states of the optimizer, and the activations and gradients of the latest batch. An
///     error that it throws ends the run.
/// - Throws: `TrainingError.diverged` at the first loss of a batch or test pass that is not finite; `.notFiniteAtStart` if
///   it is the loss of the initial network.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func train<Scalar: MatrixScalar>(
  _ network: inout Network<Scalar>, by plan: TrainingPlan, on data: Dataset,
  from position: TrainingPosition = .start, states: [String: [Matrix<Scalar>]] = [:],
  products: ProductLibrary = .current, team: ThreadTeam = .alone,
  observe: (TrainingEvent, NetworkInTraining<Scalar>, borrowing Workspace<Scalar>) throws -> Void
) throws {
  let schedule = plan.schedule(sampleCount: data.train.count)
  let conversion = plan.pixelConversion(for: data, reading: network.graph)
  var order = BatchOrder(seed: plan.seed)
  var workspace = Workspace(for: network, samples: plan.batchSize, team: team)
  let sizes: Set = [min(plan.batchSize, data.train.count), data.train.count % plan.batchSize]
  let trained = NetworkInTraining(
    network, optimizer: plan.rule, batchSizes: sizes.subtracting([0]), products: products,
    team: team)
  trained.load(states)
  defer { network = trained() }
  var position = position

  // Finished passes draw from the stream as they did before.
  for _ in 1..<position.epoch {
    order.skipPass()  // training
    order.skipPass()  // test
  }

  while position.epoch <= plan.epochs {
    let epoch = position.epoch
    let batches = order.nextPass(count: data.train.count).batches(of: plan.batchSize)
    let earlier = (epoch - 1) * batches.count
    var augmentation =
      plan.changes.isEmpty
      ? nil
      : Augmentation(
        plan.changes, seed: plan.seed, epoch: epoch, after: position.step * plan.batchSize)

    for (step, batch) in batches.enumerated().dropFirst(position.step) {
      workspace.resize(samples: batch.count)
      data.train.copyBatch(
        batch, into: &workspace.activations[0], by: conversion, &augmentation, team)
      let labels = data.train.labels(of: batch)
      let rate = schedule.learningRate(update: earlier + step)

      trained.forward(&workspace)
      let loss = workspace.computeLoss(labels: labels, smoothing: plan.labelSmoothing)
      guard loss.mean.isFinite else {
        guard earlier + step > 0 else { throw TrainingError.notFiniteAtStart(loss: loss.mean) }
        throw TrainingError.diverged(
          iteration: earlier + step, loss: loss.mean, learningRate: rate)
      }
      position = TrainingPosition(
        epoch: epoch, step: step + 1, correct: position.correct + loss.correct)
      let isMeasured = plan.measures(step: step, of: epoch, updatesPerEpoch: batches.count)
      if isMeasured, plan.quantities.contains(TrainingPlan.updateNorm) { trained.keepPrevious() }
      trained.step(rate: rate, number: earlier + step + 1, clip: plan.clip, &workspace)

      if isMeasured {
        let report = TrainingStep(
          epoch: epoch, step: step, iteration: earlier + step, samples: step * plan.batchSize,
          loss: loss.mean,
          runningAccuracy: 100 * Double(position.correct) / Double(data.train.count),
          learningRate: rate)
        try observe(.step(report), trained, workspace)
      }
      try observe(.reached(position), trained, workspace)
    }

    let test = trained().evaluate(
      on: data.test, order: order.nextPass(count: data.test.count), batchSize: plan.testBatchSize,
      by: conversion, library: products, team: team)
    guard test.mean.isFinite else {
      throw TrainingError.diverged(
        iteration: earlier + batches.count, loss: test.mean,
        learningRate: schedule.learningRate(update: earlier + batches.count - 1))
    }
    let report = EpochTest(
      epoch: epoch, loss: test.mean, correct: test.correct, total: test.count)
    try observe(.test(report), trained, workspace)
    position = TrainingPosition(epoch: epoch + 1, step: 0, correct: 0)
    try observe(.reached(position), trained, workspace)
  }
}
