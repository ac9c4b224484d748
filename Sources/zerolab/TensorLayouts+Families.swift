// What the names of a model's tensors tell of its layout: Hugging Face's GPT-2 keeps matrices in x out.

import Checkpoints
import Initializers
import Inspection
import Reinitialization

extension TensorLayouts {
  /// PyTorch's layout, but for weights that the rules of the model's family know to have another one.
  ///
  /// - Parameter archive: The model.
  init(toldBy archive: TensorArchive) {
    let tensors = archive.tensors
    let rules = RuleSet.detected(from: tensors, layout: .torch)
    let names = Set(tensors.map(\.name))
    let known = tensors.compactMap { tensor in
      rules.layout(of: tensor, among: names).map { (tensor.name, $0) }
    }
    self.init(exceptions: Dictionary(known) { first, _ in first })
  }
}
