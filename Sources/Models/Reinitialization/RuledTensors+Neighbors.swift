// What the shapes of a tensor's neighbors tell, where no family's rule does.

import Checkpoints
import Initializers

extension RuledTensors {
  /// The treatment that neighbors tell of a tensor that no family's rule is for.
  ///
  /// - Parameters:
  ///   - tensor: One of these.
  ///   - layout: Where the file has outputs and inputs.
  /// - Returns: The treatment and its reason in a few words; `nil` where neighbors tell nothing.
  func told(of tensor: StoredTensor, layout: TensorLayout) -> (Treatment, String)? {
    guard tensor.format != nil, tensor.shape.count > 1, !tensor.shape.contains(0) else {
      return nil
    }
    if let count = gates(of: tensor, layout: layout) {
      return (count == 1 ? .matrix : .matrices(count), count == 1 ? "1 gate" : "\(count) gates")
    }
    if bias(of: tensor)?.shape == tensor.shape { return (.ones, "a bias of its shape") }
    if TensorName(tensor.name).last == "bias", weight(ofBias: tensor)?.shape == tensor.shape {
      return (.zeros, "a weight of its shape")
    }
    // In JAX's layout a bias tells nothing: Flax's attention has one of the third dimension.
    guard tensor.shape.count == 3, layout != .jax, let outputs = outputs(ofBiasOf: tensor) else {
      return nil
    }
    let kernelLayout = self.layout(ofKernel: tensor, in: layout)
    return kernelLayout.torchExtents(of: tensor.shape)[0] == outputs
      ? (.convolution, "a bias of its outputs") : nil
  }

  /// How many matrices a weight of a recurrent layer holds: 4 for LSTM, 3 for GRU, 1 for a plain layer.
  ///
  /// - Parameters:
  ///   - tensor: One of these.
  ///   - layout: Where the file has outputs and inputs.
  /// - Returns: The outputs over the layer's width, which is the number of inputs of the weight from step to step;
  ///   `nil` for other tensors, and where the quotient is none of the three.
  private func gates(of tensor: StoredTensor, layout: TensorLayout) -> Int? {
    let last = String(TensorName(tensor.name).last)
    let recurrent = Self.recurrentNames.lazy.compactMap { input, recurrent -> StoredTensor? in
      if last.hasPrefix(recurrent) { return tensor }
      guard last.hasPrefix(input) else { return nil }
      return self.sibling(of: tensor, last.replacing(input, with: recurrent))
    }.first
    guard tensor.shape.count == 2, let recurrent, recurrent.shape.count == 2 else { return nil }
    let outputs = layout.torchExtents(of: tensor.shape)[0]
    // PyTorch's projection makes the state from step to step narrower than the layer.
    let projection = String(TensorName(recurrent.name).last).replacing("_hh", with: "_hr")
    let state = sibling(of: tensor, projection).flatMap { $0.shape.count == 2 ? $0 : nil }
    let width = layout.torchExtents(of: (state ?? recurrent).shape)[1]
    guard width > 0, outputs.isMultiple(of: width), [1, 3, 4].contains(outputs / width) else {
      return nil
    }
    return outputs / width
  }

  /// The weights from inputs and from step to step, as PyTorch, MLX and Keras name them.
  private static let recurrentNames = [
    ("weight_ih", "weight_hh"), ("Wx", "Wh"), ("kernel", "recurrent_kernel"),
  ]
}
