// Which tensors are treated how.

public import Checkpoints
public import Initializers

/// A treatment, and the names of the tensors that get it.
public struct TensorRule: Equatable, Sendable {
  /// The tensors' names.
  public let pattern: NamePattern

  /// What becomes of them.
  public let treatment: Treatment

  /// The number of extents that they have; `nil` for any that the treatment fits.
  public let extents: Int?

  /// Where their outputs and inputs are; `nil` for what the file is said to have.
  public let layout: TensorLayout?

  /// The rule doesn't hold for a tensor in whose block there is one of this name as well.
  public let unlessBeside: String?

  /// Makes a rule.
  ///
  /// - Parameters:
  ///   - pattern: The tensors' names, as a shell matches them.
  ///   - treatment: What becomes of them.
  ///   - extents: The number of extents that they have; `nil` for any that the treatment fits.
  ///   - layout: Where their outputs and inputs are; `nil` for what the file is said to have.
  ///   - unlessBeside: The end of a name, which takes the place of as many parts of the tensor's. With `conv3.weight`
  ///     the rule doesn't hold for `layer1.0.conv2.weight` in a model that has `layer1.0.conv3.weight`, with `bias`
  ///     not for `time_emb.weight` in one that has `time_emb.bias`.
  public init(
    _ pattern: String, _ treatment: Treatment, extents: Int? = nil, layout: TensorLayout? = nil,
    unlessBeside: String? = nil
  ) {
    self.pattern = NamePattern(pattern)
    self.treatment = treatment
    self.extents = extents
    self.layout = layout
    self.unlessBeside = unlessBeside
  }

  /// Whether the rule holds for a tensor.
  ///
  /// - Parameters:
  ///   - tensor: In its file.
  ///   - names: Those of all tensors.
  ///   - fileLayout: Where the file is said to have outputs and inputs.
  /// - Returns: Whether name, extents, type and neighbours are those of the rule.
  func holds(for tensor: StoredTensor, among names: Set<String>, layout fileLayout: TensorLayout)
    -> Bool
  {
    guard pattern.matches(tensor.name), extents == nil || extents == tensor.shape.count,
      treatment.fits(tensor.shape, layout: layout ?? fileLayout),
      treatment.suits(type: tensor.type, isFloatingPoint: tensor.format != nil)
    else { return false }
    guard let unlessBeside else { return true }
    let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
    let other = unlessBeside.split(separator: ".")
    return !names.contains((parts.dropLast(other.count) + other).joined(separator: "."))
  }
}
