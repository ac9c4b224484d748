// Color refinement on the levels of a network.

import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism

/// A partition that is refined until it is equitable.
struct ColorRefinement<Scalar: MatrixScalar> {
  /// The current classes, inputs first.
  private(set) var levels: [UnitClasses]

  private let network: Network<Scalar>
  private let mask: UInt64
  private let team: ThreadTeam

  /// The levels to compare with the level below, and with the level above.
  private var fromBelow: Set<Int>
  private var fromAbove: Set<Int>

  /// The hidden levels.
  ///
  /// Inputs and logits start with one unit per class and cannot split.
  private var hidden: Range<Int> { 1..<levels.count - 1 }

  /// Starts with one class per hidden level and bias value; dead units have no class.
  init(_ network: Network<Scalar>, inputs: [Bool], mask: UInt64, team: ThreadTeam) {
    self.network = network
    self.mask = mask
    self.team = team
    let live = network.liveUnits(inputs: inputs)
    let last = live.count - 1
    levels = live.enumerated().map { index, live in
      guard index > 0, index < last else {
        return UnitClasses(labels: live.enumerated().map { $1 ? $0 : nil })
      }
      let bias = network.layers[index - 1].bias
      return UnitClasses(labels: live.enumerated().map { $1 ? bias?[$0] ?? 0 : nil })
    }
    fromBelow = Set(1..<Swift.max(1, last))
    fromAbove = fromBelow
  }

  /// Splits classes by their signatures, upwards and downwards in turn, until no class splits.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func refine() {
    while !fromBelow.isEmpty || !fromAbove.isEmpty {
      for index in hidden where fromBelow.remove(index) != nil && !levels[index].isDiscrete {
        let signatures = Signatures(over: levels[index - 1], mask: mask)
        split(index, by: signatures.ofRows(network.layers[index - 1].weight, team))
      }
      for index in hidden.reversed()
      where fromAbove.remove(index) != nil && !levels[index].isDiscrete {
        let signatures = Signatures(over: levels[index + 1], mask: mask)
        split(index, by: signatures.ofColumns(network.layers[index].weight, team))
      }
    }
  }

  /// Splits off every unit whose weights differ from the weights of the first unit of its class.
  ///
  /// - Returns: Whether any class was split.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func splitWhereDifferent() -> Bool {
    var hasSplit = false
    for index in hidden where !levels[index].isDiscrete {
      let below = ExactComparison(level: levels[index], neighbors: levels[index - 1])
      hasSplit =
        split(index, by: below.rowsAgree(in: network.layers[index - 1].weight, team))
        || hasSplit
      let above = ExactComparison(level: levels[index], neighbors: levels[index + 1])
      hasSplit =
        split(index, by: above.columnsAgree(in: network.layers[index].weight, team))
        || hasSplit
    }
    return hasSplit
  }

  /// Splits a level; if the number of classes grows, queues the neighboring levels.
  @discardableResult
  private mutating func split<Label: Hashable>(_ index: Int, by labels: [Label]) -> Bool {
    let finer = levels[index].split(by: labels)
    guard finer.count > levels[index].count else { return false }
    levels[index] = finer
    if hidden.contains(index + 1) { fromBelow.insert(index + 1) }
    if hidden.contains(index - 1) { fromAbove.insert(index - 1) }
    return true
  }
}

extension Network {
  /// Returns which units of each level are live, inputs first.
  ///
  /// A hidden ReLU unit is dead if all its weights from live units are 0 and its bias is absent or
  /// at most 0. Its activation is then 0 for every input. The derivative of ReLU at 0 is defined as
  /// 0, so neither its incoming nor its outgoing weights ever change. Units with another activation
  /// always have a gradient, so they are never dead; neither are the logits.
  ///
  /// - Parameter inputs: Which inputs are live, that is, nonzero in at least one sample.
  /// - Returns: One value per unit, by level.
  /// - Complexity: O(m·n) per layer; much less where rows have a nonzero weight near their start.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func liveUnits(inputs: [Bool]) -> [[Bool]] {
    var levels = [inputs]
    for (index, layer) in layers.enumerated() {
      let (below, n) = (levels[index], layer.weight.columns)
      guard index < layers.count - 1, layer.activation == .relu else {
        levels.append([Bool](repeating: true, count: layer.weight.rows))
        continue
      }
      let weights = layer.weight.elements.span
      levels.append(
        (0..<layer.weight.rows).map { i in
          if let bias = layer.bias, bias[i] > 0 { return true }
          var j = 0
          while j < n {
            if weights[i &* n &+ j] != 0, below[j] { return true }
            j &+= 1
          }
          return false
        })
    }
    return levels
  }
}
