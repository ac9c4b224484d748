// Which tensors, by name.

import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pattern of names as a shell has them: `*` any text, `?` one character, `[ab]` one of some.
///
/// `*` passes over points and slashes: `encoder.*.weight` names the weights of every depth.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as it was typed.
  public let description: String

  /// Takes a pattern; any text is one.
  public init(_ text: String) { description = text }

  /// Whether a name is one of those.
  ///
  /// - Parameter name: The whole name.
  /// - Returns: What `fnmatch(3)` says.
  public func matches(_ name: String) -> Bool { unsafe fnmatch(description, name, 0) == 0 }
}

/// A pattern that is the name of no tensor: a slip of the finger, which would pass for a clean result.
public struct UnmatchedPattern: Equatable, Sendable, CustomStringConvertible {
  /// The pattern.
  public let pattern: NamePattern

  /// What has no such tensor.
  public let path: String

  /// The names that there are.
  public let names: [String]

  /// The defect and its mend, in one line.
  public var description: String {
    "\(path): no tensor is named '\(pattern)'; "
      + (nearestName(to: pattern.description, among: names).map { "did you mean '\($0)'?" }
        ?? "its first is '\(names.first ?? "")', and * stands for any text")
  }
}
