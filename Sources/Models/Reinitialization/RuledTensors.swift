// A model's tensors under the names that rules are written for.

import Checkpoints
import Initializers

/// A model's tensors, and what their names say about one another.
///
/// The names are without the additions of training tools and of TensorFlow, and the direction of a normalized weight has
/// the name of the weight: `_orig_mod.l1.weight_v` is `l1.weight`.
struct RuledTensors {
  /// One for each tensor of the file, in its order.
  let tensors: [StoredTensor]

  /// The normalized weights by the file's names of both parts.
  let normalizations: [String: WeightNormalization]

  /// Tensors that the file holds under another name, by that name: `save_model` of safetensors leaves them in the
  /// metadata.
  let aliases: [String: [StoredTensor]]

  /// All names.
  let names: Set<String>

  private let byName: [String: StoredTensor]

  /// Looks at a model.
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

  /// The tensor in whose name the last part is another one.
  ///
  /// - Parameters:
  ///   - tensor: One of these.
  ///   - last: `bias`, for example.
  /// - Returns: `nil` where there is none.
  func sibling(of tensor: StoredTensor, _ last: String) -> StoredTensor? {
    byName[TensorName(tensor.name).sibling(last)]
  }

  /// The bias of a weight by its name.
  func bias(of tensor: StoredTensor) -> StoredTensor? {
    TensorName(tensor.name).bias { byName[$0] }
  }

  /// The weight of a bias, or the scale of a shift.
  func weight(ofBias tensor: StoredTensor) -> StoredTensor? {
    let last = String(TensorName(tensor.name).last)
    let words = ["weight", "kernel", "scale", "gamma"]
    let names =
      ["bias", "beta", "offset"].flatMap { word in words.map { last.replacing(word, with: $0) } }
      + (last == "b" ? ["w"] : last == "bias" ? ["depthwise_kernel", "pointwise_kernel"] : [])
    return names.lazy.compactMap { sibling(of: tensor, $0) }.first { $0.name != tensor.name }
  }

  /// The one-dimensional bias of a weight, with which its outputs can be counted.
  func outputs(ofBiasOf tensor: StoredTensor) -> Int? {
    guard tensor.shape.count > 1, let bias = bias(of: tensor), bias.shape.count == 1 else {
      return nil
    }
    return bias.shape[0]
  }

  /// The layout of a convolution kernel in a file of some layout.
  func layout(ofKernel tensor: StoredTensor, in layout: TensorLayout) -> TensorLayout {
    layout.ofKernel(
      tensor.shape, isDepthwise: tensor.tensorName.isDepthwiseKernel,
      biasCount: outputs(ofBiasOf: tensor))
  }
}
