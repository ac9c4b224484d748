// Texts of figures: symbols instead of identifiers.

import Foundation
import ZerOSpectra
import ZerOTraining

/// The names of quantities, tensors, tolerances and values in figures.
enum FigureText {
  /// A measured quantity of a tensor, for example `rank(W₃ − I)`, or a number of the whole run.
  static func quantity(_ quantity: String, of tensor: String) -> String {
    if let number = RunQuantity(rawValue: quantity) { return words(for: number) }
    let symbol = Self.symbol(of: tensor)
    return switch quantity {
    case "rank": "rank(\(symbol) − I)"
    case "rank_from_start": "rank(\(symbol) − W₀)"
    case "copy_distance": "distance between identical units of \(symbol)"
    default:
      if let title = titleFromStart(quantity) {
        "\(title) of \(symbol) − W₀"
      } else {
        "\(quantity.replacing("_", with: " ")) of \(symbol)"
      }
    }
  }

  /// A measured quantity of any weight W.
  static func quantity(_ quantity: String) -> String {
    switch quantity {
    case "rank": "rank(W − I)"
    case "rank_from_start": "rank(W − W₀)"
    default:
      titleFromStart(quantity).map { "\($0) of W − W₀" } ?? quantity.replacing("_", with: " ")
    }
  }

  private static func words(for quantity: RunQuantity) -> String {
    switch quantity {
    case .loss: "loss of a batch"
    case .runningAccuracy: "training accuracy in the epoch so far (%)"
    case .testLoss: "test loss"
    case .testAccuracy: "test accuracy (%)"
    }
  }

  /// Whether a measured quantity is one of W − W₀.
  static func isFromStart(_ quantity: String) -> Bool { quantity.hasSuffix(fromStart) }

  /// The title of a quantity of the spectrum of W − W₀; `nil` for another one.
  static func titleFromStart(_ quantity: String) -> String? {
    guard isFromStart(quantity) else { return nil }
    return SpectralQuantity.named(String(quantity.dropLast(fromStart.count)))?.title
  }

  private static let fromStart = "_from_start"

  /// The symbol of a tensor: `W₃` for `l3.weight`, `b₃` for `l3.bias`, and the name for any other tensor.
  static func symbol(of tensor: String) -> String {
    guard let match = tensor.wholeMatch(of: /l([0-9]+)\.(weight|bias)/) else { return tensor }
    return (match.2 == "weight" ? "W" : "b") + subscripted(String(match.1))
  }

  /// The tolerance of a rank in words.
  ///
  /// - Parameter value: The tolerance; `nil` for the tolerance of measurements in training.
  /// - Returns: For example `absolute tolerance 10⁻⁴`.
  static func tolerance(_ value: Double?) -> String {
    "absolute tolerance \(power(value ?? NumericalRank.notebookTolerance))"
  }

  /// A number, written as a power of ten where it is one.
  static func power(_ value: Double) -> String {
    let exponent = log10(value).rounded()
    guard value > 0, abs(value / pow(10, exponent) - 1) < 1e-12 else { return number(value) }
    return "10" + superscripted(String(Int(exponent)))
  }

  /// The words for an initializer's name: `partial identity` for `Partial_Identity`.
  static func words(for name: String) -> String {
    // A name and the size of a random change are two words.
    if let plus = name.firstIndex(of: "+") {
      return words(for: String(name[..<plus])) + " + " + name[name.index(after: plus)...]
    }
    let parts = name.replacing(/([a-z])([A-Z][a-z])/) { "\($0.1)_\($0.2)" }.split(separator: "_")
    return parts.map { word in
      let isPlain = word.dropFirst().allSatisfy { $0.isLowercase } && word.count > 1
      return isPlain && !names.contains(String(word)) ? word.lowercased() : String(word)
    }.joined(separator: " ")
  }

  /// The words of initializers' names that are proper names or names of methods.
  private static let names: Set<String> = ["Kaiming", "Xavier", "Spray"]

  private static func subscripted(_ text: String) -> String {
    String(text.map { subscripts[$0] ?? $0 })
  }

  private static func superscripted(_ text: String) -> String {
    String(text.map { superscripts[$0] ?? $0 })
  }

  private static let superscripts: [Character: Character] = Dictionary(
    uniqueKeysWithValues: zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))

  /// The letters and digits that Unicode has as subscripts.
  static let subscripts: [Character: Character] = Dictionary(
    uniqueKeysWithValues: zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"))
}

/// A text of a figure in typographic form.
///
/// `n_h=256` becomes `nₕ = 256`, and other underscores between letters become spaces.
func typeset(_ text: String) -> String {
  text
    .replacing(/\b([A-Za-z])_([0-9a-z])\b/) { match in
      guard let letter = match.2.first.flatMap({ FigureText.subscripts[$0] }) else {
        return String(match.0)
      }
      return "\(match.1)\(letter)"
    }
    .replacing(/([A-Za-z0-9])_(?=[A-Za-z0-9])/) { "\($0.1) " }
    .replacing(/([\p{L}\p{N}])=(?=[\p{L}\p{N}{.−-])/) { "\($0.1) = " }
}
