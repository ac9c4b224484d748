// Buffers for the intermediate matrices of an update, so the training loop allocates none.

public import ZerOLinearAlgebra
public import ZerOParallelism

/// The activations and gradients of one batch.
///
/// The type is noncopyable: an accidental copy would allocate memory, and writes to it would be
/// lost.
public struct Workspace<Scalar: MatrixScalar>: ~Copyable {
  /// The input of each layer, and the logits.
  ///
  /// Element 0 is the batch; element l + 1 is the output of layer l. Each is features × samples.
  public var activations: [Matrix<Scalar>]

  /// ∂L/∂z of each layer, in the shape of its outputs; empty before the first `computeLoss`.
  public var gradients: [Matrix<Scalar>] = []

  /// The summands of ∂L/∂x, per layer.
  ///
  /// Each block of rows of the weight contributes one matrix of features × samples; they are stored
  /// one below the other. The first layer needs none, because its inputs are data.
  public var inputGradientParts: [Matrix<Scalar>] = []

  /// The threads that share the work on these matrices.
  public let team: ThreadTeam

  private let featureCounts: [Int]

  /// Allocates buffers for batches of a network.
  ///
  /// - Parameters:
  ///   - network: Determines the sizes.
  ///   - samples: s, the number of samples per batch.
  ///   - team: The threads that share the work; no result depends on them.
  public init(for network: Network<Scalar>, samples: Int, team: ThreadTeam = .alone) {
    self.team = team
    featureCounts =
      network.layers.prefix(1).map(\.weight.columns) + network.layers.map(\.weight.rows)
    activations = []
    resize(samples: samples)
  }

  /// Reallocates the buffers if the batch size has changed.
  ///
  /// - Parameter samples: s.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func resize(samples: Int) {
    guard activations.first?.columns != samples else { return }
    activations = featureCounts.map { Matrix(repeating: 0, rows: $0, columns: samples) }
  }

  /// The outputs of the last layer, classes × samples.
  public var logits: Matrix<Scalar> { activations[activations.count - 1] }

  /// Computes the loss of the batch, and the gradient of the last layer, from which the backward
  /// pass starts.
  ///
  /// - Parameter labels: The classes of the batch.
  /// - Returns: The loss before the update.
  public mutating func computeLoss(labels: ContiguousArray<UInt8>) -> BatchLoss {
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
