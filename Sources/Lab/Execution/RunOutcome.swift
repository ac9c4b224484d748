// What a run leaves in memory.

public import LinearAlgebra
public import Networks
public import Records
import Symmetry

/// How a run ended, and the network it ended with.
public struct RunOutcome: Sendable {
  /// How it ended.
  public let status: RunStatus

  private let quotient: NetworkQuotient<Float>?
  private let trained: Network<Float>

  init(_ status: RunStatus, _ trained: Network<Float>, of quotient: NetworkQuotient<Float>?) {
    self.status = status
    self.trained = trained
    self.quotient = quotient
  }

  /// The hidden layers of which copies were trained as one: how many units, and how many they stand for.
  ///
  /// Empty of a dense run, and where there are no copies and no dead units.
  public var foldedLayers: [(layer: String, trained: Int, whole: Int)] {
    guard let quotient else { return [] }
    return zip(trained.layers, quotient.layers).dropLast().enumerated().compactMap { index, pair in
      let (mine, whole) = (pair.0.weight.rows, pair.1.rows)
      return mine < whole ? (Architecture.layerName(index), mine, whole) : nil
    }
  }

  /// The trained network, whole: of exact ties with every copy, which may need far more memory than the run.
  public var network: Network<Float> { quotient?.expanded(trained) ?? trained }
}
