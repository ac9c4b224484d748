// Where a step's intermediate matrices live, so that the training loop allocates none.

public import LinearAlgebra
public import Parallelism

/// The activations and gradients of one batch.
///
/// Not copyable: a buffer copied by accident would cost an allocation a step and be written in vain.
public struct Workspace<Scalar: MatrixScalar>: ~Copyable {
  /// x for each layer, and the logits: element 0 is the batch, element l + 1 is layer l's output,
  /// each features × samples.
  public var activations: [Matrix<Scalar>]

  /// ∂L/∂z for each layer, of the shape of its outputs; none before the first `takeLoss`.
  public var gradients: [Matrix<Scalar>] = []

  /// What each layer's ∂L/∂x is the sum of.
  ///
  /// A matrix of features × samples for each block of the weight's rows, one below another. The first
  /// layer's inputs are data and have no gradient.
  public var inputGradientParts: [Matrix<Scalar>] = []

  /// Who shares the work on these matrices.
  public let team: ThreadTeam

  private let featureCounts: [Int]

  /// Makes room for batches of a network.
  ///
  /// - Parameters:
  ///   - network: Gives the sizes.
  ///   - samples: s, the number of samples of a batch.
  ///   - team: Shares the work; it makes no difference to any result.
  public init(for network: Network<Scalar>, samples: Int, team: ThreadTeam = .alone) {
    self.team = team
    featureCounts =
      network.layers.prefix(1).map(\.weight.columns) + network.layers.map(\.weight.rows)
    activations = []
    resize(samples: samples)
  }

  /// Makes room for batches of another size, if it is another.
  ///
  /// - Parameter samples: s.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func resize(samples: Int) {
    guard activations.first?.columns != samples else { return }
    activations = featureCounts.map { Matrix(repeating: 0, rows: $0, columns: samples) }
  }

  /// The last layer's outputs, classes × samples.
  public var logits: Matrix<Scalar> { activations[activations.count - 1] }

  /// Takes the loss of the batch, and sets the last layer's δ, from which the backward pass starts.
  ///
  /// - Parameter labels: The classes of the batch.
  /// - Returns: The loss before the update.
  public mutating func takeLoss(labels: ContiguousArray<UInt8>) -> BatchLoss {
    makeRoomForGradients()
    return SoftmaxCrossEntropy.loss(
      of: logits, labels: labels, gradient: &gradients[gradients.count - 1])
  }

  private mutating func makeRoomForGradients() {
    let samples = logits.columns
    guard gradients.first?.columns != samples else { return }
    gradients = featureCounts.dropFirst().map { Matrix(repeating: 0, rows: $0, columns: samples) }
    inputGradientParts = zip(featureCounts, featureCounts.dropFirst()).enumerated().map {
      let (inputs, outputs) = $1
      let parts = $0 == 0 ? 0 : Matrix<Scalar>.blockCount(rows: outputs)
      return Matrix(repeating: 0, rows: parts * inputs, columns: samples)
    }
  }
}
