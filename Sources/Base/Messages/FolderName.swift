// Which names may become folders and files.

extension String {
  /// Whether the text can be the name of one folder or file, and of nothing outside its place.
  ///
  /// Not empty, no slash, no control character, not beginning with a point.
  public var isFolderName: Bool {
    !isEmpty && !hasPrefix(".") && !contains("/")
      && !unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// The most bytes of a name that results are given: file systems take 255, and while a file is written its name has
  /// up to 47 more, a random number among them.
  public static var longestResultName: Int { 200 }

  /// Whether the text can be the name of a folder or file, and of those that are named after it.
  public var isResultName: Bool { isFolderName && utf8.count <= Self.longestResultName }
}
