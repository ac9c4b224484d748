// How tensors are interpreted as matrices.

import ZerOCheckpoints
import ZerOInitializers
import ZerONamePatterns

/// A tensor interpreted as one matrix.
struct MatrixReading: Sendable {
  /// The kind of weight.
  enum Kind: Sendable {
    /// The two-dimensional weight of a dense layer.
    case dense

    /// A convolution kernel as out × in·k.
    case convolution

    /// A projection into or out of attention heads in Flax or Keras; its name determines the
    /// layout.
    case attention
  }

  /// The kind of weight.
  let kind: Kind

  /// m, the number of rows of the values in stored order.
  let rows: Int

  /// n, the number of columns.
  let columns: Int

  /// The dimensions that an initializer gets.
  let shape: [Int]

  /// The layout of these dimensions.
  let layout: TensorLayout

  /// How a tensor is interpreted.
  enum Decision: Sendable {
    /// The tensor is a matrix.
    case matrix(MatrixReading)

    /// The tensor has no rank, for this reason.
    case leftOut(reason: String)
  }

  /// Interprets a tensor by its header alone.
  ///
  /// Four or five dimensions are a convolution, unless the name shows another kind. Three are a
  /// convolution if the name contains `conv`, or a bias has one value per output. Other tensors of
  /// three dimensions (stacks of matrices, tokens, attention) would have other ranks and are left
  /// out.
  ///
  /// - Parameters:
  ///   - tensor: The tensor, or a matrix of a stack.
  ///   - layouts: The layouts, and tensors known to be convolutions.
  ///   - bias: The bias of the same layer, if there is one.
  /// - Returns: The matrix, or the reason to leave the tensor out.
  static func decide(
    _ tensor: StoredTensor, _ layouts: TensorLayouts, bias: StoredTensor?
  ) -> Decision {
    let shape = tensor.shape
    switch shape.count {
    case 0: return .leftOut(reason: "a scalar")
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
    let isStated = layouts.convolutions.contains { $0.matches(tensor.name) }
    if !isStated, let attention = Attention(tensor, bias: bias) {
      return attention.reading.map { .matrix($0) } ?? .leftOut(reason: reason(ofUnclear: shape))
    }
    layout = layout.ofKernel(
      shape, isDepthwise: tensor.tensorName.isDepthwiseKernel,
      biasCount: bias?.shape.count == 1 ? bias?.count : nil)
    let outputs = layout.torchShape(of: shape)[0]
    guard
      isStated || shape.count > 3 || isNamedConvolution(tensor.tensorName)
        || bias?.shape == [outputs],
      let matrix = layout.matrix(of: shape)
    else { return .leftOut(reason: reason(ofUnclear: shape)) }
    return .matrix(
      MatrixReading(
        kind: .convolution, rows: matrix.rows, columns: matrix.columns, shape: shape,
        layout: layout))
  }

  /// Whether a name denotes a convolution's weight and does not merely contain `conv`, as tokens of
  /// convolutional networks may.
  private static func isNamedConvolution(_ name: TensorName) -> Bool {
    guard name.plain.lowercased().contains("conv") else { return false }
    let last = name.last.lowercased()
    return last == "w"
      || ["weight", "kernel", "filter", "conv", "original"].contains { last.contains($0) }
  }

  private static func reason(ofType type: String) -> String {
    // NumPy does not store the names of 8-bit formats.
    let hint =
      type.hasSuffix("V1") ? " (8-bit formats have no name in NumPy: save them as float16)" : ""
    return "type \(type)\(hint)"
  }

  private static func reason(ofUnclear shape: [Int]) -> String {
    "\(shape.count) dimensions, not recognized as a convolution (--stack ranks each matrix of the last two dimensions, "
      + "--convolution reads it as a convolution kernel)"
  }
}

/// Attention weights in Flax and Keras, which have the heads as a separate dimension.
private struct Attention {
  /// The projection as a matrix, in × heads·width or heads·width × out; `nil` for stacked layers
  /// and einsum weights.
  let reading: MatrixReading?

  /// Recognizes attention by the names in Flax and Keras, or by a bias with one row per head; `nil`
  /// for other tensors.
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
