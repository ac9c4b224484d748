// Tensors in the values of a pickle: calls of the functions that rebuild tensors, read as descriptions.

/// The bytes of a storage, which several tensors may share.
struct TorchStorage {
  let source: any ByteSource
  let range: Range<Int>

  /// Remarks for readers of the values.
  var notes: [String] = []
}

/// The identifier of a storage in a pickle: class, key, device, number of values, and part of another storage.
struct TorchStorageName {
  let key: String
  let type: TorchType
  let count: Int

  /// The values of the storage that this view contains; `nil` for all.
  let view: Range<Int>?

  init(key: String, type: TorchType, count: Int, view: Range<Int>?) {
    self.key = key
    self.type = type
    self.count = count
    self.view = view
  }

  /// The largest accepted key in bytes; PyTorch's keys are numbers.
  private static let longestKey = 256

  /// Reads `("storage", class, key, device, count)`, in old files with `(key, offset, count)` of a view; `nil` for
  /// other values.
  init?(_ value: PickleValue, in graph: PickleGraph) {
    guard let node = graph.node(value), node.kind == .persistent,
      let items = graph.tuple(node.first), items.count == 5 || items.count == 6,
      items[0].text == "storage", let type = graph.global(items[1]).flatMap(TorchType.ofStorage),
      let key = items[2].key, key.utf8.count <= Self.longestKey, let count = items[4].integer,
      count >= 0
    else { return nil }
    self.key = key
    self.type = type
    self.count = count
    if items.count == 6, let view = graph.tuple(items[5]) {
      guard view.count == 3, let offset = view[1].integer, let size = view[2].integer, offset >= 0,
        size >= 0, offset <= count, size <= count - offset
      else { return nil }
      self.view = offset..<offset + size
    } else {
      view = nil
    }
  }
}

/// A tensor in the values of a pickle, readable or not.
enum TorchContent {
  case tensor(TorchTensor)

  /// A tensor whose values can't be read, with its kind, such as `sparse tensor`.
  case otherTensor(String)
}

/// A tensor in a storage.
struct TorchTensor {
  let storage: TorchStorageName
  let offset: Int
  let shape: [Int]
  let strides: [Int]

  /// The type, if it isn't that of the storage.
  let type: TorchType?

  /// Whether the values are those of the storage with another sign, or complex conjugate.
  let isView: Bool
}

extension PickleGraph {
  /// The tensor that a value describes; `nil` if it describes none.
  ///
  /// - Parameters:
  ///   - value: A value of the graph.
  ///   - identified: The tensors outside of the pickle, by their identifiers.
  ///   - depth: The number of parameters around the value.
  /// - Returns: The tensor.
  /// - Throws: `ImpossibleTensor` for arguments that no tensor has.
  func tensor(_ value: PickleValue, _ identified: [String: TorchTensor] = [:], depth: Int = 0)
    throws(ImpossibleTensor) -> TorchContent?
  {
    guard let node = node(value) else { return nil }
    if node.kind == .persistent {
      return node.first.key.flatMap { identified[$0] }.map { .tensor($0) }
    }
    // A parameter is never a parameter of a parameter of …
    guard let function = function(of: value), depth < 4 else { return nil }
    let arguments = sequence(node.second) ?? []
    switch function {
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
      "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer":
      guard let data = arguments.first else { return nil }
      return try tensor(data, identified, depth: depth + 1)
    case "torch._tensor._rebuild_from_type_v2":
      // A tensor of another class is rebuilt by the same functions, or in ways of its own.
      guard arguments.count == 4, let function = global(arguments[0]) else { return nil }
      return try rebuilt(function, sequence(arguments[2]) ?? [])
        ?? .otherTensor("a tensor of another class")
    default: return try rebuilt(function, arguments)
    }
  }

  private func rebuilt(_ function: String, _ arguments: [PickleValue]) throws(ImpossibleTensor)
    -> TorchContent?
  {
    switch function {
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
      "torch._utils._rebuild_tensor_v3":
      return .tensor(try strided(function, arguments))
    case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor":
      return .otherTensor("a sparse tensor")
    case "torch._utils._rebuild_qtensor": return .otherTensor("a quantized tensor")
    case "torch._utils._rebuild_nested_tensor": return .otherTensor("a nested tensor")
    case "torch._utils._rebuild_meta_tensor_no_storage":
      return .otherTensor("a tensor without values")
    case "torch._utils._rebuild_wrapper_subclass": return .otherTensor("a tensor of another class")
    case "torch._utils._rebuild_device_tensor_from_numpy",
      "torch._utils._rebuild_device_tensor_from_cpu_tensor", "torch._utils._rebuild_xla_tensor":
      return .otherTensor("a tensor of another device")
    default: return nil
    }
  }

  /// Reads `(storage, offset, shape, strides, …)`.
  private func strided(_ function: String, _ arguments: [PickleValue]) throws(ImpossibleTensor)
    -> TorchTensor
  {
    let isTyped = function.hasSuffix("_v3")
    guard arguments.count >= (isTyped ? 7 : 4), let offset = arguments[1].integer,
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else { throw ImpossibleTensor(reason: "is not described by integers") }
    guard let storage = TorchStorageName(arguments[0], in: self) else {
      throw ImpossibleTensor(reason: "has no valid storage")
    }
    guard shape.count == strides.count, offset >= 0,
      (shape + strides).allSatisfy({ $0 >= 0 })
    else {
      throw ImpossibleTensor(
        reason: "has the offset \(offset), the shape \(shape) and the strides \(strides)")
    }
    var type: TorchType?
    if isTyped {
      type = global(arguments[6]).flatMap(TorchType.named)
      guard type != nil else { throw ImpossibleTensor(reason: "has an unknown type") }
    }
    let flags = arguments.dropFirst(isTyped ? 7 : 6).first.flatMap { entries(of: $0) } ?? []
    // PyTorch has two flags, `conj` and `neg`.
    let isView = flags.prefix(8).contains { flag in
      if case .bool(true) = flag.value { true } else { false }
    }
    return TorchTensor(
      storage: storage, offset: offset, shape: shape, strides: strides, type: type,
      isView: isView)
  }

  /// The largest number of dimensions.
  private static let mostDimensions = 64

  /// A tuple or list of integers, or a `torch.Size`, as shapes and strides are; `nil` for other
  /// values.
  func integers(_ value: PickleValue) -> [Int]? {
    var items = sequence(value)
    if function(of: value) == "torch.Size" {
      items = node(value).flatMap { sequence($0.second)?.first }.flatMap(sequence)
    }
    guard let items, items.count <= Self.mostDimensions else { return nil }
    let integers = items.compactMap(\.integer)
    return integers.count == items.count ? integers : nil
  }
}
