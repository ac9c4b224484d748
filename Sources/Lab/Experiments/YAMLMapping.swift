// Strict reading of YAML: unknown keys and values of the wrong type are errors with their line.

internal import Yams
import ZerOMessages
import ZerOTraining

/// A mapping of a YAML file with known keys.
struct YAMLMapping {
  let path: String
  let line: Int
  private let entries: [(key: String, value: Node)]

  /// Reads a mapping; former keys of hyper-parameters are replaced by the current ones.
  init(_ node: Node, path: String, key: String, known: [String]) throws(ExperimentError) {
    self.path = path
    line = node.mark?.line ?? 1
    guard let mapping = node.mapping else {
      throw .wrongValue(
        path: path, line: line, key: key, expected: "a table of keys", found: node.kind)
    }
    var entries: [(key: String, value: Node)] = []
    var merged: [(key: String, value: Node)] = []
    var inModel: Set<String> = []
    for (keyNode, value) in mapping {
      var key = keyNode.scalar?.string ?? keyNode.kind
      if key == Self.mergeKey {
        for table in value.sequence.map(Array.init) ?? [value] {
          merged += try YAMLMapping(table, path: path, key: key, known: known).entries
        }
        continue
      }
      if !known.contains(key), let current = TrainingPlan.setting(key)?.key, known.contains(current)
      {
        key = current
      }
      if key == Self.modelKey, known.contains(key), value.mapping != nil {
        // The settings of the model may be a table of their own.
        let settings = TrainingPlan.modelKeys.filter(known.contains)
        let table = try YAMLMapping(
          value, path: path, key: key, known: settings + [Self.familyKey])
        for (name, value) in table.entries {
          let key = name == Self.familyKey ? Self.modelKey : name
          guard !entries.contains(where: { $0.key == key }) else {
            throw .syntax(
              path: path, line: value.mark?.line ?? line,
              reason: "the key '\(key)' is set twice, once in '\(Self.modelKey)'; remove one")
          }
          entries.append((key, value))
          inModel.insert(key)
        }
        continue
      }
      guard known.contains(key) else {
        throw .unknownKey(
          path: path, line: keyNode.mark?.line ?? line, key: key, known: known)
      }
      guard !entries.contains(where: { $0.key == key }) else {
        throw .syntax(
          path: path, line: keyNode.mark?.line ?? line,
          reason: inModel.contains(key)
            ? "the key '\(key)' is set twice, once in '\(Self.modelKey)'; remove one"
            : "the key '\(key)' and its former name are both set; remove one")
      }
      entries.append((key, value))
    }
    // Own entries take precedence over merged ones, and earlier merged tables over later ones.
    for entry in merged where !entries.contains(where: { $0.key == entry.key }) {
      entries.append(entry)
    }
    self.entries = entries
  }

  /// The key of merged tables: `<<: *base`, or a list of them.
  private static let mergeKey = "<<"

  /// The key of the model: a name, or a table with the name under `familyKey` and settings of the model.
  private static let modelKey = "model"
  private static let familyKey = "family"

  /// The keys and values in the order of the file.
  var all: [(key: String, value: YAMLValue)] {
    entries.map { ($0.key, YAMLValue($0.value, path: path, key: $0.key)) }
  }

  /// The value of a key, `nil` if it is absent.
  subscript(_ key: String) -> YAMLValue? { all.first { $0.key == key }?.value }

  /// The value of a required key.
  func required(_ key: String) throws(ExperimentError) -> YAMLValue {
    guard let value = self[key] else { throw .missingKey(path: path, line: line, key: key) }
    return value
  }
}

/// A value of a YAML file with its key.
struct YAMLValue {
  let path: String
  let key: String
  private let node: Node

  init(_ node: Node, path: String, key: String) {
    self.node = node
    self.path = path
    self.key = key
  }

  /// The line of the value, counted from 1.
  var line: Int { node.mark?.line ?? 1 }

  /// The elements of a list; a single value counts as a list of one element.
  var elements: [YAMLValue] {
    node.sequence.map { $0.map { YAMLValue($0, path: path, key: key) } } ?? [self]
  }

  /// Whether the value is `null`, `~`, `none` or empty.
  var isNone: Bool { node.null != nil || node.scalar?.string == "none" }

  /// Whether the value is a table of keys.
  var isTable: Bool { node.mapping != nil }

  /// The keys and values of a table with any keys; empty for another value.
  var pairs: [(key: String, value: YAMLValue)] {
    (node.mapping.map(Array.init) ?? []).map { key, value in
      let name = key.scalar?.string ?? key.kind
      return (name, YAMLValue(value, path: path, key: name))
    }
  }

  func mapping(known: [String]) throws(ExperimentError) -> YAMLMapping {
    try YAMLMapping(node, path: path, key: key, known: known)
  }

  func string() throws(ExperimentError) -> String {
    try scalar("a text") { $0.string }
  }

  /// One of some names.
  func choice(of names: [String]) throws(ExperimentError) -> String {
    let name = try string()
    guard names.contains(name) else {
      throw wrong(expected: "one of " + names.joined(separator: ", "))
    }
    return name
  }

  /// A text in which every `{key}` is one of some keys.
  func template(of keys: [String]) throws(ExperimentError) -> String {
    let text = try string()
    for match in text.matches(of: /\{([^{}]*)\}/)
    where !keys.contains(TrainingPlan.setting(String(match.1))?.key ?? String(match.1)) {
      throw wrong(expected: "a text with {\(keys.joined(separator: "}, {"))} or nothing in braces")
    }
    return text
  }

  func integer() throws(ExperimentError) -> Int {
    try scalar("a whole number") { Int($0.string) }
  }

  func number() throws(ExperimentError) -> Double {
    try scalar("a number") { Double.construct(from: $0) }
  }

  /// The value of a hyper-parameter; a single name for a list of names.
  func value(of setting: TrainingPlan.Setting) throws(ExperimentError) -> TrainingPlan.Setting.Value
  {
    if setting.mayBeNone, isNone { return .absent }
    if setting.isNumber { return .number(try number()) }
    if setting.isList, node.sequence != nil {
      var names: [String] = []
      for element in elements { names.append(try element.string()) }
      return .names(names)
    }
    let expected = setting.expectation(insteadOf: node.scalar?.string ?? "")
    return try scalar(expected) { setting.value(of: $0.string) }
  }

  func bool() throws(ExperimentError) -> Bool {
    try scalar("true or false") { Bool.construct(from: $0) }
  }

  /// The elements of a non-empty list.
  func someElements() throws(ExperimentError) -> [YAMLValue] {
    guard !elements.isEmpty else {
      throw wrong(expected: "a list of at least one", found: "an empty one")
    }
    return elements
  }

  /// The error for a name that is taken or cannot name a folder.
  var wrongName: ExperimentError {
    wrong(
      expected:
        "a name of its own, without slashes and of at most \(String.longestResultName) bytes, that can be a "
        + "folder's")
  }

  /// The error for a key that has no meaning beside another one.
  func unused(beside other: String) -> ExperimentError {
    .misplacedKey(
      path: path, line: line, key: key, reason: "is not used beside '\(other)'; remove it")
  }

  /// The error for this value.
  func wrong(expected: String, found: String? = nil) -> ExperimentError {
    let found = found ?? node.scalar.map { "'\($0.string)'" } ?? node.kind
    return .wrongValue(path: path, line: line, key: key, expected: expected, found: found)
  }

  private func scalar<Value>(_ expected: String, _ convert: (Node.Scalar) -> Value?)
    throws(ExperimentError) -> Value
  {
    guard let scalar = node.scalar, let value = convert(scalar) else {
      throw wrong(expected: expected)
    }
    return value
  }
}

extension Node {
  /// The kind of the node, for errors.
  fileprivate var kind: String {
    switch self {
    case .scalar: "a single value"
    case .mapping: "a table of keys"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
