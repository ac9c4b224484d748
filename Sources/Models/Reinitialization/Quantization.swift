// Models whose weights are integers or eighths that factors beside them stretch.

import Checkpoints

/// Signs of a quantized model, in which new values of the factors alone would make a ruin.
enum Quantization {
  /// GPTQ's and AWQ's integers.
  private static let integers = NamePattern("*qweight")

  /// Factors, as GPTQ, MLX, compressed-tensors and FP8 name them: the last part of the name.
  private static let factors = ["weight_scale*", "scales"].map(NamePattern.init)

  /// The first tensor of a quantized weight.
  ///
  /// - Parameter tensors: A model's.
  /// - Returns: Integers or eighths named `*qweight`, or named `weight*` in a module that has factors; `nil` where there
  ///   are none.
  static func firstWeight(among tensors: [StoredTensor]) -> StoredTensor? {
    let scaled = Set(
      tensors.lazy.map { parts(of: $0.name) }
        .filter { parts in factors.contains { $0.matches(parts.last) } }.map(\.module))
    return tensors.first { tensor in
      guard isNarrow(tensor) else { return false }
      let (module, last) = parts(of: tensor.name)
      return integers.matches(last) || last.hasPrefix("weight") && scaled.contains(module)
    }
  }

  private static func isNarrow(_ tensor: StoredTensor) -> Bool {
    tensor.format.map { $0.byteCount == 1 } ?? true
  }

  private static func parts(of name: String) -> (module: String, last: String) {
    guard let point = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<point]), String(name[name.index(after: point)...]))
  }
}
