// The step that a checkpoint's path tells.

/// A step that a name tells.
struct NamedStep: Equatable, Sendable {
  /// The number.
  let number: Int

  /// The unit of the number.
  let unit: StepUnit
}

/// One part of a path, such as `checkpoint-500` or `epoch=0-step=10`, with the numbers in it.
///
/// A number counts as a step if a word such as `step`, `iter`, `checkpoint` or `epoch` is before it.
/// Other numbers are candidates, unless they belong to a decimal, a shard (`00001-of-00002`), or a
/// word such as `rank`, `seed` or `tokens`.
struct NameWithNumbers: Sendable {
  /// The step with a word that names it, and the preference of the word: 0 is the clearest.
  let explicit: (step: NamedStep, preference: Int)?

  /// The candidates.
  let candidates: [Candidate]

  /// The name with `mark` in place of each candidate: names of one form differ only in numbers.
  let form: String

  /// Stands for a number; no file name contains it.
  private static let mark: Character = "\0"

  /// A number that may be the step.
  struct Candidate: Equatable, Sendable {
    /// Its value.
    let number: Int

    /// Whether no letter is directly before it, or a word for a model: `net_500` and `model500`, not
    /// `resnet50`.
    let isSeparate: Bool
  }

  /// The words of the name, in lowercase.
  let words: [String]

  /// Words that name a step, clearest first; a compound such as `globalstep` ends in one of them.
  private static let keywords: [(words: [String], unit: StepUnit)] = [
    (["step", "steps", "iter", "iters", "iteration", "iterations"], .step),
    (["checkpoint", "ckpt", "chkpt", "update", "updates"], .step),
    (["epoch", "epochs"], .epoch),
  ]

  /// Words that end in one of them by chance, or whose number is the last step of all.
  private static let falseCompounds: Set = [
    "arbiter", "jupiter", "maxiter", "maxiters", "maxstep", "maxsteps", "rewriter", "writer",
  ]

  /// Words that name a step only if they are not part of a longer word.
  private static let shortKeywords: [(words: [String], unit: StepUnit)] = [
    (["it", "itr"], .step), ([], .step), (["ep"], .epoch),
  ]

  /// Words whose numbers are no steps.
  private static let otherWords: Set = [
    "rank", "seed", "shard", "part", "version", "v", "fold", "worker", "gpu", "device", "mp", "pp",
    "tp", "dp", "layer", "layers", "stage", "run", "trial", "token", "tokens", "loss", "acc",
    "accuracy", "val", "lr", "bs", "of", "world", "size", "fp", "bf", "int", "float", "bfloat",
  ]

  /// Words whose numbers count as separate ones.
  private static let modelWords: Set = ["model", "net", "network", "params", "state", "weights"]

  /// A piece of a name.
  private enum Piece {
    case word(String)
    case number(String)
    case separator(Character)
  }

  /// Splits a name.
  ///
  /// - Parameter name: A folder's name, or a file's name without its extension.
  init(_ name: String) {
    let pieces = Self.pieces(of: name)
    var explicit: (step: NamedStep, preference: Int)?
    var candidates: [Candidate] = []
    var form = ""
    for (place, piece) in pieces.enumerated() {
      guard case .number(let digits) = piece else {
        switch piece {
        case .word(let word): form += word
        case .separator(let character): form.append(character)
        case .number: break
        }
        continue
      }
      let (word, isAttached) = Self.word(before: place, in: pieces)
      let isKeras = Self.isKerasEpoch(place, pieces)
      let (factor, hasSuffix) = Self.factor(after: place, in: pieces)
      guard !Self.isPartOfDecimal(place, pieces), !Self.isShard(place, pieces),
        let value = Int(digits), !value.multipliedReportingOverflow(by: factor ?? 1).overflow
      else {
        form += digits
        continue
      }
      let number = value * (factor ?? 1)
      if let named = isKeras ? (unit: .epoch, preference: 2) : Self.keyword(word),
        !hasSuffix || factor != nil
      {
        if explicit.map({ named.preference < $0.preference }) ?? true {
          explicit = (NamedStep(number: number, unit: named.unit), named.preference)
        }
        form.append(Self.mark)
      } else if let unit = Self.unit(after: place, in: pieces) {
        if explicit.map({ unit.preference < $0.preference }) ?? true {
          explicit = (NamedStep(number: value, unit: unit.unit), unit.preference)
        }
        form.append(Self.mark)
      } else if Self.otherWords.contains(word) || hasSuffix && factor == nil {
        form += digits
      } else {
        candidates.append(
          Candidate(number: number, isSeparate: !isAttached || Self.modelWords.contains(word)))
        form.append(Self.mark)
      }
    }
    self.explicit = explicit
    self.candidates = candidates
    self.form = form
    words = pieces.compactMap { if case .word(let word) = $0 { word } else { nil } }
  }

  private static func pieces(of name: String) -> [Piece] {
    var pieces: [Piece] = []
    for character in name.lowercased() {
      let isDigit = character.isASCII && character.isNumber
      if isDigit, case .number(let digits) = pieces.last {
        pieces[pieces.count - 1] = .number(digits + String(character))
      } else if isDigit {
        pieces.append(.number(String(character)))
      } else if character.isLetter, case .word(let word) = pieces.last {
        pieces[pieces.count - 1] = .word(word + String(character))
      } else if character.isLetter {
        pieces.append(.word(String(character)))
      } else {
        pieces.append(.separator(character))
      }
    }
    return pieces
  }

  /// The word before a number, with at most one separator between them.
  private static func word(before place: Int, in pieces: [Piece]) -> (String, isAttached: Bool) {
    guard place > 0 else { return ("", false) }
    if case .word(let word) = pieces[place - 1] { return (word, true) }
    if place > 1, case .separator = pieces[place - 1], case .word(let word) = pieces[place - 2] {
      return (word, false)
    }
    return ("", false)
  }

  /// The factor that letters directly after a number stand for: 1000 for `k`; `nil` for other letters.
  private static func factor(after place: Int, in pieces: [Piece]) -> (
    factor: Int?, hasSuffix: Bool
  ) {
    guard place + 1 < pieces.count, case .word(let word) = pieces[place + 1] else {
      return (1, false)
    }
    return (word == "k" ? 1000 : nil, true)
  }

  /// The unit directly after a number, as in `500steps`.
  private static func unit(after place: Int, in pieces: [Piece]) -> (
    unit: StepUnit, preference: Int
  )? {
    guard place + 1 < pieces.count, case .word(let word) = pieces[place + 1] else { return nil }
    return keyword(word)
  }

  /// Whether a number is a part of `0.34`.
  private static func isPartOfDecimal(_ place: Int, _ pieces: [Piece]) -> Bool {
    func isPoint(_ place: Int) -> Bool {
      guard pieces.indices.contains(place), case .separator(".") = pieces[place] else {
        return false
      }
      return true
    }
    func isNumber(_ place: Int) -> Bool {
      guard pieces.indices.contains(place), case .number = pieces[place] else { return false }
      return true
    }
    return isPoint(place - 1) && isNumber(place - 2) || isPoint(place + 1) && isNumber(place + 2)
  }

  /// Whether a number is a part of `00001-of-00002`.
  private static func isShard(_ place: Int, _ pieces: [Piece]) -> Bool {
    func isOf(_ place: Int) -> Bool {
      guard pieces.indices.contains(place), case .word("of") = pieces[place] else { return false }
      return true
    }
    return isOf(place - 2) || isOf(place + 2)
  }

  /// Whether a number is the epoch of Keras's names, `weights.05-0.34`.
  private static func isKerasEpoch(_ place: Int, _ pieces: [Piece]) -> Bool {
    guard place == 2, case .word("weights") = pieces[0], case .separator(".") = pieces[1] else {
      return false
    }
    return true
  }

  private static func keyword(_ word: String) -> (unit: StepUnit, preference: Int)? {
    guard !falseCompounds.contains(word) else { return nil }
    for (preference, kind) in keywords.enumerated()
    where kind.words.contains(where: word.hasSuffix) {
      return (kind.unit, preference)
    }
    for (preference, kind) in shortKeywords.enumerated() where kind.words.contains(word) {
      return (kind.unit, preference)
    }
    return nil
  }
}

/// The steps of several paths, told together.
enum StepNames {
  /// Finds the step of each path.
  ///
  /// A number with a word such as `step` counts first, in the clearest word, then in the innermost
  /// folder. Otherwise a number counts that differs between names of the same form, and at last the
  /// only number of a name.
  ///
  /// - Parameter paths: The parts of each path, outermost first; the last one without its extension.
  /// - Returns: `nil` for a path that tells no step, or several.
  static func steps(of paths: [[String]]) -> [NamedStep?] {
    let names = paths.map { $0.reversed().map(NameWithNumbers.init) }
    var steps = names.map { parts in
      parts.compactMap(\.explicit).enumerated()
        .min { ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset) }?
        .element.step
    }
    let rest = steps.indices.filter { steps[$0] == nil }
    // Names of one form, at the same depth below the outermost part.
    var groups: [String: [Int]] = [:]
    for place in rest {
      groups[names[place].map(\.form).joined(separator: "/"), default: []].append(place)
    }
    for group in groups.values {
      for (place, number) in zip(group, numbers(of: group.map { names[$0] })) {
        steps[place] = number.map { NamedStep(number: $0, unit: .step) }
      }
    }
    return steps
  }

  /// The numbers of paths of one form, innermost part first.
  private static func numbers(of paths: [[NameWithNumbers]]) -> [Int?] {
    let parts = paths.first?.indices ?? 0..<0
    // A number that differs within the form is the step.
    for part in parts {
      let candidates = paths.map { $0[part].candidates }
      let places = candidates[0].indices.filter { place in
        Set(candidates.map { $0[place].number }).count > 1
      }
      let separate = places.filter { candidates[0][$0].isSeparate }
      if let place = only(places) ?? only(separate) {
        return candidates.map { $0[place].number }
      }
      if !places.isEmpty { return paths.map { _ in nil } }
    }
    // Otherwise the only number of the innermost part that has one.
    for part in parts {
      let candidates = paths.map { $0[part].candidates }
      let separate = candidates[0].indices.filter { candidates[0][$0].isSeparate }
      if let place = only(separate) { return candidates.map { $0[place].number } }
      if !separate.isEmpty { return paths.map { _ in nil } }
    }
    return paths.map { _ in nil }
  }

  private static func only(_ places: [Int]) -> Int? { places.count == 1 ? places[0] : nil }
}
