// The explanation of a ceiling, in sentences.

import ZerOSymmetry

extension LayerCeiling {
  /// The explanation of the ceiling: a few sentences, in one line.
  var explanation: String {
    guard [inputs, outputs].contains(where: { $0.classCount < $0.unitCount }) else {
      return
        "No two units at either end are identical: only the shape of the weight bounds the rank."
    }
    let inputName =
      layerBelow.map { "units of \($0)" } ?? "inputs"
    let outputName = isLast ? "logits" : "units of \(layer)"
    var sentences =
      inputs == outputs
      ? ["\(inputs.description(inputName).dropLast()); the \(outputName) likewise."]
      : [inputs.description(inputName), outputs.description(outputName)]
    if !inputs.isDiscrete || !outputs.isDiscrete {
      sentences.append(
        "The units of a class have the same weights, in some order, from each class below and to each "
          + "class above. In exact arithmetic training keeps them identical, so W - W0 is constant on "
          + "each block of two classes.")
    }
    if inputs.deadCount + outputs.deadCount > 0 {
      sentences.append(
        "A dead unit is 0 for every input and has no gradient, so its row or column never changes.")
    }
    return sentences.joined(separator: " ")
  }
}

extension LayerCeiling.Level {
  /// The most class sizes that a sentence lists.
  private static let sizeLimit = 5

  /// For example: The 2048 units of l2 form 1034 classes: 1014 of 2 units, 20 of 1.
  fileprivate func description(_ name: String) -> String {
    if deadCount == unitCount { return "The \(unitCount) \(name) are all dead." }
    let shown = classes.count > Self.sizeLimit ? 3 : classes.count
    var parts = classes.prefix(shown).map { "\($0.count) of \($0.size)" }
    if let first = classes.first { parts[0] += first.size == 1 ? " unit" : " units" }
    let rest = classes.dropFirst(shown).reduce(0) { $0 + $1.count }
    if rest > 0 { parts.append("\(rest) of fewer") }
    let state =
      isDiscrete
      ? "are all different"
      : "form \(classCount) \(classCount == 1 ? "class" : "classes"): "
        + parts.joined(separator: ", ")
    return deadCount == 0
      ? "The \(unitCount) \(name) \(state)."
      : "Of the \(unitCount) \(name), \(deadCount) are dead and the others \(state)."
  }
}
