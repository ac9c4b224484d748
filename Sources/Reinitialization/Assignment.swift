// One tensor of a plan.

public import Checkpoints
public import Initializers

/// A tensor, what becomes of it, and why.
public struct Assignment: Sendable {
  /// In its file.
  public let tensor: StoredTensor

  /// What becomes of it.
  public let treatment: Treatment

  /// Where its outputs and inputs are.
  public let layout: TensorLayout

  /// The rule that says so: a set and its pattern, or the option with the user's.
  public let reason: String

  /// The treatment in a few words, with the layout where it isn't PyTorch's.
  ///
  /// - Parameter initializer: What the initialiser is called.
  /// - Returns: For example `ZerO, matrix, outputs last`.
  public func text(_ initializer: String) -> String {
    let text = treatment.text(initializer)
    guard treatment.hasLayout, tensor.shape.count >= 2 else { return text }
    switch layout {
    case .torch: return text
    case .mlx: return tensor.shape.count > 2 ? text + ", inputs last" : text
    case .jax: return text + ", outputs last"
    case .transposed: return text + ", inputs first"
    }
  }
}
