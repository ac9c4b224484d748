// The groups of matrices that a figure of a series draws as one curve each.

import ZerOCheckpoints
public import ZerONamePatterns

/// Matrices that are drawn as one curve: a single one, or several as their median with a band.
public struct MatrixGroup: Equatable, Sendable {
  /// The name of the only matrix, or the pattern of the names.
  public let label: String

  /// The names of the matrices, in the order of the model.
  public let members: [String]

  /// Makes a group.
  public init(label: String, members: [String]) {
    self.label = label
    self.members = members
  }

  /// The largest number of curves before matrices whose names differ only in numbers form groups.
  public static let curveLimit = 8

  /// Divides matrices into groups.
  ///
  /// A matrix belongs to the first pattern that matches a part of its name. If the other matrices and the groups of
  /// patterns are more than `curveLimit`, matrices of equal shape whose names differ only in whole numbers between dots or
  /// in brackets form groups: `h.0.mlp.weight` and `h.1.mlp.weight` are `h.*.mlp.weight`. If these are still more, names
  /// that differ in any digits do.
  ///
  /// - Parameters:
  ///   - matrices: The names and shapes of the matrices, in the order of the model.
  ///   - patterns: The patterns of the user's groups.
  /// - Returns: The groups in the order of their first matrices. A group of one matrix has its name as label.
  /// - Complexity: O(number of matrices · number of patterns).
  public static func groups(
    of matrices: [(name: String, shape: [Int])], patterns: [NamePattern] = []
  ) -> [MatrixGroup] {
    let levels: [(String) -> String] = [\.self, withoutIndices, withoutDigits]
    var groups: [MatrixGroup] = []
    for level in levels {
      groups = Self.groups(of: matrices, patterns, level)
      if groups.count <= curveLimit { break }
    }
    return groups
  }

  /// The property that the matrices of a group have in common.
  private struct Key: Hashable {
    let pattern: String

    /// Empty for a pattern of the user, whose matrices may have several shapes.
    let shape: [Int]
  }

  private static func groups(
    of matrices: [(name: String, shape: [Int])], _ patterns: [NamePattern],
    _ automatic: (String) -> String
  ) -> [MatrixGroup] {
    var keys: [Key] = []
    var members: [Key: [String]] = [:]
    for (name, shape) in matrices {
      let own = patterns.first { contains(name, $0) }
      let key =
        own.map { Key(pattern: $0.description, shape: []) }
        ?? Key(pattern: automatic(name), shape: shape)
      if members[key] == nil { keys.append(key) }
      members[key, default: []].append(name)
    }
    let labels = keys.map { key in
      let names = members[key] ?? []
      return names.count > 1 && key.shape.isEmpty ? key.pattern : commonPattern(of: names)
    }
    let counts = Dictionary(grouping: labels) { $0 }.mapValues(\.count)
    return zip(keys, labels).map { key, label in
      let isUnique = key.shape.isEmpty || counts[label] == 1
      let shape = key.shape.map(String.init).joined(separator: "x")
      return MatrixGroup(
        label: isUnique ? label : "\(label) \(shape)", members: members[key] ?? [])
    }
  }

  /// Names that are equal apart from numbers, with `*` for each number in which they differ.
  private static func commonPattern(of names: [String]) -> String {
    guard names.count > 1 else { return names.first ?? "" }
    let numbers = names.map { $0.matches(of: /[0-9]+/).map(\.output) }
    var place = 0
    return names[0].replacing(/[0-9]+/) { match in
      defer { place += 1 }
      return numbers.allSatisfy { $0[place] == match.output } ? String(match.output) : "*"
    }
  }

  /// Whether a pattern matches a part of a name.
  static func contains(_ name: String, _ pattern: NamePattern) -> Bool {
    NamePattern("*\(pattern)*").matches(name)
  }

  /// A name with `*` for each index: a whole number between dots, slashes or brackets.
  private static func withoutIndices(_ name: String) -> String {
    name.replacing(/(^|[.\/\[])[0-9]+(?=$|[.\/\]])/) { "\($0.1)*" }
  }

  /// A name with `*` for each sequence of digits.
  private static func withoutDigits(_ name: String) -> String {
    name.replacing(/[0-9]+/, with: "*")
  }
}

/// Short labels for the curves of a figure.
///
/// Most names share their beginning and end: `transformer.h.*.mlp.c_fc.weight` becomes `mlp.c_fc`.
enum ShortLabels {
  /// Shortens names as long as they stay different.
  ///
  /// `.weight` is removed at the end and before a part in brackets. An end from a dot that more than half of the names
  /// have is removed from these, repeatedly; likewise a beginning up to a dot. No label is shortened to one without
  /// letters, or to one that begins with a number.
  ///
  /// - Parameter names: Different names.
  /// - Returns: One label per name, all different.
  static func of(_ names: [String]) -> [String] {
    var labels = withoutWeight(names)
    while let shorter = withoutEnd(labels) { labels = shorter }
    while let shorter = withoutBeginning(labels) { labels = shorter }
    return labels
  }

  private static func withoutWeight(_ names: [String]) -> [String] {
    let shorter = names.map { name in
      let rest = name.replacing(/\.weight(?=$|\[|\x20)/, with: "")
      return rest.contains(where: \.isLetter) ? rest : name
    }
    return valid(shorter, of: names) ?? names
  }

  private static func withoutEnd(_ labels: [String]) -> [String]? {
    guard let end = most(labels, { label in label.lastIndex(of: ".").map { label[$0...] } }) else {
      return nil
    }
    return valid(
      labels.map { $0.hasSuffix(end) ? String($0.dropLast(end.count)) : $0 }, of: labels)
  }

  private static func withoutBeginning(_ labels: [String]) -> [String]? {
    guard let start = most(labels, { label in label.firstIndex(of: ".").map { label[...$0] } })
    else { return nil }
    let shorter = labels.map { $0.hasPrefix(start) ? String($0.dropFirst(start.count)) : $0 }
    let hasBareNumber = zip(labels, shorter).contains { $0 != $1 && $1.first?.isNumber ?? false }
    return hasBareNumber ? nil : valid(shorter, of: labels)
  }

  /// The part that more than half of several labels have; `nil` if there is none.
  private static func most(_ labels: [String], _ part: (String) -> Substring?) -> Substring? {
    let counts = Dictionary(grouping: labels.compactMap(part)) { $0 }.mapValues(\.count)
    let first = counts.first { 2 * $0.value > labels.count }
    return labels.count > 1 ? first?.key : nil
  }

  /// Shortened labels, if they are all different and each of them has letters.
  private static func valid(_ shorter: [String], of labels: [String]) -> [String]? {
    let hasBare = zip(labels, shorter).contains { $0 != $1 && !$1.contains(where: \.isLetter) }
    return hasBare || Set(shorter).count < shorter.count ? nil : shorter
  }
}

extension SeriesReport {
  /// The labels of the groups: the user's patterns, or short names; with the number of matrices of a group.
  var labels: [String] {
    let own = Set(patterns.map(\.description))
    let names = groups.map(\.label).filter { !own.contains($0) }
    let short = Dictionary(zip(names, ShortLabels.of(names))) { first, _ in first }
    return groups.map { group in
      let label = short[group.label] ?? group.label
      return group.members.count == 1 ? label : "\(label) ×\(group.members.count)"
    }
  }
}
