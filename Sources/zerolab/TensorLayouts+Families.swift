// What the names of a model's tensors tell of its layout: Hugging Face's GPT-2 keeps matrices in x out.

import Checkpoints
import Initializers
import Inspection
import Reinitialization

extension TensorLayouts {
  /// The layout that the metadata name, or PyTorch's; but that of the family's rules for weights which they know to have
  /// another one.
  ///
  /// - Parameter archive: The model.
  init(toldBy archive: TensorArchive) {
    let tensors = archive.tensors
    let layout = TensorLayout(metadata: archive.metadata) ?? .torch
    let rules = RuleSet.detected(from: tensors, layout: layout)
    let names = Set(tensors.map(\.name))
    let known = tensors.compactMap { tensor in
      rules.layout(of: tensor, among: names).map { (tensor.name, $0) }
    }
    self.init(
      metadata: archive.metadata, exceptions: Dictionary(known) { first, _ in first })
  }
}
