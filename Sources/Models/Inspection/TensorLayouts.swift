// Where each weight of a model has its outputs, and what its dimensions mean.

public import Checkpoints
public import Initializers

/// Where outputs and inputs are among the dimensions of a checkpoint's weights.
public struct TensorLayouts: Sendable {
  /// Who has said where most weights have their outputs.
  public enum Source: Sendable {
    /// The user.
    case stated

    /// The file's metadata.
    case metadata

    /// Nobody: PyTorch's layout is assumed.
    case assumed
  }

  /// The layout of all weights but the exceptions.
  public let usual: TensorLayout

  /// Who has said so.
  public let source: Source

  /// The layouts of weights that are known to have another one, by their names.
  public let exceptions: [String: TensorLayout]

  /// Tensors that stack matrices, besides those of experts: each matrix of their last two dimensions has a rank.
  public var stacks: [NamePattern] = []

  /// Tensors that are convolution kernels, whatever their names.
  public var convolutions: [NamePattern] = []

  /// The layout that the user has stated, for all weights.
  public init(_ layout: TensorLayout) {
    usual = layout
    source = .stated
    exceptions = [:]
  }

  /// The layout that a file's metadata name, or PyTorch's where they name none.
  ///
  /// - Parameters:
  ///   - metadata: The texts about the file.
  ///   - exceptions: The layouts of weights that are known to have another one, by their names.
  public init(metadata: [String: String] = [:], exceptions: [String: TensorLayout] = [:]) {
    let told = TensorLayout(metadata: metadata)
    usual = told ?? .torch
    source = told == nil ? .assumed : .metadata
    self.exceptions = exceptions
  }

  /// The same where some names are known: a pattern that is one of them is that name.
  func resolved(among names: Set<String>) -> TensorLayouts {
    var layouts = self
    layouts.stacks = stacks.map { $0.resolved(among: names) }
    layouts.convolutions = convolutions.map { $0.resolved(among: names) }
    return layouts
  }

  /// The layout of one weight, or of the tensor that it is a part of.
  public subscript(tensor: StoredTensor) -> TensorLayout {
    exceptions[tensor.origin?.name ?? tensor.name] ?? usual
  }

  /// The arrays that have a rank each: the matrices of a stack, or the tensor itself.
  func arrays(of tensor: StoredTensor) -> [StoredTensor] {
    guard tensor.shape.count > 2, tensor.format != nil, !tensor.shape.contains(0) else {
      return [tensor]
    }
    let isStack =
      stacks.contains { $0.matches(tensor.name) }
      || tensor.isExpertStack && !convolutions.contains { $0.matches(tensor.name) }
    return isStack ? tensor.matrices : [tensor]
  }
}
