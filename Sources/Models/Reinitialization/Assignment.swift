// One tensor of a plan.

public import Checkpoints
public import Initializers

/// A tensor, its new values, and why.
public struct Assignment: Sendable {
  /// In its file.
  public let tensor: StoredTensor

  /// Its new values.
  public let treatment: Treatment

  /// Where its outputs and inputs are.
  public let layout: TensorLayout

  /// What decided.
  let basis: Basis

  /// The normalized weight of which this is the direction or the length.
  let normalization: WeightNormalization?

  /// What decides about a tensor.
  enum Basis: Equatable {
    /// An option with the user's pattern.
    case own(NamePattern)

    /// A rule of a set.
    case rule(set: String, NamePattern)

    /// The shapes of its neighbors, in a few words, where no family has a rule.
    case neighbors(String)

    /// A kind that every family keeps.
    case preserved(PreservedKind)

    /// The other tensor of a pair.
    case other(String)

    /// Nothing.
    case nothing

    /// Whether no family's rule is for the tensor, but shapes and common names.
    var isGeneric: Bool {
      switch self {
      case .rule(let set, _): set == RuleSet.generic.name
      case .neighbors: true
      default: false
      }
    }

    /// Whether a rule of a family decided.
    var isOfFamily: Bool {
      if case .rule = self { !isGeneric } else { false }
    }
  }

  init(
    _ tensor: StoredTensor, _ treatment: Treatment, _ layout: TensorLayout, _ basis: Basis,
    _ normalization: WeightNormalization? = nil
  ) {
    self.tensor = tensor
    self.treatment = treatment
    // A depthwise kernel is one under any treatment; which kernels are transposed, a bias tells the caller.
    self.layout = layout.ofKernel(
      tensor.shape, isDepthwise: tensor.tensorName.isDepthwiseKernel, biasCount: nil)
    self.basis = basis
    self.normalization = normalization
  }

  /// The rule that says so: a set and its pattern, the option with the user's, or a few words.
  public var reason: String {
    switch basis {
    case .own(let pattern): "your \(pattern)"
    case .rule(let set, let pattern): "\(set) \(pattern)"
    case .neighbors(let text): text
    case .preserved(let kind): kind.word
    case .other(let name): "with \(name)"
    case .nothing: tensor.format == nil ? "its type" : "no rule"
    }
  }

  /// The dimensions of the weight as PyTorch would have them, of at least two.
  var torchShape: [Int] { layout.torchExtents(of: tensor.shape) }

  /// The treatment in a few words, with the layout where it isn't PyTorch's.
  ///
  /// - Parameter initializer: The initializer's name.
  /// - Returns: For example `ZerO, matrix, outputs last`.
  public func text(_ initializer: String) -> String {
    let text = treatment.text(initializer)
    guard treatment.hasLayout, tensor.shape.count >= 2 else { return text }
    switch layout {
    case .torch: return text
    case .mlx: return tensor.shape.count > 2 ? text + ", inputs last" : text
    case .jax, .depthwise: return text + ", outputs last"
    case .transposed: return text + ", inputs first"
    }
  }
}
