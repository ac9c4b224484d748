public import ZerONetworks

/// The largest rank that W − W₀ of a layer can have, with the class counts that determine it.
public struct LayerCeiling: Equatable, Sendable {
  /// Classes that have the same number of units.
  public struct Classes: Encodable, Equatable, Sendable {
    /// The number of units per class.
    public let size: Int

    /// The number of classes of this size.
    public let count: Int
  }

  /// The units on one side of a layer's weight.
  public struct Level: Equatable, Sendable {
    /// The number of units, including dead ones.
    public let unitCount: Int

    /// The number of dead units.
    public let deadCount: Int

    /// The classes of live units, grouped by size, largest size first.
    public let classes: [Classes]

    /// The number of classes.
    public var classCount: Int { classes.reduce(0) { $0 + $1.count } }

    /// Whether every live unit forms a class of its own.
    public var isDiscrete: Bool { classCount == unitCount - deadCount }

    init(_ units: UnitClasses) {
      unitCount = units.unitCount
      deadCount = units.deadCount
      let counts = Dictionary(grouping: units.multiplicities) { $0 }.mapValues(\.count)
      classes = counts.sorted { $0.key > $1.key }.map { Classes(size: $0, count: $1) }
    }
  }

  /// The name of the layer.
  public let layer: LayerName

  /// The units that the layer reads: the columns of its weight.
  public let inputs: Level

  /// The units that the layer computes: the rows of its weight.
  public let outputs: Level

  /// The largest rank that W − W₀ can have in exact arithmetic.
  public var ceiling: Int { min(inputs.classCount, outputs.classCount) }
}

extension EquitablePartition {
  /// The ceiling of every layer, first layer first.
  public var layerCeilings: [LayerCeiling] {
    zip(levels, levels.dropFirst()).enumerated().map { index, ends in
      LayerCeiling(
        layer: LayerName(index: index), inputs: LayerCeiling.Level(ends.0),
        outputs: LayerCeiling.Level(ends.1))
    }
  }
}
