// A model's tensors under normalized names, and conclusions from neighboring tensors.

import ZerOCheckpoints
import ZerOInitializers

/// A model's tensors under the names that rules match.
///
/// Names have no affixes of training tools and TensorFlow, and the direction of a normalized weight
/// has the name of the weight: `_orig_mod.l1.weight_v` becomes `l1.weight`.
struct RuledTensors {
  /// One per tensor of the file, in its order.
  let tensors: [StoredTensor]

  /// The normalized weights, by the stored names of both parts.
  let normalizations: [String: WeightNormalization]

  /// Tensors under further names, by stored name: `save_model` of safetensors lists names of tied
  /// tensors in the metadata.
  let aliases: [String: [StoredTensor]]

  /// All normalized names.
  let names: Set<String>

  private let byName: [String: StoredTensor]

  /// Normalizes the names of a model.
  init(_ archive: TensorArchive) {
    let stored = archive.tensors
    let normalizations = WeightNormalization.all(among: stored)
    tensors = stored.map { tensor in
      if let pair = normalizations[tensor.name], pair.direction.name == tensor.name {
        return tensor.renamed(pair.weight)
      }
      return tensor.renamed(TensorName(tensor.name).plain)
    }
    self.normalizations = normalizations
    let byFileName = Dictionary(stored.map { ($0.name, $0) }) { first, _ in first }
    var aliases: [String: [StoredTensor]] = [:]
    for (alias, name) in archive.metadata.sorted(by: { $0.key < $1.key }) {
      guard byFileName[alias] == nil, let tensor = byFileName[name] else { continue }
      aliases[name, default: []].append(tensor.renamed(TensorName(alias).plain))
    }
    self.aliases = aliases
    let all = tensors + aliases.values.joined()
    byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    names = Set(byName.keys)
  }

  /// Every tensor under each of its names.
  var all: [StoredTensor] { tensors + aliases.keys.sorted().flatMap { aliases[$0] ?? [] } }

  /// The tensor of the same module whose name ends differently.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of the model.
  ///   - last: The last part of the other name, for example `bias`.
  /// - Returns: `nil` if there is none.
  func sibling(of tensor: StoredTensor, _ last: String) -> StoredTensor? {
    byName[TensorName(tensor.name).sibling(last)]
  }

  /// The bias of a weight, by name.
  func bias(of tensor: StoredTensor) -> StoredTensor? {
    TensorName(tensor.name).bias { byName[$0] }
  }

  /// The weight that belongs to a bias, or the scale that belongs to a shift.
  func weight(ofBias tensor: StoredTensor) -> StoredTensor? {
    let last = String(TensorName(tensor.name).last)
    let words = ["weight", "kernel", "scale", "gamma"]
    let names =
      ["bias", "beta", "offset"].flatMap { word in words.map { last.replacing(word, with: $0) } }
      + (last == "b" ? ["w"] : last == "bias" ? ["depthwise_kernel", "pointwise_kernel"] : [])
    return names.lazy.compactMap { sibling(of: tensor, $0) }.first { $0.name != tensor.name }
  }

  /// The number of values of a weight's one-dimensional bias.
  func outputs(ofBiasOf tensor: StoredTensor) -> Int? {
    guard tensor.shape.count > 1, let bias = bias(of: tensor), bias.shape.count == 1 else {
      return nil
    }
    return bias.shape[0]
  }

  /// The layout of a convolution kernel in a file with the given layout.
  func layout(ofKernel tensor: StoredTensor, in layout: TensorLayout) -> TensorLayout {
    layout.ofKernel(
      tensor.shape, isDepthwise: tensor.tensorName.isDepthwiseKernel,
      biasCount: outputs(ofBiasOf: tensor))
  }
}

extension RuledTensors {
  /// The treatment of a tensor that neighboring tensors show, if no family has a rule.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of the model.
  ///   - layout: The layout of the file.
  /// - Returns: The treatment and its reason in a few words; `nil` if neighbors show nothing.
  func neighborTreatment(of tensor: StoredTensor, layout: TensorLayout) -> (Treatment, String)? {
    guard tensor.format != nil, tensor.shape.count > 1, !tensor.shape.contains(0) else {
      return nil
    }
    let gates =
      tensor.shape.count == 2
      ? tensor.gateCount(outputAxis: layout == .jax ? 1 : 0) { sibling(of: tensor, $0) } : nil
    if let count = gates {
      return (count == 1 ? .matrix : .matrices(count), count == 1 ? "1 gate" : "\(count) gates")
    }
    if bias(of: tensor)?.shape == tensor.shape { return (.ones, "a bias of its shape") }
    if TensorName(tensor.name).last == "bias", weight(ofBias: tensor)?.shape == tensor.shape {
      return (.zeros, "a weight of its shape")
    }
    // In JAX's layout a bias is ambiguous: Flax's attention has a bias along the third dimension.
    guard tensor.shape.count == 3, layout != .jax, let outputs = outputs(ofBiasOf: tensor) else {
      return nil
    }
    let kernelLayout = self.layout(ofKernel: tensor, in: layout)
    return kernelLayout.torchShape(of: tensor.shape)[0] == outputs
      ? (.convolution, "a bias of its outputs") : nil
  }
}
