// YAML read strictly: every key must be known, every value of its kind, and whatever is wrong is
// reported with its line. The library parses; this file only asks.

import Messages
import Training
internal import Yams

/// A mapping of a YAML file whose keys have been checked.
struct YAMLMapping {
  let path: String
  let line: Int
  private let entries: [(key: String, value: Node)]

  /// Checks a node to be a mapping of known keys.
  init(_ node: Node, path: String, key: String, known: [String]) throws(ExperimentError) {
    self.path = path
    line = node.mark?.line ?? 1
    guard let mapping = node.mapping else {
      throw .wrongValue(
        path: path, line: line, key: key, expected: "a table of keys", found: node.kind)
    }
    var entries: [(key: String, value: Node)] = []
    var merged: [(key: String, value: Node)] = []
    for (keyNode, value) in mapping {
      let key = keyNode.scalar?.string ?? keyNode.kind
      if key == Self.mergeKey {
        for table in value.sequence.map(Array.init) ?? [value] {
          merged += try YAMLMapping(table, path: path, key: key, known: known).entries
        }
        continue
      }
      guard known.contains(key) else {
        throw .unknownKey(
          path: path, line: keyNode.mark?.line ?? line, key: key, known: known)
      }
      entries.append((key, value))
    }
    // What a table says itself wins over what it merges, and the first of several merged tables over later ones.
    for entry in merged where !entries.contains(where: { $0.key == entry.key }) {
      entries.append(entry)
    }
    self.entries = entries
  }

  /// The key whose value is a table, or a list of tables, of further entries: `<<: *base`.
  private static let mergeKey = "<<"

  /// The keys and values, in the file's order.
  var all: [(key: String, value: YAMLValue)] {
    entries.map { ($0.key, YAMLValue($0.value, path: path, key: $0.key)) }
  }

  /// The value of a key, `nil` if the key isn't there.
  subscript(_ key: String) -> YAMLValue? { all.first { $0.key == key }?.value }

  /// The value of a key that must be there.
  func required(_ key: String) throws(ExperimentError) -> YAMLValue {
    guard let value = self[key] else { throw .missingKey(path: path, line: line, key: key) }
    return value
  }
}

/// A value of a YAML file, with the key that it belongs to.
struct YAMLValue {
  let path: String
  let key: String
  private let node: Node

  init(_ node: Node, path: String, key: String) {
    self.node = node
    self.path = path
    self.key = key
  }

  /// Where the value stands, counted from 1.
  var line: Int { node.mark?.line ?? 1 }

  /// The elements of a list, or the value itself as the only one.
  var elements: [YAMLValue] {
    node.sequence.map { $0.map { YAMLValue($0, path: path, key: key) } } ?? [self]
  }

  /// Whether the value is `null`, `~`, `none` or empty.
  var isNone: Bool { node.null != nil || node.scalar?.string == "none" }

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
    for match in text.matches(of: /\{([^{}]*)\}/) where !keys.contains(String(match.1)) {
      throw wrong(expected: "a text with {\(keys.joined(separator: "}, {"))} or nothing in braces")
    }
    return text
  }

  func integer() throws(ExperimentError) -> Int {
    try scalar("a whole number") { Int($0.string) }
  }

  func seed() throws(ExperimentError) -> UInt64 {
    try scalar("a whole number, 0 or more") { UInt64($0.string) }
  }

  func number() throws(ExperimentError) -> Double {
    try scalar("a number") { Double.construct(from: $0) }
  }

  func ties() throws(ExperimentError) -> Ties {
    let names = Ties.allCases.map(\.rawValue).joined(separator: " or ")
    return try scalar(names) { Ties(rawValue: $0.string) }
  }

  func bool() throws(ExperimentError) -> Bool {
    try scalar("true or false") { Bool.construct(from: $0) }
  }

  /// The elements of a list that must have some.
  func someElements() throws(ExperimentError) -> [YAMLValue] {
    guard !elements.isEmpty else {
      throw wrong(expected: "a list of at least one", found: "an empty one")
    }
    return elements
  }

  /// What to throw about a name that can't be a folder's, or is taken.
  var wrongName: ExperimentError {
    wrong(
      expected:
        "a name of its own, without slashes and of at most \(String.longestResultName) bytes, that can be a "
        + "folder's")
  }

  /// What to throw about this value.
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
  /// What kind of node it is, for messages.
  fileprivate var kind: String {
    switch self {
    case .scalar: "a single value"
    case .mapping: "a table of keys"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
