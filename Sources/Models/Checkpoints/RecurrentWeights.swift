// Weights of recurrent layers, which concatenate the matrices of their gates.

extension StoredTensor {
  /// The number of matrices in a recurrent weight: 4 for LSTM, 3 for GRU, 1 for a simple RNN.
  ///
  /// Input and recurrent weights are recognized by their names in PyTorch, MLX and Keras.
  ///
  /// - Parameters:
  ///   - outputAxis: The dimension of the outputs, 0 or 1.
  ///   - sibling: Looks up a tensor of the same module by the last part of its name.
  /// - Returns: The number of outputs divided by the layer's width, which is the number of inputs
  ///   of the recurrent weight; `nil` for other tensors, and for other quotients.
  public func gateCount(outputAxis: Int, sibling: (_ last: String) -> StoredTensor?) -> Int? {
    let last = String(tensorName.last)
    var recurrent: StoredTensor?
    for (input, state) in Self.recurrentNames where recurrent == nil {
      if last.hasPrefix(state) {
        recurrent = self
      } else if last.hasPrefix(input) {
        recurrent = sibling(last.replacing(input, with: state))
      }
    }
    guard shape.count == 2, let recurrent, recurrent.shape.count == 2 else { return nil }
    // PyTorch's projection makes the recurrent state narrower than the layer.
    let projection = String(recurrent.tensorName.last).replacing("_hh", with: "_hr")
    let state = sibling(projection).flatMap { $0.shape.count == 2 ? $0 : nil }
    let (outputs, width) = (shape[outputAxis], (state ?? recurrent).shape[1 - outputAxis])
    guard width > 0, outputs.isMultiple(of: width), [1, 3, 4].contains(outputs / width) else {
      return nil
    }
    return outputs / width
  }

  /// Input and recurrent weights in PyTorch, MLX and Keras.
  private static let recurrentNames = [
    ("weight_ih", "weight_hh"), ("Wx", "Wh"), ("kernel", "recurrent_kernel"),
  ]
}
