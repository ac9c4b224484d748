// Runs with equal initial weights: different initializers can have the same value for a shape.

import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerORandomness

extension TrainingPlan {
  /// Finds plans that differ only in initializer and model seed and have equal initial weights.
  ///
  /// Such runs have equal results. The weights are compared element by element, not by the names of initializers. The
  /// comparison covers built-in initializers that draw no random number for the network's shapes, and layers of at most 2²⁴
  /// weights, or 2²⁰ if the initializer draws for other shapes. All other plans count as different, and so do plans with rules by name.
  ///
  /// - Parameters:
  ///   - plans: The plans.
  ///   - sizes: The numbers of inputs and classes of the plans' data; plans on other data count as different.
  /// - Returns: For each plan that has one, the first earlier plan with the same initial weights.
  /// - Complexity: Each call makes the weights of each pair of initializers once per architecture.
  public static func sameStarts(
    among plans: [TrainingPlan], sizes: [DataSelection: (inputs: Int, classes: Int)]
  ) -> [TrainingPlan: TrainingPlan] {
    var groups: [TrainingPlan: [TrainingPlan]] = [:]
    for plan in plans where sizes[DataSelection(of: plan)] != nil && plan.initRules.isEmpty {
      var rest = plan
      (rest.initializer, rest.modelSeed) = ("", 0)
      groups[rest, default: []].append(plan)
    }
    var found: [TrainingPlan: TrainingPlan] = [:]
    var known = FixedWeights()
    for (rest, members) in groups where members.count > 1 {
      guard let (inputs, classes) = sizes[DataSelection(of: rest)] else { continue }
      guard
        let graph = try? rest.model(input: ValueShape(units: inputs), classCount: classes).graph,
        graph.weights.allSatisfy({ graph.parameters[$0].shape.count == 2 })
      else {
        continue
      }
      let shapes = Set(
        graph.weights.map {
          WeightShape(outputs: graph.parameters[$0].rows, inputs: graph.parameters[$0].columns)
        })
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

/// Comparisons of weights that depend on no seed, one per pair of initializers and shape.
private struct FixedWeights {
  /// The limit on the weights of a compared layer; lower for random initializers, which can be slower.
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

  /// A weight that depends on no seed; `nil` for a random or too large one.
  private static func weight(_ name: String, _ shape: WeightShape) -> InitialParameter<Float>? {
    guard let entry = try? InitializerCatalog.builtIn.entry(named: name) else { return nil }
    let rule = entry.initializer
    if rule.isIdentity(shape) { return .identity(shape.outputs) }
    let (count, overflows) = shape.outputs.multipliedReportingOverflow(by: shape.inputs)
    guard !overflows, count <= maximumElements(isRandom: entry.isRandom) else { return nil }
    let untouched = RandomStreams(seed: 0)
    var streams = untouched
    guard let weight = try? rule.weight(shape, using: &streams), streams == untouched else {
      return nil
    }
    return InitialParameter(weight)
  }
}
