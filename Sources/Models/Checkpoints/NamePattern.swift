// Which tensors, by name.

import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pattern of names as a shell has them: `*` any text, `?` one character, `[ab]` one of some.
///
/// `*` passes over points and slashes: `encoder.*.weight` names the weights of every depth. A backslash takes the
/// character after it literally. A pattern that is a tensor's whole name is that name, whatever is in it.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as it was typed.
  public let description: String

  /// How patterns are written, in sentences for the help of commands.
  public static let syntax = """
    In patterns of names * is any text, ? one character and [ab] one of some; \\ before such a character takes it \
    literally. A tensor's whole name is that name, whatever characters it has.
    """

  /// Whether the pattern is one name, and what looks like a wildcard in it is a part of the name.
  private let isName: Bool

  /// Takes a pattern; any text is one.
  public init(_ text: String) { self.init(text, isName: false) }

  private init(_ text: String, isName: Bool) {
    description = text
    self.isName = isName
  }

  /// The pattern as it is meant where some names are known: one of them is itself and no pattern.
  ///
  /// - Parameter names: The known names.
  /// - Returns: For example of `w[0]` a pattern that matches `w[0]` and not `w0`, where there is a `w[0]`.
  public func resolved(among names: Set<String>) -> NamePattern {
    let isName = names.contains(description) && description.contains { "*?[\\".contains($0) }
    return NamePattern(description, isName: isName)
  }

  /// Whether a name is one of those.
  ///
  /// - Parameter name: The whole name.
  /// - Returns: Whether it is the pattern itself, or what `fnmatch(3)` says.
  public func matches(_ name: String) -> Bool {
    if name == description { return true }
    if isName { return false }
    return unsafe fnmatch(Self.withoutNUL(description), Self.withoutNUL(name), 0) == 0
  }

  /// A text that C's strings can hold, which end at a NUL: with another control character in its place.
  private static func withoutNUL(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(decoding: text.utf8.map { $0 == 0 ? 1 : $0 }, as: UTF8.self)
  }

  /// How closely the pattern describes a name that it matches, to choose among several patterns.
  ///
  /// - Parameter name: The name.
  /// - Returns: The number of characters other than `*`, `?`, `[` and `]`; the most for the name itself.
  public func exactness(for name: String) -> Int {
    name == description ? Int.max : description.count { !"*?[]".contains($0) }
  }
}

/// A pattern that is the name of no tensor: a typing error, which would pass for a clean result.
public struct UnmatchedPattern: Equatable, Sendable, CustomStringConvertible {
  /// The pattern.
  public let pattern: NamePattern

  /// What has no such tensor.
  public let path: String

  /// The names that there are.
  public let names: [String]

  /// The defect and its fix, in one line.
  public var description: String {
    "\(path): no tensor is named '\(pattern)'; "
      + (nearestName(to: pattern.description, among: names).map { "did you mean '\($0)'?" }
        ?? "its first is '\(names.first ?? "")', and * stands for any text")
  }
}
