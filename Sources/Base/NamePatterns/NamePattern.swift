// Shell patterns for tensor names.

import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A shell pattern for names: `*` matches any text, `?` one character, `[ab]` one of several.
///
/// `*` also matches dots and slashes: `encoder.*.weight` selects the weights of every depth. A
/// backslash escapes the next character. A pattern that equals a tensor's whole name matches that
/// tensor, even if it contains special characters.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as typed.
  public let description: String

  /// The pattern syntax, in sentences for help texts.
  public static let syntax = """
    In name patterns, * matches any text, ? one character and [ab] one of several; \\ escapes such a character. \
    A pattern that is a tensor's whole name matches that tensor alone.
    """

  /// Whether the pattern is a literal name.
  private let isName: Bool

  /// Creates a pattern; any text is valid.
  public init(_ text: String) { self.init(text, isName: false) }

  private init(_ text: String, isName: Bool) {
    description = text
    self.isName = isName
  }

  /// Interprets the pattern among known names: a pattern that is one of them is literal.
  ///
  /// - Parameter names: The known names.
  /// - Returns: The pattern. If `w[0]` is a known name, the pattern `w[0]` matches `w[0]` but not
  ///   `w0`.
  public func resolved(among names: Set<String>) -> NamePattern {
    let isName = names.contains(description) && description.contains { "*?[\\".contains($0) }
    return NamePattern(description, isName: isName)
  }

  /// Whether the pattern matches a name.
  ///
  /// - Parameter name: The whole name.
  /// - Returns: `true` if the name equals the pattern, or `fnmatch(3)` matches.
  public func matches(_ name: String) -> Bool {
    if name == description { return true }
    if isName { return false }
    return unsafe fnmatch(Self.withoutNUL(description), Self.withoutNUL(name), 0) == 0
  }

  /// Replaces NUL, which would end a C string, by another control character.
  private static func withoutNUL(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(decoding: text.utf8.map { $0 == 0 ? 1 : $0 }, as: UTF8.self)
  }

  /// How specific the pattern is for a name that it matches; the most specific of several patterns
  /// wins.
  ///
  /// - Parameter name: The name.
  /// - Returns: The number of characters other than `*`, `?`, `[` and `]`; `Int.max` if the pattern
  ///   is the name.
  public func exactness(for name: String) -> Int {
    name == description ? Int.max : description.count { !"*?[]".contains($0) }
  }
}

/// A pattern that matches no tensor, probably a typing error.
public struct UnmatchedPattern: Equatable, Sendable, CustomStringConvertible {
  /// The pattern.
  public let pattern: NamePattern

  /// The file that was searched.
  public let path: String

  /// The names in the file.
  public let names: [String]

  /// Makes a remark.
  ///
  /// - Parameters:
  ///   - pattern: The pattern.
  ///   - path: The file that was searched.
  ///   - names: The names in the file.
  public init(pattern: NamePattern, path: String, names: [String]) {
    self.pattern = pattern
    self.path = path
    self.names = names
  }

  /// The defect and its fix, in one line.
  public var description: String {
    "\(path): no tensor is named '\(pattern)'; "
      + (nearestName(to: pattern.description, among: names).map { "did you mean '\($0)'?" }
        ?? "the first one is '\(names.first ?? "")', and * matches any text")
  }
}
