// Low-rank adapters (LoRA): each pair of factors becomes the change of one weight.

import ZerOMessages

extension TensorArchive {
  /// The weight changes of a low-rank adapter, under the names of the adapted weights.
  ///
  /// A file of factors with `adapter_config.json` in the same folder is an adapter of PEFT or
  /// MLX-LM. Each tensor of the result is s·B·A of one module, in the shape and layout of its
  /// weight, of type F64 and computed when it is read (``LowRankProduct``):
  ///
  /// | factors in the file | weight change |
  /// |---|---|
  /// | `lora_A` r × in, `lora_B` out × r | s·B·A, out × in; with `fan_in_fan_out` s·Aᵀ·Bᵀ, in × out |
  /// | `lora_A` r × in × k…, `lora_B` out × r × 1… | s·B·A, out × in × k… |
  /// | `lora_embedding_A` r × count, `lora_embedding_B` width × r | s·Aᵀ·Bᵀ, count × width |
  /// | `lora_a` in × r, `lora_b` r × out (MLX) | s·bᵀ·aᵀ, out × in |
  ///
  /// with s = `lora_alpha`/r, or `lora_alpha`/√r with `use_rslora`, or the `scale` of MLX. Other
  /// tensors are left out, with a note: magnitudes of DoRA, whole weights (`modules_to_save`),
  /// biases, and factors whose shapes don't fit.
  ///
  /// - Returns: The same archive if the model is not an adapter; with a note if it is one without a configuration.
  /// - Throws: `TensorFileError.malformed` for an invalid configuration, and `.unreadable`.
  public func resolvingAdapter() throws(TensorFileError) -> TensorArchive {
    guard let factor = tensors.first(where: { AdapterPart($0.name) != nil }) else { return self }
    guard let configuration = try AdapterConfiguration(beside: path) else {
      let note =
        "'\(factor.name)' is a factor of an adapter, but adapter_config.json is not beside the file; the factors are "
        + "read as they are"
      return TensorArchive(
        tensors: tensors, path: path, metadata: metadata, scalars: scalars, notes: notes + [note])
    }
    var modules: [String] = []
    var parts: [String: [AdapterPart.Kind: StoredTensor]] = [:]
    var (magnitudes, others): ([String], [String]) = ([], [])
    for tensor in tensors {
      guard let part = AdapterPart(tensor.name), tensor.format != nil,
        parts[part.module]?[part.kind] == nil
      else {
        others.append(tensor.name)
        continue
      }
      guard part.kind != .magnitude else {
        magnitudes.append(tensor.name)
        continue
      }
      if parts[part.module] == nil { modules.append(part.module) }
      parts[part.module, default: [:]][part.kind] = tensor
    }
    var changes: [StoredTensor] = []
    for module in modules {
      let found = parts[module] ?? [:]
      if let change = try Self.change(of: module, found, configuration, path: path) {
        changes.append(change)
      } else {
        others += found.values.map(\.name).sorted()
      }
    }
    var notes = notes
    notes.append(
      "an adapter: \(changes.count) weight change\(changes.count == 1 ? "" : "s") s*B*A, computed in F64 from its factors"
    )
    if !magnitudes.isEmpty {
      notes.append(
        "left out, magnitudes of DoRA, which rescale the adapted weight as well: \(firstOf(magnitudes))"
      )
    }
    if !others.isEmpty {
      notes.append("left out, no pair of low-rank factors: \(firstOf(others))")
    }
    return TensorArchive(
      tensors: changes, path: path, metadata: metadata, scalars: scalars, notes: notes)
  }

  /// The change of one weight; `nil` if the factors don't fit.
  private static func change(
    of module: String, _ parts: [AdapterPart.Kind: StoredTensor],
    _ configuration: AdapterConfiguration, path: String
  ) throws(TensorFileError) -> StoredTensor? {
    let isMLX = parts[.firstOfMLX] != nil
    let isEmbedding = parts[.firstOfEmbedding] != nil
    let first = parts[.first] ?? parts[.firstOfEmbedding] ?? parts[.firstOfMLX]
    let second =
      isMLX ? parts[.secondOfMLX] : isEmbedding ? parts[.secondOfEmbedding] : parts[.second]
    guard parts.count == 2, let first, let second, first.shape.count == second.shape.count,
      first.shape.count == 2 || (3...5).contains(first.shape.count) && parts[.first] != nil,
      second.shape.dropFirst(2).allSatisfy({ $0 == 1 }), !first.shape.contains(0),
      !second.shape.contains(0)
    else { return nil }
    let kernel = first.shape.dropFirst(2)
    let a = LowRankProduct.Factor(
      tensor: first, rows: first.shape[0], columns: first.count / first.shape[0],
      isTransposed: false)
    let b = LowRankProduct.Factor(
      tensor: second, rows: second.shape[0], columns: second.shape[1], isTransposed: false)
    let isTransposed = isMLX || isEmbedding || kernel.isEmpty && configuration.isOutputLast
    // MLX stores both factors transposed: their product in this order is the transposed change.
    let (left, right) =
      isMLX ? (b.transposed, a.transposed) : isTransposed ? (a.transposed, b.transposed) : (b, a)
    let rank = isMLX ? first.shape[1] : first.shape[0]
    guard left.innerAsLeft == rank, right.innerAsRight == rank else { return nil }
    let product = LowRankProduct(
      left: left, right: right, scale: try configuration.scale(of: module, rank: rank))
    let (values, overflows) = product.rows.multipliedReportingOverflow(by: product.columns)
    guard !overflows, values <= Int.max / 8 else { return nil }
    let shape =
      kernel.isEmpty
      ? [product.rows, product.columns] : [product.rows, first.shape[1]] + Array(kernel)
    return StoredTensor(
      name: module + ".weight", type: FloatFormat.float64.rawValue, format: .float64, shape: shape,
      source: product, range: 0..<8 * values, path: path)
  }
}

extension LowRankProduct.Factor {
  /// The transpose.
  fileprivate var transposed: LowRankProduct.Factor {
    LowRankProduct.Factor(
      tensor: tensor, rows: rows, columns: columns, isTransposed: !isTransposed)
  }

  /// The number of columns.
  fileprivate var innerAsLeft: Int { isTransposed ? rows : columns }

  /// The number of rows.
  fileprivate var innerAsRight: Int { isTransposed ? columns : rows }
}

/// A tensor of an adapter, recognized by its name.
private struct AdapterPart {
  /// The role of the tensor in its module.
  enum Kind: String {
    case first = "lora_A"
    case second = "lora_B"
    case firstOfEmbedding = "lora_embedding_A"
    case secondOfEmbedding = "lora_embedding_B"
    case firstOfMLX = "lora_a"
    case secondOfMLX = "lora_b"
    case magnitude = "lora_magnitude_vector"
  }

  /// The adapted module, without the prefixes of training tools.
  let module: String

  let kind: Kind

  /// Splits a name such as `base_model.model.l1.lora_A.weight` or `l1.lora_A.default.weight`;
  /// `nil` for other names.
  init?(_ name: String) {
    let parts = TensorName(name).plain.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = parts.indices.last(where: { Kind(rawValue: String(parts[$0])) != nil }),
      let kind = Kind(rawValue: String(parts[place])), place > 0
    else { return nil }
    let rest = parts[(place + 1)...]
    guard rest.count <= 2, rest.last != "bias" else { return nil }
    self.kind = kind
    module = parts[..<place].joined(separator: ".")
  }
}
