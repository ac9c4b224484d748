// Runs that start from equal weights: initializers of different names can have the same value for a shape.

import Initializers
import LinearAlgebra
import Networks
import Randomness

extension TrainingPlan {
  /// Finds plans that differ in nothing but initializer and model seed, and start from equal weights.
  ///
  /// Such runs have equal results. Weights are made and compared element by element; nothing is concluded from
  /// names. Only initializers that draw no random number for the network's shapes are compared, and layers of at most 2²⁴
  /// weights, or 2²⁰ where the initializer draws for other shapes; beyond that, plans count as different.
  ///
  /// - Parameters:
  ///   - plans: Any number.
  ///   - sizes: The number of pixels and of classes, by the name that plans give their data; plans of other data count
  ///     as different.
  /// - Returns: By plan, the first of `plans` that starts from the same weights; plans without such a one before
  ///   them are no keys.
  /// - Complexity: The weights of each pair of initializers are made once per architecture in each call.
  public static func sameStarts(
    among plans: [TrainingPlan], sizes: [String: (inputs: Int, classes: Int)]
  ) -> [TrainingPlan: TrainingPlan] {
    var groups: [TrainingPlan: [TrainingPlan]] = [:]
    for plan in plans where sizes[plan.data] != nil {
      var rest = plan
      (rest.initializer, rest.modelSeed) = ("", 0)
      groups[rest, default: []].append(plan)
    }
    var found: [TrainingPlan: TrainingPlan] = [:]
    var known = FixedWeights()
    for (rest, members) in groups where members.count > 1 {
      guard let (inputs, classes) = sizes[rest.data] else { continue }
      let shapes = Set(
        Architecture(
          inputDimension: inputs, width: rest.width, classCount: classes, depth: rest.depth
        ).weightShapes)
      var first: [TrainingPlan] = []
      for plan in members where known.areFixed(plan.initializer, shapes) {
        if let same = first.first(where: {
          known.areEqual($0.initializer, plan.initializer, shapes)
        }) {
          if same != plan { found[plan] = same }
        } else {
          first.append(plan)
        }
      }
    }
    return found
  }
}

/// Weights that depend on no seed, compared once for each pair of initializers and each shape.
private struct FixedWeights {
  /// The most weights of a layer that is made to be compared; of a random initializer, which may take longer, fewer.
  private static func maximumElements(isRandom: Bool) -> Int { isRandom ? 1 << 20 : 1 << 24 }

  private var fixed: [Pair: Bool] = [:]
  private var equal: [Pair: Bool] = [:]

  private struct Pair: Hashable {
    let one: String
    var other = ""
    let shape: WeightShape
  }

  mutating func areFixed(_ name: String, _ shapes: Set<WeightShape>) -> Bool {
    shapes.allSatisfy { shape in
      let key = Pair(one: name, shape: shape)
      let isFixed = fixed[key] ?? (Self.weight(name, shape) != nil)
      fixed[key] = isFixed
      return isFixed
    }
  }

  mutating func areEqual(_ one: String, _ other: String, _ shapes: Set<WeightShape>) -> Bool {
    one == other
      || shapes.allSatisfy { shape in
        let key = Pair(one: one, other: other, shape: shape)
        let isEqual = equal[key] ?? (Self.weight(one, shape) == Self.weight(other, shape))
        equal[key] = isEqual
        return isEqual
      }
  }

  /// A weight that no seed changes; `nil` for one that is drawn, or too large to be made for a comparison.
  private static func weight(_ name: String, _ shape: WeightShape) -> InitialLayer<Float>.Weight? {
    guard let entry = try? InitializerCatalog.entry(named: name) else { return nil }
    let rule = entry.initializer
    if rule.isIdentity(shape) { return .identity(shape.outputs) }
    let (count, overflows) = shape.outputs.multipliedReportingOverflow(by: shape.inputs)
    guard !overflows, count <= maximumElements(isRandom: entry.isRandom) else { return nil }
    let untouched = RandomStreams(seed: 0)
    var streams = untouched
    guard let weight = try? rule.weight(shape, using: &streams), streams == untouched else {
      return nil
    }
    return InitialLayer.Weight(weight)
  }
}
