// The test pass.

public import Datasets
import LinearAlgebra
public import Networks
public import Parallelism

extension Network {
  /// The loss and the number of right answers over a whole set.
  ///
  /// Every image counts once: batches are summed, not averaged, and the last one may be shorter.
  ///
  /// - Parameters:
  ///   - images: At least one.
  ///   - order: A permutation of the images; it changes the result in rounding only.
  ///   - batchSize: Images a batch.
  ///   - team: Shares the work.
  /// - Returns: The summed loss and the count of right answers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(
    on images: LabeledImages, order: [Int], batchSize: Int, team: ThreadTeam = .alone
  ) -> BatchLoss {
    var workspace = Workspace(for: self, samples: min(batchSize, order.count), team: team)
    var (sum, correct) = (0.0, 0)
    for batch in order.batches(of: batchSize) {
      workspace.resize(samples: batch.count)
      images.copyBatch(batch, into: &workspace.activations[0], team)
      forward(&workspace)
      let loss = SoftmaxCrossEntropy.loss(of: workspace.logits, labels: images.labels(of: batch))
      sum += loss.sum
      correct += loss.correct
    }
    return BatchLoss(sum: sum, correct: correct, count: order.count)
  }
}
