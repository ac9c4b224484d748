// Suggestions for misspelled names. Every list of names (initializers, data sets, measurements, YAML keys) uses
// them, so all errors have the same wording.

/// The known name nearest to a misspelled one, if it is near enough to suggest.
///
/// The distance is Levenshtein's, ignoring case. A candidate is near enough if the distance is at most 2 or at most a
/// third of the longer name's length.
///
/// - Parameters:
///   - name: The misspelled name.
///   - candidates: The known names. Of equally near names, the first is returned.
/// - Returns: The nearest candidate, or `nil` if none is near enough.
/// - Complexity: O(length² · number of candidates).
///
/// Reference: V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
/// reversals", Soviet Physics Doklady 10 (1966).
public func nearestName(to name: String, among candidates: [String]) -> String? {
  let typed = Array(name.lowercased())
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let known = Array(candidate.lowercased())
    let distance = editDistance(typed, known)
    guard distance <= max(2, max(typed.count, known.count) / 3) else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// The end of an "unknown name" error: the nearest name and all known names.
///
/// - Parameters:
///   - name: The unknown name.
///   - candidates: The known names.
///   - synonyms: Known names by the names that other programs use, in lower case and without `_` and `-`. A synonym
///     takes precedence over a name with similar spelling.
/// - Returns: For example `did you mean 'ZerO'? (known: ZerO, OnE)`.
public func suggestion(
  for name: String, among candidates: [String], synonyms: [String: String] = [:]
) -> String {
  let known = "known: " + candidates.joined(separator: ", ")
  let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }
  let synonym = synonyms[plain].flatMap { candidates.contains($0) ? $0 : nil }
  guard let nearest = synonym ?? nearestName(to: name, among: candidates) else { return known }
  return "did you mean '\(nearest)'? (\(known))"
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var previous = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var current = [i + 1]
    for (j, right) in b.enumerated() {
      current.append(
        min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left == right ? 0 : 1)))
    }
    previous = current
  }
  return previous[b.count]
}
