// Text that is safe as a file name or as a word of a shell command.

extension String {
  /// Whether the text can name a folder or file and cannot lead out of the parent folder.
  ///
  /// Such a name is not empty, does not start with a dot, and contains no slash and no control character.
  public var isFolderName: Bool {
    !isEmpty && !hasPrefix(".") && !contains("/")
      && !unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// The maximum length of a result name, in bytes of UTF-8.
  ///
  /// File systems allow 255 bytes. A file that is being written has a temporary name that is up to 47 bytes longer.
  public static var longestResultName: Int { 200 }

  /// Whether the string can name an initializer or a quantity: a letter, then letters, digits and underscores, at most 64.
  ///
  /// Such a name is the same in YAML, CSV, shell commands and the names of folders. YAML's words for nothing and for truth
  /// values are excluded.
  public var isCatalogName: Bool {
    utf8.count <= 64 && (first.map { $0.isASCII && $0.isLetter } ?? false)
      && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      && !["none", "null", "true", "false", "yes", "no", "on", "off"].contains(lowercased())
  }

  /// Whether the text is a folder name that is short enough for results and their temporary files.
  public var isResultName: Bool { isFolderName && utf8.count <= Self.longestResultName }
}

/// A text as one word of a POSIX shell command, in quotes if necessary.
///
/// - Parameter word: Any text.
/// - Returns: For example `'two words'`.
public func shellQuoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "/-_.=".contains($0) }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
