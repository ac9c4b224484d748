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

  /// ∂L/∂z for each layer, of the shape of its outputs.
  public var gradients: [Matrix<Scalar>]

  /// Who shares the work on these matrices.
  public let crew: Crew

  private let featureCounts: [Int]

  /// Makes room for batches of a network.
  ///
  /// - Parameters:
  ///   - network: Gives the sizes.
  ///   - samples: s, the number of samples of a batch.
  ///   - crew: Shares the work; it makes no difference to any result.
  public init(for network: Network<Scalar>, samples: Int, crew: Crew = .alone) {
    self.crew = crew
    featureCounts =
      network.layers.prefix(1).map(\.weight.columns) + network.layers.map(\.weight.rows)
    activations = []
    gradients = []
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
    gradients = featureCounts.dropFirst().map {
      Matrix(repeating: 0, rows: $0, columns: samples)
    }
  }

  /// The last layer's outputs, classes × samples.
  public var logits: Matrix<Scalar> { activations[activations.count - 1] }

  /// Takes the loss of the batch, and sets the last layer's δ, from which `Network.pullBack` starts.
  ///
  /// - Parameter labels: The classes of the batch.
  /// - Returns: The loss before the update.
  public mutating func takeLoss(labels: ContiguousArray<UInt8>) -> BatchLoss {
    SoftmaxCrossEntropy.loss(
      of: logits, labels: labels, gradient: &gradients[gradients.count - 1])
  }
}
