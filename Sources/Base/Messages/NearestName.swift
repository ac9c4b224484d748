// The name that a user probably meant. Every list of names (initializers, data sets, measurements, YAML keys)
// answers through this file, in the same words.

/// The known name nearest to a misspelt one, if one is near enough to be worth suggesting.
///
/// Distance is Levenshtein's, letters compared without regard to case. A candidate is near enough
/// when no more than a third of the longer name's letters, and at least two, would have to change.
///
/// - Parameters:
///   - name: What was typed.
///   - candidates: What is known, in order of preference among equals.
/// - Returns: The nearest candidate, or `nil` when none is near.
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

/// The sentence that ends an "unknown name" error: the known names, and the nearest one.
///
/// - Parameters:
///   - name: What was typed.
///   - candidates: The known names.
///   - synonyms: What other programs call the known names, in lower case and without `_` and `-`; these win over names
///     that are merely spelled alike.
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
