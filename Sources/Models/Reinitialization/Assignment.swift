// The new values of one tensor, and the reason for them.

public import ZerOCheckpoints
public import ZerOInitializers
import ZerONamePatterns

/// A tensor, its treatment, and the reason for it.
public struct Assignment: Sendable {
  /// The tensor in its file.
  public let tensor: StoredTensor

  /// Its new values.
  public let treatment: Treatment

  /// The layout of its dimensions.
  public let layout: TensorLayout

  /// The basis of the treatment.
  let basis: Basis

  /// The normalized weight of which this tensor is the direction or the length.
  let normalization: WeightNormalization?

  /// The rule or observation that determines a treatment.
  enum Basis: Equatable {
    /// An option with the user's pattern.
    case user(NamePattern)

    /// A rule of a rule set.
    case rule(set: String, NamePattern)

    /// The shapes of neighboring tensors, described in a few words; no family has a rule.
    case neighbors(String)

    /// A kind of tensor that is kept in every family.
    case preserved(PreservedKind)

    /// Another tensor, to which this one is tied or paired.
    case other(String)

    /// No rule applies.
    case nothing

    /// Whether shapes and common names determined the treatment, not a family's rule.
    var isGeneric: Bool {
      switch self {
      case .rule(let set, _): set == RuleSet.generic.name
      case .neighbors: true
      default: false
      }
    }

    /// Whether a family's rule determined the treatment.
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
    // A name shows a depthwise kernel. A transposed kernel is recognized by the caller, from its
    // bias.
    self.layout = layout.ofKernel(
      tensor.shape, isDepthwise: tensor.tensorName.isDepthwiseKernel, biasCount: nil)
    self.basis = basis
    self.normalization = normalization
  }

  /// The reason in a few words: a rule set and its pattern, or the user's pattern.
  public var reason: String {
    switch basis {
    case .user(let pattern): "your \(pattern)"
    case .rule(let set, let pattern): "\(set) \(pattern)"
    case .neighbors(let text): text
    case .preserved(let kind): kind.word
    case .other(let name): "with \(name)"
    case .nothing: tensor.format == nil ? "its type" : "no rule"
    }
  }

  /// The dimensions in PyTorch's order, at least two.
  var torchShape: [Int] { layout.torchShape(of: tensor.shape) }

  /// The treatment in a few words, with the layout if it is not PyTorch's.
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
