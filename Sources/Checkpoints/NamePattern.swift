// Which tensors, by name.

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
