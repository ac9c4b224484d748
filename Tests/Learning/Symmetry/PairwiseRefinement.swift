// A slow oracle: it compares all pairs of units, with sorted lists and without hashing.

import ZerOLinearAlgebra
import ZerONetworks
import ZerOSymmetry

/// Computes the coarsest equitable partition by comparing pairs.
///
/// - Returns: The class of each unit by level, numbered in order of first occurrence; -1 for a dead
///   unit.
func pairwiseClasses<Scalar>(of network: Network<Scalar>, nonzeroInputs: [Bool]) -> [[Int]] {
  let last = network.layers.count
  var levels = [nonzeroInputs.enumerated().map { $1 ? $0 : -1 }]
  for (index, layer) in network.layers.enumerated() {
    levels.append(
      (0..<layer.weight.rows).map { i in
        let isFed = (0..<layer.weight.columns).contains { j in
          levels[index][j] >= 0 && layer.weight[i, j] != 0
        }
        let isLive = index == last - 1 || isFed || (layer.bias?[i] ?? 0) > 0
        return !isLive ? -1 : index == last - 1 ? i : 0
      })
  }
  levels[0] = ordered(levels[0])
  while true {
    let before = levels
    for level in 1..<last {
      let (own, above) = (network.layers[level - 1], network.layers[level])
      func sight(_ i: Int) -> [[Double]] {
        let below = levels[level - 1].enumerated().filter { $1 >= 0 }
          .map { [Double($1), Double(own.weight[i, $0])] }
        let upward = levels[level + 1].enumerated().filter { $1 >= 0 }
          .map { [Double($1), Double(above.weight[$0, i])] }
        return [[Double(own.bias?[i] ?? 0)]] + below.sorted { $0.lexicographicallyPrecedes($1) }
          + [[]] + upward.sorted { $0.lexicographicallyPrecedes($1) }
      }
      let sights = levels[level].indices.map(sight)
      var next = levels[level]
      for i in next.indices where next[i] >= 0 {
        let twin = (0..<i).first {
          levels[level][$0] == levels[level][i] && sights[$0] == sights[i]
        }
        next[i] = twin.map { next[$0] } ?? next.count + i
      }
      levels[level] = ordered(next)
    }
    if levels == before { return levels }
  }
}

/// Renumbers classes in order of first occurrence.
private func ordered(_ classes: [Int]) -> [Int] {
  var known: [Int] = []
  return classes.map { found in
    guard found >= 0 else { return -1 }
    if !known.contains(found) { known.append(found) }
    return known.firstIndex(of: found) ?? -1
  }
}

extension EquitablePartition {
  /// The classes in the format of the oracle.
  var classes: [[Int]] { axes.map { $0.classOfUnit.map { $0 ?? -1 } } }
}
