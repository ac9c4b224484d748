// The network's gradients against finite differences of its loss, in double precision.

import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerORandomness
import ZerOTraining

@Suite struct GradientTests {
  /// Central differences with step h err by h² times a third derivative, about 1e-10 here, and by
  /// ε/h of rounding, about 1e-11.
  private let centralDifference = Tolerance(
    relative: 1e-6, absolute: 1e-9, because: "error of a central difference with h = 1e-5")

  private let labels: ContiguousArray<UInt8> = [2, 0, 1, 2, 2, 0, 1]

  private func network(_ name: String, bias: Double?) throws -> Network<Double> {
    var streams = RandomStreams(seed: 5)
    var network = try Network<Double>(
      Model.notebook(inputDimension: 6, width: 9, classCount: 3, hasBias: bias != nil).graph,
      initializer: InitializerCatalog.builtIn.entry(named: name).initializer, bias: bias ?? 0,
      using: &streams)
    // Identity-like weights put units exactly at the kink of the ReLU, where finite differences are wrong. A small
    // fixed pattern moves them away; its sums are not 0, so this holds for zero weights too.
    for index in network.layers.indices {
      let weight = network.layers[index].weight
      network.layers[index].weight = Matrix(rows: weight.rows, columns: weight.columns) { i, j in
        weight[i, j] + 0.01 * (Double((5 * i + 3 * j + index) % 7) - 2.37)
      }
    }
    return network
  }

  private func workspace(for network: Network<Double>) -> Workspace<Double> {
    var workspace = Workspace(for: network, samples: labels.count)
    workspace.activations[0] = Matrix(rows: 6, columns: labels.count) { i, j in
      Double((11 * i + 7 * j) % 13) / 13
    }
    return workspace
  }

  private func loss(_ network: Network<Double>) -> Double {
    var workspace = workspace(for: network)
    network.forward(&workspace)
    return SoftmaxCrossEntropy.loss(of: workspace.logits, labels: labels).mean
  }

  @Test(arguments: InitializerCatalog.builtIn.names, [nil, 0.01])
  func `every gradient is that of the loss`(name: String, bias: Double?) throws {
    let network = try network(name, bias: bias)
    var workspace = workspace(for: network)
    network.forward(&workspace)
    _ = workspace.computeLoss(labels: labels)
    NetworkInTraining(network, optimizer: SGD(), batchSizes: [], products: .openBLAS)
      .step(rate: 0, number: 1, &workspace)
    let h = 1e-5

    for (index, layer) in network.layers.enumerated() {
      let gradient = workspace.gradients[index]
      var weightGradient = Matrix<Double>(
        repeating: 0, rows: layer.weight.rows, columns: layer.weight.columns)
      weightGradient.multiply(gradient, by: workspace.activations[index], transposingRight: true)
      for i in 0..<layer.weight.rows {
        for j in 0..<layer.weight.columns {
          var (up, down) = (network, network)
          up.layers[index].weight[i, j] += h
          down.layers[index].weight[i, j] -= h
          expectClose(
            weightGradient[i, j], (loss(up) - loss(down)) / (2 * h), within: centralDifference,
            "\(name) l\(index + 1).weight[\(i), \(j)]")
        }
      }
      guard bias != nil else { continue }
      for (unit, sum) in gradient.rowSums().enumerated() {
        var (up, down) = (network, network)
        up.layers[index].bias?[unit] += h
        down.layers[index].bias?[unit] -= h
        expectClose(
          sum, (loss(up) - loss(down)) / (2 * h), within: centralDifference,
          "\(name) l\(index + 1).bias[\(unit)]")
      }
    }
  }
}
