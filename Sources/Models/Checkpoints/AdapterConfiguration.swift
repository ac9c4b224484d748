// The configuration of a low-rank adapter, as PEFT and MLX write it beside the adapter's factors.

import Foundation

/// The file `adapter_config.json` of a low-rank adapter (LoRA).
///
/// Reference: E. J. Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021), section
/// 4.1; D. Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA" (2023),
/// for `use_rslora`; the classes `LoraConfig` and `LoraLayer` of PEFT 0.17.
struct AdapterConfiguration {
  /// The file's name.
  static let fileName = "adapter_config.json"

  /// Whether weights are stored as in × out, as in GPT-2.
  let isOutputLast: Bool

  private let path: String
  private let values: Values

  private struct Values: Decodable {
    let peftType: String?
    let r: Int?
    let loraAlpha: Double?
    let useRslora: Bool?
    let fanInFanOut: Bool?
    let rankPattern: [String: Int]?
    let alphaPattern: [String: Double]?
    let loraParameters: MLX?

    enum CodingKeys: String, CodingKey {
      case r
      case peftType = "peft_type"
      case loraAlpha = "lora_alpha"
      case useRslora = "use_rslora"
      case fanInFanOut = "fan_in_fan_out"
      case rankPattern = "rank_pattern"
      case alphaPattern = "alpha_pattern"
      case loraParameters = "lora_parameters"
    }

    struct MLX: Decodable { let scale: Double? }
  }

  /// Reads the configuration in the folder of an adapter's file; `nil` if the folder contains none.
  ///
  /// - Parameter file: The file of the factors.
  /// - Throws: `TensorFileError.malformed` and `.unreadable`.
  init?(beside file: String) throws(TensorFileError) {
    path =
      URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent(Self.fileName).path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let text = try JSONFile.bytes(of: path, format: Self.format)
    guard let values = try? JSONDecoder().decode(Values.self, from: Data(text)) else {
      throw .malformed(
        path: path, format: Self.format, reason: "not a JSON object with r and lora_alpha")
    }
    if let type = values.peftType, type.uppercased() != "LORA" {
      throw .malformed(
        path: path, format: Self.format, reason: "an adapter of type \(type); only LORA is known")
    }
    self.values = values
    isOutputLast = values.fanInFanOut ?? false
  }

  /// The factor of the product of an adapter's factors.
  ///
  /// ```
  /// alpha / r,   with use_rslora alpha / √r
  /// ```
  ///
  /// - Parameters:
  ///   - module: The name of the adapted module.
  ///   - rank: The inner dimension of the factors, which must be r.
  /// - Returns: s; for an adapter of MLX, the number that its configuration names.
  /// - Throws: `TensorFileError.malformed` if the configuration lacks a number, or has another r.
  func scale(of module: String, rank: Int) throws(TensorFileError) -> Double {
    if let scale = values.loraParameters?.scale { return scale }
    guard let r = try value(of: module, in: values.rankPattern, usual: values.r),
      let alpha = try value(of: module, in: values.alphaPattern, usual: values.loraAlpha)
    else { throw malformed("no r or no lora_alpha") }
    guard r == rank else {
      throw malformed("r is \(r) for '\(module)', whose factors have the rank \(rank)")
    }
    return values.useRslora ?? false ? alpha / Double(rank).squareRoot() : alpha / Double(rank)
  }

  /// The value of the only pattern that matches a module, or the usual value.
  private func value<Value: Equatable>(
    of module: String, in patterns: [String: Value]?, usual: Value?
  ) throws(TensorFileError) -> Value? {
    var found: (pattern: String, value: Value)?
    for (text, value) in (patterns ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let pattern = ModulePattern(text) else {
        throw malformed(
          "the pattern '\(text)'; only names with . * + \\. \\d and [0-9] are known")
      }
      guard pattern.matches(module) else { continue }
      if let found, found.value != value {
        throw malformed("'\(module)' matches '\(found.pattern)' and '\(text)'")
      }
      found = (text, value)
    }
    return found?.value ?? usual
  }

  private static let format = "adapter configuration"

  private func malformed(_ reason: String) -> TensorFileError {
    .malformed(path: path, format: Self.format, reason: reason)
  }
}

/// A pattern for the end of a module's name, with the part of regular expressions that PEFT's
/// configurations use.
///
/// A letter, digit or other character matches itself, `.` any character, `\.` a dot, `\d` and
/// `[0-9]` a digit; `*` and `+` repeat the item before them. The match begins at the name's start
/// or after a dot. Its time is at most the product of the lengths of pattern and name.
struct ModulePattern {
  private struct Item {
    let matches: @Sendable (Character) -> Bool
    var isOptional = false
    var isRepeated = false
  }

  private let items: [Item]

  /// Parses a pattern; `nil` if it contains another operator.
  init?(_ text: String) {
    var items: [Item] = []
    var rest = text[...]
    if rest.hasPrefix("^") { rest.removeFirst() }
    if rest.hasSuffix("$") { rest.removeLast() }
    while let next = rest.popFirst() {
      switch next {
      case "*", "+":
        guard let last = items.indices.last, !items[last].isRepeated else { return nil }
        items[last].isRepeated = true
        items[last].isOptional = next == "*"
      case ".": items.append(Item { _ in true })
      case "\\":
        guard let escaped = rest.popFirst() else { return nil }
        if escaped == "d" {
          items.append(Item(matches: Self.isDigit))
        } else if escaped.isLetter || escaped.isNumber {
          return nil
        } else {
          items.append(Item { $0 == escaped })
        }
      case "[":
        guard rest.hasPrefix("0-9]") else { return nil }
        rest.removeFirst(4)
        items.append(Item(matches: Self.isDigit))
      case "(", ")", "|", "{", "}", "?", "]", "^", "$": return nil
      default: items.append(Item { $0 == next })
      }
    }
    self.items = items
  }

  @Sendable private static func isDigit(_ character: Character) -> Bool {
    ("0"..."9").contains(character)
  }

  /// Whether a whole name, or its end after a dot, matches.
  func matches(_ name: String) -> Bool {
    // The numbers of items that the characters so far may have matched.
    var states: Set<Int> = []
    var previous: Character = "."
    for character in name {
      if previous == "." { states.insert(0) }
      var next: Set<Int> = []
      for state in reachable(states) where state < items.count {
        guard items[state].matches(character) else { continue }
        next.insert(state + 1)
        if items[state].isRepeated { next.insert(state) }
      }
      (states, previous) = (next, character)
    }
    return reachable(states).contains(items.count)
  }

  /// Adds the states after items that may match nothing.
  private func reachable(_ states: Set<Int>) -> Set<Int> {
    var all = states
    for state in items.indices where all.contains(state) && items[state].isOptional {
      all.insert(state + 1)
    }
    return all
  }
}

/// Small files of settings beside a model.
enum JSONFile {
  /// The largest accepted size in bytes.
  private static let largest = 10_000_000

  /// Reads a whole file.
  ///
  /// - Throws: `TensorFileError.malformed` for a file that is too large; `.unreadable`.
  static func bytes(of path: String, format: String) throws(TensorFileError) -> [UInt8] {
    let file = try OpenFile(path)
    guard file.count <= largest else {
      throw .malformed(
        path: path, format: format, reason: "\(file.count) bytes, more than the limit of \(largest)"
      )
    }
    let text = try file.bytes(0..<file.count)
    guard !text.contains(0) else {
      throw .malformed(path: path, format: format, reason: "not a JSON object in UTF-8")
    }
    return text
  }
}
