// The test pass.

public import ZerODatasets
public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism

extension Network {
  /// The loss and the number of correctly classified images of a whole set.
  ///
  /// Losses are summed over images, so every image has the same weight although the last batch may be smaller.
  ///
  /// - Parameters:
  ///   - images: At least one image.
  ///   - order: A permutation of the images; the result depends on it in rounding only.
  ///   - batchSize: Images per batch.
  ///   - conversion: What becomes of a pixel.
  ///   - library: The library that computes the products of convolutions.
  ///   - team: Shares the work.
  ///   - observe: Receives the logits of each batch, classes × samples; the samples are the next images of the order.
  /// - Returns: The sum of the losses and the number of correctly classified images.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(
    on images: LabeledImages, order: [Int], batchSize: Int,
    by conversion: PixelConversion = PixelConversion(), library: ProductLibrary = .current,
    team: ThreadTeam = .alone, observe: (Matrix<Scalar>) -> Void = { _ in }
  ) -> BatchLoss {
    let batchSize = graph.testBatchSize(atMost: batchSize)
    var workspace = Workspace(for: self, samples: min(batchSize, order.count), team: team)
    var (sum, correct) = (0.0, 0)
    for batch in order.batches(of: batchSize) {
      workspace.resize(samples: batch.count)
      images.copyBatch(batch, into: &workspace.activations[0], by: conversion, team)
      forward(&workspace, library: library)
      let loss = SoftmaxCrossEntropy.loss(of: workspace.logits, labels: images.labels(of: batch))
      sum += loss.sum
      correct += loss.correct
      observe(workspace.logits)
    }
    return BatchLoss(sum: sum, correct: correct, count: order.count)
  }
}
