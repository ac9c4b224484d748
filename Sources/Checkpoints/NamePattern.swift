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

  /// Takes a pattern; any text is one.
  public init(_ text: String) { description = text }

  /// Whether a name is one of those.
  ///
  /// - Parameter name: The whole name.
  /// - Returns: Whether it is the pattern itself, or what `fnmatch(3)` says.
  public func matches(_ name: String) -> Bool {
    if name == description { return true }
    // C's strings end at a NUL, which a name may hold.
    guard !name.utf8.contains(0) else { return false }
    return unsafe fnmatch(description, name, 0) == 0
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
