// Ceilings and symmetry reduction of residual and normalized models, for every optimizer and activation.

import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOLinearAlgebra
import ZerONetworks
import ZerOSpectra
import ZerOTraining

@testable import ZerOSymmetry

/// Trains a network with some updates, fewer than an epoch has.
func firstUpdates(
  _ count: Int, of start: Network<Double>, by plan: TrainingPlan, on data: Dataset
) throws -> (network: Network<Double>, losses: [Double]) {
  var network = start
  var losses: [Double] = []
  struct Enough: Error {}
  do {
    try train(&network, by: plan, on: data) { event, _, _ in
      guard case .step(let step) = event else { return }
      losses.append(step.loss)
      if losses.count == count { throw Enough() }
    }
  } catch is Enough {}
  return (network, losses)
}

@Suite struct ModelSymmetryTests {
  /// An optimizer with its settings.
  struct Rule: Sendable, CustomStringConvertible {
    let description: String
    let apply: @Sendable (inout TrainingPlan) -> Void

    static let all = [
      Rule(description: "sgd") { _ in },
      Rule(description: "sgd with decay") { $0.weightDecay = 0.1 },
      Rule(description: "momentum with clipping") { ($0.momentum, $0.clip) = (0.9, 0.3) },
      Rule(description: "nesterov with decay") {
        ($0.momentum, $0.isNesterov, $0.weightDecay) = (0.9, true, 0.1)
      },
      Rule(description: "adam") { ($0.optimizer, $0.learningRate) = ("adam", 1e-3) },
      Rule(description: "adamw") {
        ($0.optimizer, $0.learningRate, $0.weightDecay) = ("adamw", 1e-3, 0.1)
      },
    ]

    var isAdaptive: Bool { description.hasPrefix("adam") }
  }

  /// Five models, which together have every activation and norm, plain and residual.
  static let models: [(Activation, ModelNormalization, Bool)] = [
    (.relu, .none, true), (.tanh, .layer, false), (.gelu, .layer, true), (.geluTanh, .rms, false),
    (.silu, .rms, true),
  ]

  private func plan(
    _ name: String, _ model: (Activation, ModelNormalization, Bool), _ rule: Rule
  ) -> TrainingPlan {
    var plan = TrainingPlan(initializer: name, width: 24)
    plan.depth = 2
    (plan.activation, plan.norm, plan.isResidual) = model
    if plan.isResidual { plan.initRules = ["*.last.weight=Zeros"] }
    plan.batchSize = 20
    plan.measureEvery = 1
    plan.epochs = 1
    plan.modelSeed = 3
    rule.apply(&plan)
    return plan
  }

  /// Trains with 10 updates; adaptive rules make 5, because they divide rounding errors of gradients near 0 by themselves.
  private func trained(
    _ start: Network<Double>, by plan: TrainingPlan, on data: Dataset
  ) throws -> (network: Network<Double>, losses: [Double], updates: Int) {
    let updates = plan.optimizer == "sgd" ? 10 : 5
    let (network, losses) = try firstUpdates(updates, of: start, by: plan, on: data)
    return (network, losses, updates)
  }

  @Test(arguments: Rule.all, ["ZerO", "Partial_Identity", "IDInit", "ConstAvg"])
  func `training the reduced model is training the whole model`(rule: Rule, name: String) throws {
    let data = try noise()
    let tolerance = Tolerance(
      absolute: rule.isAdaptive ? 2e-6 : 1e-10,
      because: "rounding; adaptive rules amplify that of gradients near 0")
    var table = SymmetryTable()
    for model in Self.models {
      // Equal rows of the last layer make the gradients of a residual stream 0 except for rounding, which Adam divides by itself.
      if rule.isAdaptive, name == "ConstAvg", model.2 { continue }
      let plan = plan(name, model, rule)
      let start: InitialNetwork<Double> = try plan.start(for: data)
      let quotient = NetworkQuotient(of: start)
      let whole = try trained(start.network, by: plan, on: data)
      let reduced = try trained(quotient.network, by: plan, on: data)
      let factor = try #require(
        plan.startFactor(
          after: whole.updates, sampleCount: data.train.count, in: Double.self))
      let expanded = quotient.expanded(reduced.network, startFactor: factor)
      let what = "\(model.0) \(model.1.rawValue) \(model.2 ? "residual" : "plain")"
      expectClose(reduced.losses, whole.losses, within: tolerance, "losses of \(what)")
      for (index, parameter) in start.graph.parameters.enumerated() {
        let (mine, theirs) = (expanded.parameters[index], whole.network.parameters[index])
        expectClose(
          mine.elements, theirs.elements, within: tolerance, "\(parameter.name) of \(what)")
      }
      let (units, classes) = (start.graph.parameters, quotient.graph.parameters)
      let last = units.count - 2
      try table.add(
        [what, "\(rule)", name], quotient, whole: (whole.network, whole.losses),
        reduced: (expanded, reduced.losses))
      // The model has identical units, so the comparison is one.
      if name != "IDInit" { #expect(classes[last].columns < units[last].columns, "\(what)") }
    }
    Attachment.record(table.text, named: "models-\(name)-\(rule).csv")
  }

  @Test(arguments: Rule.all)
  func `ranks of W - a*W0 are at most the ceilings`(rule: Rule) throws {
    let data = try noise()
    for model in Self.models {
      let plan = plan("ZerO", model, rule)
      let start: Network<Double> = try plan.initialNetwork(for: data)
      let partition = EquitablePartition(of: start, nonzeroInputs: data.train.nonzeroInputs)
      let (end, _, updates) = try trained(start, by: plan, on: data)
      let factor = try #require(
        plan.startFactor(
          after: updates, sampleCount: data.train.count, in: Double.self))
      for weight in start.graph.weights {
        var change = end.parameters[weight]
        change.subtract(start.parameters[weight], times: factor)
        let values = try change.singularValues()
        // Adaptive rules part identical units by up to 2e-7, and move weights by 1e-3 per update.
        let tolerance = (rule.isAdaptive ? 1e-4 : 1e-9) * (values.first ?? 0)
        let rank = NumericalRank(singularValues: values, tolerance: tolerance).rank
        #expect(
          rank <= partition.rankCeiling(ofWeight: weight),
          "\(start.graph.parameters[weight].name) of \(model)")
      }
    }
  }

  @Test func `with weight decay W - W0 has no ceiling`() throws {
    // The negative control: without the factor, the decay of the identity alone has full rank.
    let data = try noise()
    let plan = plan("ZerO", (.relu, .none, false), Rule.all[1])
    let start: Network<Double> = try plan.initialNetwork(for: data)
    let (end, _, _) = try trained(start, by: plan, on: data)
    let weight = start.graph.weights[2]
    var change = end.parameters[weight]
    change.subtract(start.parameters[weight])
    let ceiling = EquitablePartition(of: start).rankCeiling(ofWeight: weight)
    #expect(ceiling < 24)
    #expect(try NumericalRank(of: change, tolerance: 1e-9).rank == 24)
  }

  @Test func `classes that are not equitable, and wrong multiplicities, give another network`()
    throws
  {
    let data = try noise()
    for rule in Rule.all {
      let plan = plan("ZerO", (.gelu, .layer, true), rule)
      let start: InitialNetwork<Double> = try plan.start(for: data)
      let whole = try trained(start.network, by: plan, on: data)
      let right = EquitablePartition(of: start)
      let stream = try #require(
        right.axes.indices.first { right.axes[$0].count < 24 && right.axes[$0].unitCount == 24 })
      let wrong = EquitablePartition(
        graph: right.graph,
        axes: right.axes.enumerated().map { axis, classes in
          axis == stream
            ? UnitClasses(labels: classes.classOfUnit.map { $0 == 1 ? 0 : $0 }) : classes
        })
      let merged = try trained(
        NetworkQuotient(of: start, by: wrong).network, by: plan, on: data)
      #expect(zip(merged.losses, whole.losses).contains { abs($0 - $1) > 1e-5 }, "\(rule)")

      var graph = NetworkQuotient(of: start).graph
      let axis = try #require(graph.multiplicities.keys.min())
      graph.multiplicities[axis] = graph.multiplicities[axis].map {
        ContiguousArray($0.map { $0 + 1 })
      }
      let miscounted = Network(
        graph: graph, parameters: NetworkQuotient(of: start).network.parameters)
      let other = try trained(miscounted, by: plan, on: data)
      #expect(zip(other.losses, whole.losses).contains { abs($0 - $1) > 1e-5 }, "\(rule)")
    }
  }

  @Test func `weight decay inside Adam's gradient has neither factor nor reduction`() {
    var plan = plan("ZerO", (.relu, .none, false), Rule.all[4])
    plan.weightDecay = 0.1
    #expect(plan.startFactor(after: 3, sampleCount: 200) == nil)
    plan.symmetry = .reduced
    #expect(throws: PlanError.self) { try plan.validate() }
  }
}
