// Which tensors of a PyTorch file are the model: files of trainers also contain optimizers, averages and counters.

import ZerOMessages

/// The tensors of a model in a PyTorch file, under their names in the model.
struct ModelChoice {
  let tensors: [StoredTensor]

  /// What was chosen and what was passed over, one sentence each.
  let notes: [String]

  /// Keys of models in files of trainers, in the order of preference.
  private static let usualKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "module", "model_dict", "net",
    "network", "params",
  ]

  /// Chooses the model.
  ///
  /// - Parameters:
  ///   - contents: The tensors of the file.
  ///   - key: The key of the model, with dots between nested keys; `nil` to choose by name.
  ///   - path: The file's name in errors.
  /// - Throws: `TensorFileError.noKey`, `.noTensors`, and `.malformed` for two tensors of one name.
  init(_ contents: TorchContents, key: String?, path: String) throws(TensorFileError) {
    let prefix: [String]
    if let key {
      guard let match = Self.keys(key, in: contents) else {
        throw .noKey(path: path, key: key, keys: Self.candidates(contents))
      }
      prefix = match
    } else {
      prefix = Self.prefix(contents)
    }
    let chosen = contents.tensors.filter {
      $0.keys.starts(with: prefix) && (key != nil || !$0.isOfOptimizer)
    }
    guard !chosen.isEmpty else {
      throw .noTensors(path: path, keys: Self.candidates(contents))
    }
    var names = Set<String>()
    var tensors: [StoredTensor] = []
    for entry in chosen {
      let name = entry.keys.dropFirst(prefix.count).joined(separator: ".")
      guard names.insert(name).inserted else {
        throw .malformed(path: path, format: "PyTorch", reason: "'\(name)' occurs twice")
      }
      tensors.append(entry.tensor.renamed(name))
    }
    self.tensors = tensors
    notes = Self.notes(contents, prefix, chosen: chosen.count, isStated: key != nil)
  }

  /// The keys of the outermost dictionary with tensors whose keys, joined with dots, are a text.
  private static func keys(_ text: String, in contents: TorchContents) -> [String]? {
    var match: [String]?
    for entry in contents.tensors {
      var length = -1
      for (place, key) in entry.keys.dropLast().enumerated() {
        length += key.utf8.count + 1
        if length >= text.utf8.count {
          let keys = Array(entry.keys[...place])
          if keys.joined(separator: ".") == text, keys.count < match?.count ?? .max { match = keys }
          break
        }
      }
    }
    return match
  }

  /// The largest number of dictionaries that errors count.
  private static let mostCandidates = 1000

  /// The dictionaries that contain tensors, outermost first, each with its keys joined with dots.
  private static func candidates(_ contents: TorchContents) -> [String] {
    var seen = Set<[String]>()
    var candidates: [[String]] = []
    for entry in contents.tensors where candidates.count < mostCandidates {
      for count in 1..<max(1, entry.keys.count) {
        let keys = Array(entry.keys.prefix(count))
        if seen.insert(keys).inserted { candidates.append(keys) }
      }
    }
    return candidates.enumerated()
      .sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }
      .map { $0.element.joined(separator: ".") }
  }

  /// The keys of the dictionary with the model: the usual one, or the only one, at each level.
  private static func prefix(_ contents: TorchContents) -> [String] {
    var prefix: [String] = []
    var inside = contents.tensors.filter { !$0.isOfOptimizer }
    var isNamed = false
    while true {
      var nested: [String] = []
      var hasOwn = false
      for entry in inside {
        if entry.keys.count == prefix.count + 1 {
          hasOwn = hasOwn || !entry.tensor.shape.isEmpty
        } else if nested.last != entry.keys[prefix.count] {
          nested.append(entry.keys[prefix.count])
        }
      }
      let usual = usualKeys.first(where: nested.contains)
      let next: String
      if let usual, !isNamed || nested.count == 1 && !hasOwn {
        next = usual
      } else if nested.count == 1, !hasOwn, !isNamed {
        next = nested[0]
      } else {
        return prefix
      }
      isNamed = isNamed || usual != nil
      let place = prefix.count
      prefix.append(next)
      inside = inside.filter { $0.keys.count > place + 1 && $0.keys[place] == next }
    }
  }

  /// Remarks on the choice, unless the whole file was chosen.
  private static func notes(
    _ contents: TorchContents, _ prefix: [String], chosen: Int, isStated: Bool
  ) -> [String] {
    var notes: [String] = []
    if !prefix.isEmpty {
      notes.append(
        "read from '\(prefix.joined(separator: "."))'"
          + (isStated ? "" : ", the model's key; --key chooses another one"))
    }
    // Values outside the chosen dictionary are named by its key beside the chosen one.
    var counts: [(key: String, tensors: Int, isOptimizer: Bool)] = []
    var places: [String: Int] = [:]
    for entry in contents.tensors
    where !entry.keys.starts(with: prefix) || !isStated && entry.isOfOptimizer {
      let depth = zip(entry.keys, prefix).prefix { $0 == $1 }.count
      let key = entry.keys.prefix(depth + 1).joined(separator: ".")
      if let place = places[key] {
        counts[place].tensors += 1
      } else {
        places[key] = counts.count
        counts.append((key, 1, entry.isOfOptimizer))
      }
    }
    let (averages, rest) = (
      counts.filter { isAverage($0.key) }, counts.filter { !isAverage($0.key) }
    )
    var passed = (averages + rest).map { count in
      let tensors = count.tensors == 1 ? "1 tensor" : "\(count.tensors) tensors"
      let kind =
        isAverage(count.key)
        ? ", averaged weights: --key \(count.key)" : count.isOptimizer ? ", an optimizer" : ""
      return "'\(count.key)' (\(tensors)\(kind))"
    }
    if !contents.tensors.contains(where: { $0.keys.count == 1 }) || !passed.isEmpty {
      let withTensors = Set(contents.tensors.map { $0.keys[0] })
      let values = Dictionary(contents.integers) { first, _ in first }
      passed += contents.keys.filter { !withTensors.contains($0) }
        .map { key in "'\(key)'" + (values[key].map { " = \($0)" } ?? "") }
    }
    if !passed.isEmpty { notes.append("passed over: \(firstOf(passed))") }
    let others = contents.others.filter { $0.keys.starts(with: prefix) }
    let kinds = others.map { "'\($0.keys.joined(separator: "."))', \($0.kind)" }
    if !kinds.isEmpty { notes.append("left out: \(firstOf(kinds))") }
    return notes
  }

  /// Whether a key names weights that are averaged over training.
  private static func isAverage(_ key: String) -> Bool {
    key.lowercased().split { !$0.isLetter }
      .contains { ["ema", "shadow", "swa", "averaged"].contains($0) }
  }
}
