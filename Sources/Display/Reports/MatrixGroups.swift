// The groups of matrices that a figure of a series draws as one curve each.

public import Checkpoints

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
  /// patterns are more than `curveLimit`, matrices whose names differ only in whole numbers between dots or in brackets
  /// form groups: `h.0.mlp.weight` and `h.1.mlp.weight` are `h.*.mlp.weight`. If these are still more, names that
  /// differ in any digits do.
  ///
  /// - Parameters:
  ///   - names: The names of the matrices, in the order of the model.
  ///   - patterns: The patterns of the user's groups.
  /// - Returns: The groups in the order of their first matrices. A group of one matrix has its name as label.
  /// - Complexity: O(number of names · number of patterns).
  public static func groups(of names: [String], patterns: [NamePattern] = []) -> [MatrixGroup] {
    func grouped(_ automatic: (String) -> String) -> [MatrixGroup] {
      var labels: [String] = []
      var members: [String: [String]] = [:]
      for name in names {
        let label = patterns.first { contains(name, $0) }?.description ?? automatic(name)
        if members[label] == nil { labels.append(label) }
        members[label, default: []].append(name)
      }
      return labels.map { label in
        let names = members[label] ?? []
        return MatrixGroup(label: names.count == 1 ? names[0] : label, members: names)
      }
    }
    let levels: [(String) -> String] = [\.self, withoutIndices, withoutDigits]
    var groups: [MatrixGroup] = []
    for level in levels {
      groups = grouped(level)
      if groups.count <= curveLimit { break }
    }
    return groups
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
  /// A beginning up to a dot that more than half of the names have is removed from these, repeatedly; likewise an end from
  /// a dot. No label begins with a digit instead of a letter.
  ///
  /// - Parameter names: Different names.
  /// - Returns: One label per name, all different.
  static func of(_ names: [String]) -> [String] {
    var labels = names
    while let shorter = withoutEnd(labels) { labels = shorter }
    while let shorter = withoutBeginning(labels) { labels = shorter }
    return labels
  }

  private static func withoutEnd(_ labels: [String]) -> [String]? {
    guard let end = most(labels, { label in label.lastIndex(of: ".").map { label[$0...] } }) else {
      return nil
    }
    return valid(labels.map { $0.hasSuffix(end) ? String($0.dropLast(end.count)) : $0 })
  }

  private static func withoutBeginning(_ labels: [String]) -> [String]? {
    guard let start = most(labels, { label in label.firstIndex(of: ".").map { label[...$0] } })
    else { return nil }
    let shorter = labels.map { $0.hasPrefix(start) ? String($0.dropFirst(start.count)) : $0 }
    let hasBareNumber = zip(labels, shorter).contains { $0 != $1 && $1.first?.isNumber ?? false }
    return hasBareNumber ? nil : valid(shorter)
  }

  /// The part that more than half of several labels have; `nil` if there is none.
  private static func most(_ labels: [String], _ part: (String) -> Substring?) -> Substring? {
    let counts = Dictionary(grouping: labels.compactMap(part)) { $0 }.mapValues(\.count)
    let first = counts.first { 2 * $0.value > labels.count }
    return labels.count > 1 ? first?.key : nil
  }

  /// The labels, if they are all different and none is empty.
  private static func valid(_ labels: [String]) -> [String]? {
    labels.contains("") || Set(labels).count < labels.count ? nil : labels
  }
}
