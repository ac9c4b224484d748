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

  /// The trained network, whole: of exact ties with every copy, which may need far more memory than the run.
  public var network: Network<Float> { quotient?.expanded(trained) ?? trained }
}
