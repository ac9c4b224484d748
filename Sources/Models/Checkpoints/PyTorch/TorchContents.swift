// All tensors in the values of a pickle, wherever they are nested.

/// The tensors and integers of a PyTorch file.
struct TorchContents {
  /// A tensor under the keys of the dictionaries that contain it.
  struct Entry {
    /// The keys, outermost first; the names inside an object, such as a module, form one key.
    let keys: [String]

    let tensor: StoredTensor

    /// Whether the tensor is a part of an optimizer's state.
    let isOfOptimizer: Bool
  }

  /// The tensors, in the order of the pickle.
  var tensors: [Entry] = []

  /// Tensors that can't be read, with their kinds.
  var others: [(keys: [String], kind: String)] = []

  /// The integers in the outermost dictionary, such as `epoch`; one that is in no dictionary has an
  /// empty key.
  var integers: [(key: String, value: Int)] = []

  /// The keys of the outermost dictionary.
  var keys: [String] = []

  /// Key-value texts that this package stores in its files (``PyTorchEncoding``).
  var metadata: [String: String] = [:]
}

/// Visits the values of a pickle.
struct TorchWalk {
  private(set) var contents = TorchContents()

  private let graph: PickleGraph
  private let storages: TorchStorages
  private var visits = 0
  private var values = 0
  private var tensorCount = 0
  private var nameBytes = 0
  private var open: Set<Int> = []

  /// Finds the tensors of a value.
  ///
  /// - Parameters:
  ///   - root: The value of the file.
  ///   - graph: The values of the file.
  ///   - storages: The places of its storages.
  ///   - name: The name of a tensor that is in no dictionary.
  /// - Throws: `TensorFileError.malformed` for a tensor outside its storage, `.exceedsLimit`.
  init(_ root: PickleValue, of graph: PickleGraph, _ storages: TorchStorages, name: String)
    throws(TensorFileError)
  {
    self.graph = graph
    self.storages = storages
    contents.keys = graph.entries(of: root)?.map(\.key) ?? []
    if let content = try content(root, [name]) {
      add(content, keys: [name], isOfOptimizer: false)
    } else {
      try visit(root, Place())
    }
  }

  /// Where a value was found.
  private struct Place {
    var keys: [String] = []

    /// The number of keys of dictionaries outside the innermost object; `nil` outside objects.
    var base: Int?

    var isOfOptimizer = false
    var depth = 0

    func inside(_ key: String) -> Place {
      var place = self
      place.depth += 1
      if let base, keys.count > base {
        place.keys[keys.count - 1] += "." + key
      } else {
        place.keys.append(key)
      }
      return place
    }
  }

  private mutating func content(_ value: PickleValue, _ keys: [String]) throws(TensorFileError)
    -> TorchLocated?
  {
    let content: TorchContent?
    do {
      content = try graph.tensor(value, storages.tensors)
    } catch {
      try count(keys)
      let name = keys.joined(separator: ".")
      throw .malformed(path: storages.path, format: "PyTorch", reason: "'\(name)' \(error.reason)")
    }
    if content != nil { try count(keys) }
    switch content {
    case nil: return nil
    case .otherTensor(let kind): return .other(kind)
    case .tensor(let tensor):
      return .stored(try storages.stored(tensor, name: keys.joined(separator: ".")))
    }
  }

  private enum TorchLocated {
    case stored(StoredTensor)
    case other(String)
  }

  private mutating func add(_ content: TorchLocated, keys: [String], isOfOptimizer: Bool) {
    switch content {
    case .stored(let tensor):
      contents.tensors.append(
        TorchContents.Entry(keys: keys, tensor: tensor, isOfOptimizer: isOfOptimizer))
    case .other(let kind): contents.others.append((keys, kind))
    }
  }

  private mutating func visit(_ value: PickleValue, _ place: Place) throws(TensorFileError) {
    guard case .node(let index) = value else {
      if place.keys.count <= 1, place.base == nil, let integer = value.integer {
        contents.integers.append((place.keys.first ?? "", integer))
      }
      return
    }
    visits += 1
    nameBytes += place.keys.last?.utf8.count ?? 0
    try check(visits, storages.limits.visits, "containers, counted under each of their names")
    try check(nameBytes, storages.limits.memory, "bytes of names")
    try check(place.depth, storages.limits.depth, "containers inside each other")
    // A value inside itself has been visited under its first name.
    guard open.insert(index).inserted else { return }
    defer { open.remove(index) }
    if let content = try content(value, place.keys) {
      return add(content, keys: place.keys, isOfOptimizer: place.isOfOptimizer)
    }
    var place = place
    var children: [(key: String, value: PickleValue)] = []
    if let entries = graph.entries(of: value) {
      children = entries
    } else if let items = graph.sequence(value) {
      children = items.enumerated().map { (String($0.offset), $0.element) }
    } else if let attributes = graph.attributes(of: value) {
      place.base = place.base ?? place.keys.count
      values += attributes.count
      children = moduleParts(attributes) ?? attributes
    }
    values += children.count
    try check(values, storages.limits.values, "values, counted under each of their names")
    let isOptimizer = ["param_groups", "state"].allSatisfy { name in
      children.contains { $0.key == name }
    }
    if isOptimizer { place.isOfOptimizer = true }
    for child in children {
      // Plain values are of interest only at the top.
      if case .node = child.value {} else if place.depth > 0 { continue }
      try visit(child.value, place.inside(child.key))
    }
  }

  /// Counts a tensor and the bytes of its name.
  private mutating func count(_ keys: [String]) throws(TensorFileError) {
    tensorCount += 1
    try check(tensorCount, storages.limits.tensors, "tensors, counted under each of their names")
    let size = keys.reduce(0) { $0 + $1.utf8.count + 1 }
    try check(size, storages.limits.name, "bytes of a tensor's name with its keys")
    nameBytes += size + keys.count * MemoryLayout<String>.stride
    try check(nameBytes, storages.limits.memory, "bytes of names")
  }

  private func check(_ count: Int, _ limit: Int, _ what: String) throws(TensorFileError) {
    guard count <= limit else {
      throw .exceedsLimit(path: storages.path, limit: "\(limit) \(what)")
    }
  }

  /// The parameters, buffers and submodules of a module that was saved whole; `nil` for other
  /// objects.
  private func moduleParts(_ attributes: [(key: String, value: PickleValue)]) -> [(
    key: String, value: PickleValue
  )]? {
    let parts = ["_parameters", "_buffers", "_modules"].map { name in
      attributes.first { $0.key == name }.flatMap { graph.entries(of: $0.value) }
    }
    return parts.contains { $0 != nil } ? parts.compactMap(\.self).flatMap(\.self) : nil
  }
}
