// Units that nothing reaches.

import LinearAlgebra
import Networks

extension Network {
  /// Which units of each level are live, inputs first.
  ///
  /// A hidden rectified linear unit is dead if all its weights from live units are 0 and it has no bias, or one of
  /// at most 0: its activation is 0 for every input, the derivative there is taken as 0, and so neither its own
  /// weights nor those that lead from it ever change. Units with another activation have a gradient wherever they
  /// are, so none of them is dead; nor are the logits.
  ///
  /// - Parameter inputs: Which inputs are live: not 0 in every sample.
  /// - Returns: A value a unit, by levels.
  /// - Complexity: O(m·n) a layer, much less where rows have a weight near their begin.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func liveUnits(inputs: [Bool]) -> [[Bool]] {
    var levels = [inputs]
    for (index, layer) in layers.enumerated() {
      let (below, n) = (levels[index], layer.weight.columns)
      guard index < layers.count - 1, layer.activation == .rectifiedLinear else {
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
