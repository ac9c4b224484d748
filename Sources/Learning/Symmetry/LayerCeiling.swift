// The ceilings in words, layer by layer.

import Networks

/// How far the rank of one layer's W − W₀ can get, and why.
public struct LayerCeiling: Encodable, Equatable, Sendable {
  /// Classes of the same size.
  public struct Classes: Encodable, Equatable, Sendable {
    /// Units of each.
    public let size: Int

    /// How many there are.
    public let count: Int
  }

  /// The layer's name, for example `l3`.
  public let layer: String

  /// The weight's rows and columns: the units of the layer and of what it reads.
  public let shape: [Int]

  /// The live classes of the layer's units, by size, the largest units first.
  public let classes: [Classes]

  /// The layer's dead units.
  public let dead: Int

  /// The largest rank that W − W₀ can have.
  public let ceiling: Int

  /// Why, in a few sentences.
  public let reason: String

  /// The name of the weight, as in records: `l3.weight`.
  public var tensor: String { "\(layer).weight" }

  /// The number of the layer's classes.
  public var classCount: Int { classes.reduce(0) { $0 + $1.count } }
}

extension EquitablePartition {
  /// The ceiling of every layer, first layer first.
  public var layerCeilings: [LayerCeiling] {
    (0..<levels.count - 1).map { index in
      let (below, above) = (levels[index], levels[index + 1])
      return LayerCeiling(
        layer: Architecture.layerName(index), shape: [above.unitCount, below.unitCount],
        classes: above.sizes, dead: above.deadCount, ceiling: rankCeiling(ofLayer: index),
        reason: reason(index))
    }
  }

  private func reason(_ layer: Int) -> String {
    let ends = [layer, layer + 1].map { levels[$0] }
    guard ends.contains(where: { $0.count < $0.unitCount }) else {
      return "No two units at either end are alike: only the weight's shape bounds the rank."
    }
    let names = [layer, layer + 1].map {
      switch $0 {
      case 0: "inputs"
      case levels.count - 1: "logits"
      default: "units of \(Architecture.layerName($0 - 1))"
      }
    }
    var sentences =
      ends[0].sizes == ends[1].sizes && ends[0].deadCount == ends[1].deadCount
      ? ["\(ends[0].sentence(names[0]).dropLast()); the \(names[1]) likewise."]
      : zip(ends, names).map { $0.sentence($1) }
    if ends.contains(where: { !$0.isDiscrete }) {
      sentences.append(
        "Units of a class have the same weights from each class below and to each class above, in some "
          + "order, so training keeps them equal, and W - W0 is constant on each block of two classes."
      )
    }
    if ends.contains(where: { $0.deadCount > 0 }) {
      sentences.append(
        "A dead unit is 0 for every input and has no gradient: its row or column never changes.")
    }
    return sentences.joined(separator: " ")
  }
}

extension UnitClasses {
  /// How many classes there are of each size, the largest units first.
  fileprivate var sizes: [LayerCeiling.Classes] {
    let counts = Dictionary(grouping: multiplicities) { $0 }.mapValues(\.count)
    return counts.sorted { $0.key > $1.key }.map { LayerCeiling.Classes(size: $0, count: $1) }
  }

  /// For example: The 2048 units of l2 form 1034 classes: 1014 of 2 units, 20 of 1.
  fileprivate func sentence(_ name: String) -> String {
    let sizes = self.sizes
    let shown = sizes.count > 5 ? 3 : sizes.count
    var parts = sizes.prefix(shown).map { "\($0.count) of \($0.size)" }
    if let first = sizes.first { parts[0] += first.size == 1 ? " unit" : " units" }
    let rest = sizes.dropFirst(shown).reduce(0) { $0 + $1.count }
    if rest > 0 { parts.append("\(rest) of fewer") }
    let classes =
      isDiscrete
      ? "all different"
      : "\(count) \(count == 1 ? "class" : "classes"): \(parts.joined(separator: ", "))"
    if deadCount == 0 {
      return "The \(unitCount) \(name) \(isDiscrete ? "are" : "form") \(classes)."
    }
    if deadCount == unitCount { return "The \(unitCount) \(name) are all dead." }
    return "Of the \(unitCount) \(name) \(deadCount) are dead, the others "
      + "\(isDiscrete ? "are" : "form") \(classes)."
  }
}
