// Color refinement on the levels of a network.

import LinearAlgebra
import Networks
import Parallelism

/// A partition on its way from coarse to equitable.
struct Refinement<Scalar: MatrixScalar> {
  /// The classes so far, inputs first.
  private(set) var levels: [UnitClasses]

  private let network: Network<Scalar>
  private let mask: UInt64
  private let team: ThreadTeam

  /// The levels that are to be looked at from the one below, and from the one above.
  private var fromBelow: Set<Int>
  private var fromAbove: Set<Int>

  /// The hidden levels; inputs and logits are as fine as they can be.
  private var hidden: Range<Int> { 1..<levels.count - 1 }

  /// Begins with live units that have the same bias in one class.
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

  /// Splits classes by their signatures until none is split, upwards and downwards in turn.
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

  /// Parts every unit that is not as the first of its class from it.
  ///
  /// - Returns: Whether there was any.
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

  /// Splits a level, and notes that its neighbors are to be looked at again if that made a difference.
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
