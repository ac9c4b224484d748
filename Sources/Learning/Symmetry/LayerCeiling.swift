import ZerONetworks

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

  /// The name of the layer, for example `l3`.
  public let layer: String

  /// The name of its weight, for example `l3.weight`.
  public let tensor: String

  /// The name of the layer whose outputs it reads; `nil` for the inputs of the model.
  public let layerBelow: String?

  /// Whether its outputs are the logits.
  public let isLast: Bool

  /// The units that each output of the layer reads, the columns of its weight: for a depthwise convolution one unit.
  public let inputs: Level

  /// The units that the layer computes: the rows of its weight.
  public let outputs: Level

  /// The taps of a convolution's kernel; 1 for a dense layer.
  public let taps: Int

  /// The largest rank that W − W₀, outputs × (inputs · taps), can have in exact arithmetic.
  public var ceiling: Int { min(inputs.classCount * taps, outputs.classCount) }
}

extension EquitablePartition {
  /// The ceiling of every layer, first layer first.
  public var layerCeilings: [LayerCeiling] {
    graph.nodes.filter { $0.operation is Dense || $0.operation is Convolutional }.map { node in
      let weight = node.parameters.lowerBound
      let axis = graph.axes[node.inputs[0]]
      // The first operation whose outputs are units of the axis.
      let source = graph.axes.firstIndex(of: axis) ?? 0
      let readsOneUnit = graph.parameters[weight].values.count == 1
      return LayerCeiling(
        layer: node.name, tensor: graph.parameters[weight].name,
        layerBelow: source > 0 ? graph.nodes[source - 1].name : nil,
        isLast: node.name == graph.nodes.last?.name,
        inputs: LayerCeiling.Level(readsOneUnit ? UnitClasses(labels: [0]) : axes[axis]),
        outputs: LayerCeiling.Level(axes[graph.axes(of: graph.parameters[weight])[0]]),
        taps: graph.taps(ofWeight: weight))
    }
  }
}
