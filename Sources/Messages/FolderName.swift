// Which names may become folders and files.

extension String {
  /// Whether the text can be the name of one folder or file, and of nothing outside its place.
  ///
  /// Not empty, no slash, no control character, not beginning with a point.
  public var isFolderName: Bool {
    !isEmpty && !hasPrefix(".") && !contains("/")
      && !unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
