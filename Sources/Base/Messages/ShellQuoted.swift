// Words of command lines that people copy or a shell reads.

/// A word as a shell reads it back, whatever it holds: in quotes where it needs them.
///
/// - Parameter word: Any text.
/// - Returns: For example `'two words'`.
public func shellQuoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "/-_.=".contains($0) }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
