// What may not be as a model's author meant it, though nothing forbids it.

import Checkpoints
import Initializers

/// A guess of a plan that a person should know of.
public enum PlanRemark: Equatable, Sendable, CustomStringConvertible {
  /// A tensor with the name that JAX's and Keras's libraries give to weights, whose outputs are last, in a plan
  /// that nobody told where outputs are.
  case outputsProbablyLast(tensor: String)

  /// The remark and its mend, in one line.
  public var description: String {
    switch self {
    case .outputsProbablyLast(let tensor):
      "outputs are probably last, as JAX has them, and were taken to be first ('\(tensor)' for one); give "
        + "--layout jax, or --layout torch if they are first"
    }
  }

  /// What a plan without a word about the layout took to be PyTorch's.
  static func onLayout(of assignments: [Assignment]) -> PlanRemark? {
    assignments.first { assignment in
      assignment.treatment.hasLayout && assignment.layout == .torch
        && kernels.contains { $0.matches(assignment.tensor.name) }
    }.map { .outputsProbablyLast(tensor: $0.tensor.name) }
  }

  /// Flax's and Haiku's slashes, points where those were turned into points.
  private static let kernels = ["kernel", "*/kernel", "*.kernel"].map(NamePattern.init)
}
