// The table of differences between training with symmetry reduction and dense training, an attachment of the tests.

import Foundation
import ZerOLinearAlgebra
import ZerONetworks
import ZerOSpectra
import ZerOSymmetry

/// One row per model: the sizes of its last layer, and the largest differences of losses, weights and singular values of W − W₀.
struct SymmetryTable {
  private(set) var text =
    "model,optimizer,initializer,units,classes,losses,weights,singular values\n"

  /// Adds the row of a model.
  ///
  /// - Parameters:
  ///   - row: Model, optimizer and initializer.
  ///   - quotient: The reduction of the model.
  ///   - whole: The network and the losses of dense training.
  ///   - reduced: Those of the reduced training; the network has all units again.
  /// - Throws: `FactorizationError` if a weight is not finite.
  mutating func add(
    _ row: [String], _ quotient: NetworkQuotient<Double>,
    whole: (network: Network<Double>, losses: [Double]),
    reduced: (network: Network<Double>, losses: [Double])
  ) throws {
    var (weights, values) = (0.0, 0.0)
    for (index, start) in quotient.start.network.parameters.enumerated() {
      let (one, other) = (reduced.network.parameters[index], whole.network.parameters[index])
      weights = max(weights, Self.apart(one.elements, other.elements))
      guard quotient.start.graph.weights.contains(index) else { continue }
      let changes = try [one, other].map { weight -> [Double] in
        var change = weight
        change.subtract(start)
        return try change.singularValues()
      }
      values = max(values, Self.apart(changes[0], changes[1]))
    }
    let last = quotient.start.graph.weights.last ?? 0
    let sizes = [quotient.start.graph, quotient.graph].map { "\($0.parameters[last].columns)" }
    let differences = [Self.apart(reduced.losses, whole.losses), weights, values].map {
      String(format: "%.1e", $0)
    }
    text += (row + sizes + differences).joined(separator: ",") + "\n"
  }

  private static func apart(_ first: some Sequence<Double>, _ second: some Sequence<Double>)
    -> Double
  {
    zip(first, second).map { abs($0 - $1) }.max() ?? 0
  }
}
