// From a tensor's description to the tensor in its file: offset, shape and strides are compared with the storage.

/// Finds storages, and places tensors in them.
struct TorchStorages {
  /// The file's name in errors.
  let path: String

  /// The bytes of a storage by its identifier.
  let storage: (TorchStorageName) throws(TensorFileError) -> TorchStorage

  /// Whether the most significant byte of a value comes first.
  let isBigEndian: Bool

  let limits: PickleLimits

  /// Tensors outside of the pickle by their identifiers, in the oldest format.
  var tensors: [String: TorchTensor] = [:]

  /// The tensor in its file.
  ///
  /// - Throws: `TensorFileError.malformed` if the tensor isn't inside its storage, or the storage isn't as long as
  ///   the pickle says; `.exceedsLimit`.
  func stored(_ tensor: TorchTensor, name: String) throws(TensorFileError) -> StoredTensor {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "PyTorch", reason: "'\(name)' \(reason)")
    }
    let storageName = tensor.storage
    let type = tensor.type ?? storageName.type
    let (declared, overflows) = storageName.count.multipliedReportingOverflow(
      by: storageName.type.byteCount)
    let storage = try storage(storageName)
    guard !overflows, storage.range.count == declared else {
      throw malformed(
        "has a storage of \(storage.range.count) bytes, but the pickle says \(storageName.count) values of "
          + "\(storageName.type.byteCount) bytes")
    }
    var bytes = storage.range
    if let view = storageName.view {
      let start = bytes.lowerBound + view.lowerBound * storageName.type.byteCount
      bytes = start..<start + view.count * storageName.type.byteCount
    }
    let available = bytes.count / type.byteCount
    guard let span = Self.span(tensor), span <= available, tensor.offset <= available - span else {
      throw malformed(
        "is outside its storage: offset \(tensor.offset), shape \(tensor.shape), strides "
          + "\(tensor.strides), \(available) values")
    }
    guard let count = Self.count(tensor.shape),
      count <= max(available, limits.expandedValues)
    else {
      throw .exceedsLimit(
        path: path,
        limit: "\(limits.expandedValues) values of '\(name)', which repeats those of its storage")
    }
    let start = bytes.lowerBound + tensor.offset * type.byteCount
    return StoredTensor(
      name: name, type: tensor.isView ? "\(type.name) negated" : type.name,
      format: tensor.isView ? nil : type.format, shape: tensor.shape,
      strides: Strides(tensor.strides, shape: tensor.shape, valueSize: type.byteCount),
      isBigEndian: isBigEndian, source: storage.source,
      range: start..<start + span * type.byteCount, path: path,
      notes: storage.notes)
  }

  /// The number of values; `nil` if the product of the dimensions overflows without those that are 0.
  private static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape where dimension != 0 {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      if overflows { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// The number of values from the first to the last one in the storage; `nil` if it overflows.
  private static func span(_ tensor: TorchTensor) -> Int? {
    if tensor.shape.contains(0) { return 0 }
    var last = 0
    for (dimension, stride) in zip(tensor.shape, tensor.strides) {
      let (step, overflows) = (dimension - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowsToo) = last.addingReportingOverflow(step)
      if overflows || overflowsToo { return nil }
      last = sum
    }
    return last == .max ? nil : last + 1
  }
}
