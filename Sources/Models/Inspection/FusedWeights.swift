// Divides the fused weights of a model into the weights of their layers.

import ZerOCheckpoints
import ZerOInitializers
import ZerONamePatterns

/// The fused weights of a model, which concatenate the weights of several layers.
struct FusedWeights: Sendable {
  private let archive: TensorArchive

  /// The number of attention heads in the model's configuration; `nil` if it is not known.
  private let heads: Int?

  /// The parts of a tensor.
  enum Parts: Equatable {
    /// The tensor is one weight.
    case whole

    /// The tensor divides into these blocks.
    case blocks([MatrixBlock])

    /// The tensor is fused, but its parts are not known, for this reason.
    case unknown(String)
  }

  /// Reads the model's configuration if a tensor's parts depend on it.
  init(_ archive: TensorArchive) {
    self.archive = archive
    let needsHeads = archive.tensors.contains { tensor in
      if case .heads = Self.kind(of: tensor)?.division { true } else { false }
    }
    heads = needsHeads ? ModelConfiguration(beside: archive.path)?.attentionHeads : nil
  }

  private static func kind(of tensor: StoredTensor) -> FusedKind? {
    guard tensor.shape.count == 2, tensor.format != nil, !tensor.shape.contains(0) else {
      return nil
    }
    let name = "." + tensor.tensorName.plain
    return FusedKind.catalog.first { $0.pattern.matches(name) }
  }

  /// The parts of a tensor.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of the model.
  ///   - layout: Its layout.
  ///   - isStated: Whether the layout is certain. Otherwise the outputs are the other dimension if
  ///     only that one can be divided.
  /// - Returns: The blocks of the layers in their order, or why there are none.
  func parts(of tensor: StoredTensor, layout: TensorLayout, isStated: Bool) -> Parts {
    guard let kind = Self.kind(of: tensor) else { return .whole }
    let axis = layout == .jax ? 1 : 0
    let parts = parts(of: tensor, kind.division, axis: axis)
    guard case .unknown = parts, !isStated else { return parts }
    let others = self.parts(of: tensor, kind.division, axis: 1 - axis)
    if case .blocks = others { return others }
    return parts
  }

  private func parts(of tensor: StoredTensor, _ division: FusedKind.Division, axis: Int) -> Parts {
    let (outputs, inputs) = (tensor.shape[axis], tensor.shape[1 - axis])
    switch division {
    case .equal(let names):
      guard outputs.isMultiple(of: names.count) else {
        return .unknown("\(outputs) outputs, which do not divide by \(names.count)")
      }
      return Self.blocks(names, names.map { _ in outputs / names.count }, axis: axis)
    case .attention(let output):
      let queries = inputsOfProjection(output, beside: tensor, axis: 1 - axis)
      if let queries, queries < outputs, (outputs - queries).isMultiple(of: 2),
        (outputs - queries) / 2 <= queries
      {
        let others = (outputs - queries) / 2
        return Self.blocks(FusedKind.attention, [queries, others, others], axis: axis)
      }
      guard outputs == 3 * inputs else {
        return .unknown("\(outputs) outputs for \(inputs) inputs, without a projection '\(output)'")
      }
      return Self.blocks(FusedKind.attention, [inputs, inputs, inputs], axis: axis)
    case .heads:
      guard outputs == 3 * inputs else {
        return .unknown("\(outputs) outputs for \(inputs) inputs")
      }
      guard let heads, heads > 0, inputs.isMultiple(of: heads) else {
        return .unknown(
          "each head has its own rows, and no config.json beside the file gives the number of heads"
        )
      }
      let width = inputs / heads
      return .blocks(
        FusedKind.attention.enumerated().map { place, name in
          MatrixBlock(
            name: name, axis: axis, start: place * width, length: width, step: 3 * width,
            count: heads)
        })
    case .gates(let lstm, let gru):
      let count = tensor.gateCount(outputAxis: axis) { last in
        archive.counterpart(of: tensor.tensorName.sibling(last))
      }
      guard let names = count == 4 ? lstm : count == 3 ? gru : nil else { return .whole }
      return Self.blocks(names, names.map { _ in outputs / names.count }, axis: axis)
    }
  }

  /// The number of inputs of the output projection of the same attention.
  private func inputsOfProjection(_ module: String, beside tensor: StoredTensor, axis: Int) -> Int?
  {
    var parts = tensor.tensorName.parts
    guard parts.count > 1 else { return nil }
    parts[parts.count - 2] = module[...]
    let projection = archive.counterpart(of: parts.joined(separator: "."))
    return projection.flatMap { $0.shape.count == 2 ? $0.shape[axis] : nil }
  }

  private static func blocks(_ names: [String], _ lengths: [Int], axis: Int) -> Parts {
    var start = 0
    return .blocks(
      zip(names, lengths).map { name, length in
        defer { start += length }
        return MatrixBlock(name: name, axis: axis, start: start, length: length)
      })
  }
}
