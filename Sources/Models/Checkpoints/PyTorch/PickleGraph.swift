// The values of a pickle: plain data, whatever a pickle calls them.

/// A value of a pickle.
///
/// Containers and objects are references to nodes of a graph, so equal parts are shared and a value
/// may contain itself. Releasing a graph takes no recursion, however deeply its values are nested.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case real(Double)

  /// A text, also one that Python 2 wrote as bytes.
  case text(String)

  /// A number too large for `Int`, or bytes that are not UTF-8.
  case other

  /// A container or an object, by its index in the graph.
  case node(Int)
}

/// A container or an object.
struct PickleNode {
  enum Kind {
    case tuple
    case list
    case dictionary

    /// A name of Python code: `first` and `second` are the module and the name. It is not looked up.
    case global

    /// A value outside of the pickle, for example a storage: `first` is its identifier.
    case persistent

    /// A call that the pickle asks for: `first` is the function or class and `second` the
    /// arguments. It is not called.
    case call
  }

  let kind: Kind
  var first = PickleValue.none
  var second = PickleValue.none

  /// The items of a tuple or list, and those appended to an object.
  var items: [PickleValue] = []

  /// The values under texts and integers, of a dictionary or set in an object.
  ///
  /// When the pickle has been read, each key occurs once.
  var entries: [(key: String, value: PickleValue)] = []

  /// Keys that are containers or objects, and their values, in turn.
  var pairs: [PickleValue] = []

  /// The state that the pickle sets on an object.
  var state: PickleValue?
}

/// The values of one or several pickles of a file.
struct PickleGraph {
  var nodes: [PickleNode] = []

  /// The node of a container or object; `nil` for other values.
  func node(_ value: PickleValue) -> PickleNode? {
    if case .node(let index) = value { nodes[index] } else { nil }
  }

  /// The items of a tuple; `nil` for other values.
  func tuple(_ value: PickleValue) -> [PickleValue]? {
    node(value).flatMap { $0.kind == .tuple ? $0.items : nil }
  }

  /// The items of a tuple or list; `nil` for other values.
  func sequence(_ value: PickleValue) -> [PickleValue]? {
    node(value).flatMap { $0.kind == .tuple || $0.kind == .list ? $0.items : nil }
  }

  /// The name of Python code with its module, such as `torch.FloatStorage`; `nil` for other values.
  func global(_ value: PickleValue) -> String? {
    guard let node = node(value), node.kind == .global, let module = node.first.text,
      let name = node.second.text
    else { return nil }
    return module + "." + name
  }

  /// The function or class of an object; `nil` for other values, and if it is not a global.
  func function(of value: PickleValue) -> String? {
    guard let node = node(value), node.kind == .call else { return nil }
    return global(node.first)
  }

  /// The keys and values of a dictionary, or of an object that has become one, such as an
  /// `OrderedDict`; `nil` for other values.
  ///
  /// Keys other than texts and integers are left out.
  func entries(of value: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard let node = node(value) else { return nil }
    switch node.kind {
    case .dictionary: return node.entries
    case .call:
      let isDictionary =
        !node.entries.isEmpty || !node.pairs.isEmpty
        || global(node.first) == "collections.OrderedDict"
      return isDictionary ? node.entries : nil
    case .tuple, .list, .global, .persistent: return nil
    }
  }

  /// The list of pairs that creates an `OrderedDict`, as Python 2 writes it; empty for other values.
  func initialPairs(of node: PickleNode) -> [PickleValue] {
    guard node.kind == .call, let list = sequence(node.second)?.first.flatMap(sequence),
      global(node.first) == "collections.OrderedDict"
    else { return [] }
    return list
  }

  /// Keeps one entry per key: the last value at the place of the first, as in Python.
  mutating func removeRepeatedKeys(_ index: Int) {
    guard nodes[index].entries.count > 1 else { return }
    var places: [String: Int] = [:]
    var entries: [(key: String, value: PickleValue)] = []
    for entry in nodes[index].entries {
      if let place = places[entry.key] {
        entries[place].value = entry.value
      } else {
        places[entry.key] = entries.count
        entries.append(entry)
      }
    }
    nodes[index].entries = entries
  }

  /// The attributes of an object as the pickle sets them; `nil` for other values.
  func attributes(of value: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard let node = node(value), node.kind == .call, let state = node.state else { return nil }
    // Attributes in `__slots__` come second in a pair.
    if let pair = tuple(state), pair.count == 2 {
      return (entries(of: pair[0]) ?? []) + (entries(of: pair[1]) ?? [])
    }
    return entries(of: state)
  }
}

extension PickleValue {
  /// The text; `nil` for other values.
  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The integer; `nil` for other values.
  var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }

  /// A text or an integer as the key of a dictionary.
  var key: String? { text ?? integer.map(String.init) }
}
