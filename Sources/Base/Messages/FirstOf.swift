// A list made short.

/// The first three of a list, and how many more there are.
///
/// - Parameter names: In the order of their importance.
/// - Returns: For example `a, b, c and 4 more`.
public func firstOf(_ names: [String]) -> String {
  names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
}
