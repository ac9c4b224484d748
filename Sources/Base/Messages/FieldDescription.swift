// Names and meanings of output fields: the source of the reference pages.

/// A field of a file or a column of a table, and its meaning.
public struct FieldDescription: Equatable, Sendable {
  /// The name in the file; words in capitals, such as `LAYER`, are placeholders.
  public let name: String

  /// One sentence or phrase, in Markdown.
  public let meaning: String

  /// Makes a description.
  public init(_ name: String, _ meaning: String) {
    self.name = name
    self.meaning = meaning
  }
}
