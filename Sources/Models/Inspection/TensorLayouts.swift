// The layouts of a model's weights.

public import ZerOCheckpoints
public import ZerOInitializers
public import ZerONamePatterns

/// The layout of each weight, and which tensors are stacks or convolutions.
public struct TensorLayouts: Sendable {
  /// The origin of the default layout.
  public enum Source: Sendable {
    /// Stated by the user.
    case stated

    /// Named by the file's metadata.
    case metadata

    /// Unknown; PyTorch's layout is assumed.
    case assumed
  }

  /// The layout of all weights except `exceptions`.
  public let usual: TensorLayout

  /// The origin of `usual`.
  public let source: Source

  /// Weights with a different layout, by name.
  public let exceptions: [String: TensorLayout]

  /// Tensors that stack matrices in their last two dimensions, besides expert weights.
  public var stacks: [NamePattern] = []

  /// Tensors that are convolution kernels, whatever their names.
  public var convolutions: [NamePattern] = []

  /// Whether fused weights, such as GPT-2's `c_attn`, are one matrix each instead of one per layer.
  public var areFusedWeightsWhole = false

  /// A layout stated by the user, for all weights.
  public init(_ layout: TensorLayout) {
    usual = layout
    source = .stated
    exceptions = [:]
  }

  /// The layout named by a file's metadata; PyTorch's if there is none.
  ///
  /// - Parameters:
  ///   - metadata: The file's metadata.
  ///   - exceptions: Weights with a different layout, by name.
  public init(metadata: [String: String] = [:], exceptions: [String: TensorLayout] = [:]) {
    let named = TensorLayout(metadata: metadata)
    usual = named ?? .torch
    source = named == nil ? .assumed : .metadata
    self.exceptions = exceptions
  }

  /// Interprets the patterns among known names: a pattern that is one of them is literal.
  func resolved(among names: Set<String>) -> TensorLayouts {
    var layouts = self
    layouts.stacks = stacks.map { $0.resolved(among: names) }
    layouts.convolutions = convolutions.map { $0.resolved(among: names) }
    return layouts
  }

  /// The layout of a weight; a matrix of a stack has the stack's layout.
  public subscript(tensor: StoredTensor) -> TensorLayout {
    exceptions[tensor.origin?.name ?? tensor.name] ?? usual
  }

  /// The arrays to rank: the matrices of a stack, the layers of a fused weight, or the tensor
  /// itself.
  func arrays(of tensor: StoredTensor, fused: FusedWeights) -> [StoredTensor] {
    guard tensor.shape.count > 2, tensor.format != nil, !tensor.shape.contains(0) else {
      if case .blocks(let blocks) = parts(of: tensor, fused: fused) {
        return blocks.map { tensor.part(.block($0)) }
      }
      return [tensor]
    }
    let isStack =
      stacks.contains { $0.matches(tensor.name) }
      || tensor.isExpertStack && !convolutions.contains { $0.matches(tensor.name) }
    return isStack ? tensor.matrices : [tensor]
  }

  /// The parts of a fused weight.
  func parts(of tensor: StoredTensor, fused: FusedWeights) -> FusedWeights.Parts {
    guard !areFusedWeightsWhole else { return .whole }
    let isKnown = source == .stated || exceptions[tensor.name] != nil
    return fused.parts(of: tensor, layout: self[tensor], isStated: isKnown)
  }
}
