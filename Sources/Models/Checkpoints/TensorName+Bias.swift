// Which tensor is the bias of a weight.

extension TensorName {
  /// The plain names of W and of its length g, where this is the name of the direction v of a weight W = g·v/|v|.
  ///
  /// - Returns: Of `l1.weight_v` and of `l1.parametrizations.weight.original1`, `l1.weight` and the name beside; `nil` for
  ///   other names.
  public var normalized: (weight: String, length: String)? {
    if last.hasSuffix("_v"), last.contains("weight") {
      let weight = String(plain.dropLast(2))
      return (weight, weight + "_g")
    }
    let parts = parts
    guard last == "original1", parts.count > 2, parts[parts.count - 3] == "parametrizations" else {
      return nil
    }
    let weight = parts.dropLast(3) + [parts[parts.count - 2]]
    return (weight.joined(separator: "."), sibling("original0"))
  }

  /// The bias of the weight of this name.
  ///
  /// That of `l1.weight` is `l1.bias`, of `in_proj_weight` `in_proj_bias`, of Haiku's `w` `b`, and of the direction of a
  /// normalized weight that of the weight. The bias of a separable convolution belongs to its pointwise part.
  ///
  /// - Parameter tensor: Looks a tensor up by its plain name.
  /// - Returns: A tensor of any shape; `nil` where there is none.
  public func bias(_ tensor: (_ plainName: String) -> StoredTensor?) -> StoredTensor? {
    if let weight = normalized?.weight { return TensorName(weight).bias(tensor) }
    if isDepthwiseKernel, tensor(sibling("pointwise_kernel")) != nil { return nil }
    let last = String(last)
    let names =
      ["weight", "kernel"].map { last.replacing($0, with: "bias") } + [last == "w" ? "b" : "bias"]
    return names.filter { $0 != last }.compactMap { tensor(sibling($0)) }.first
  }
}
