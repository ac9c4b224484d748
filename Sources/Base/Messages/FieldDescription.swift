// The names of what the program writes, with their meanings: the source of the reference pages.

/// A field of a file or a column of a table, and its meaning.
public struct FieldDescription: Equatable, Sendable {
  /// The name in the file; words in capitals, such as `LAYER`, stand for any name.
  public let name: String

  /// One sentence or phrase, in Markdown.
  public let meaning: String

  /// Makes a description.
  public init(_ name: String, _ meaning: String) {
    self.name = name
    self.meaning = meaning
  }
}
