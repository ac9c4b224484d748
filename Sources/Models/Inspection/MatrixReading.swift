// As which matrix a tensor is taken.

import Checkpoints
import Initializers

/// A tensor as one matrix.
struct MatrixReading: Sendable {
  /// What the tensor is.
  enum Kind: Sendable {
    /// A dense layer's weight of two dimensions.
    case dense

    /// A convolution kernel, its taps beside its inputs.
    case convolution

    /// Flax's and Keras's map into or out of the heads of attention, whose name says where its outputs are.
    case attention
  }

  /// What the tensor is.
  let kind: Kind

  /// The rows, m, of the values as they are stored.
  let rows: Int

  /// n.
  let columns: Int

  /// The dimensions of the weight for an initializer.
  let shape: [Int]

  /// Where outputs and inputs are among those.
  let layout: TensorLayout

  /// What becomes of a tensor.
  enum Decision: Sendable {
    /// It is a matrix.
    case matrix(MatrixReading)

    /// It has no rank, and why.
    case leftOut(reason: String)
  }

  /// Decides by the header alone.
  ///
  /// Four and five dimensions are a convolution, unless the name says otherwise. Three are one where the name has
  /// `conv`, or a bias has one value for each output; what else they may be (stacks of matrices, tokens, attention) has
  /// other ranks, so they are left out.
  ///
  /// - Parameters:
  ///   - tensor: The tensor, or a matrix of a stack.
  ///   - layouts: Where outputs and inputs are, and what is known to be a convolution.
  ///   - bias: That of the tensor's module, if there is one.
  /// - Returns: The matrix, or the reason for which there is none.
  static func decide(
    _ tensor: StoredTensor, _ layouts: TensorLayouts, bias: StoredTensor?
  ) -> Decision {
    let shape = tensor.shape
    switch shape.count {
    case 0: return .leftOut(reason: "a single number")
    case 1: return .leftOut(reason: "a vector")
    case 2...5: break
    default: return .leftOut(reason: "\(shape.count) dimensions")
    }
    if shape.contains(0) { return .leftOut(reason: "empty") }
    guard tensor.format != nil else { return .leftOut(reason: reason(ofType: tensor.type)) }
    var layout = layouts[tensor]
    guard shape.count > 2 else {
      return .matrix(
        MatrixReading(
          kind: .dense, rows: shape[0], columns: shape[1], shape: shape, layout: layout))
    }
    let isTold = layouts.convolutions.contains { $0.matches(tensor.name) }
    if !isTold, let attention = Attention(tensor, bias: bias) {
      return attention.reading.map { .matrix($0) } ?? .leftOut(reason: reason(ofUnclear: shape))
    }
    layout = layout.ofKernel(
      shape, isDepthwise: tensor.tensorName.isDepthwiseKernel,
      biasCount: bias?.shape.count == 1 ? bias?.count : nil)
    let outputs = layout.torchExtents(of: shape)[0]
    guard
      isTold || shape.count > 3 || isNamedConvolution(tensor.tensorName)
        || bias?.shape == [outputs],
      let extents = layout.matrix(of: shape)
    else { return .leftOut(reason: reason(ofUnclear: shape)) }
    return .matrix(
      MatrixReading(
        kind: .convolution, rows: extents.rows, columns: extents.columns, shape: shape,
        layout: layout))
  }

  /// A weight in whose name there is a convolution: not a token of a network named for its convolutions.
  private static func isNamedConvolution(_ name: TensorName) -> Bool {
    guard name.plain.lowercased().contains("conv") else { return false }
    let last = name.last.lowercased()
    return last == "w"
      || ["weight", "kernel", "filter", "conv", "original"].contains { last.contains($0) }
  }

  private static func reason(ofType type: String) -> String {
    // NumPy drops the name of the formats of eight bits.
    let hint =
      type.hasSuffix("V1") ? " (8-bit formats have no name in NumPy: save them as float16)" : ""
    return "values of type \(type)\(hint)"
  }

  private static func reason(ofUnclear shape: [Int]) -> String {
    "\(shape.count) dimensions, and nothing shows a convolution (--stack ranks each matrix of the last two dimensions, "
      + "--convolution takes it as a kernel)"
  }
}

/// Attention as Flax and Keras keep it: with the heads as a dimension of their own.
private struct Attention {
  /// The map as one matrix, in x heads·width or heads·width x out; `nil` for one of stacked layers, and for those that
  /// einsum notation names.
  let reading: MatrixReading?

  /// Recognizes a map by the names of Flax's and Keras's attention, or by a bias with a row for each head; `nil` for
  /// other tensors.
  init?(_ tensor: StoredTensor, bias: StoredTensor?) {
    let (shape, name) = (tensor.shape, tensor.tensorName)
    let module = name.parts.dropLast().last ?? ""
    let hasHeads = shape.count == 3 && bias?.shape == Array(shape.dropFirst())
    let isInward = hasHeads || name.isKernel && ["query", "key", "value"].contains(module)
    let isOutward = name.isKernel && ["out", "attention_output"].contains(module)
    guard isInward || isOutward || name.plain.contains("einsum") else { return nil }
    guard shape.count == 3, isInward || isOutward else {
      reading = nil
      return
    }
    let rows = isInward ? shape[0] : shape[0] * shape[1]
    let columns = isInward ? shape[1] * shape[2] : shape[2]
    reading = MatrixReading(
      kind: .attention, rows: rows, columns: columns, shape: [rows, columns], layout: .jax)
  }
}
