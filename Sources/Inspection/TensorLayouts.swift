// Where each weight of a model has its outputs.

public import Checkpoints
public import Initializers

/// Where outputs and inputs are among the extents of a checkpoint's weights.
public struct TensorLayouts: Sendable {
  /// That of all weights but a few.
  public let usual: TensorLayout

  /// Those of weights that are known to have another one, by their names.
  public let exceptions: [String: TensorLayout]

  /// Whether nobody has said so and the names tell nothing of most weights.
  public let isAssumed: Bool

  /// What somebody has said of all weights.
  public init(_ layout: TensorLayout) {
    usual = layout
    exceptions = [:]
    isAssumed = false
  }

  /// PyTorch's, which is taken when nobody has said otherwise.
  ///
  /// - Parameter exceptions: What is known of some weights, by their names.
  public init(exceptions: [String: TensorLayout] = [:]) {
    usual = .torch
    self.exceptions = exceptions
    isAssumed = true
  }

  /// That of one weight.
  public subscript(tensor: StoredTensor) -> TensorLayout { exceptions[tensor.name] ?? usual }
}
