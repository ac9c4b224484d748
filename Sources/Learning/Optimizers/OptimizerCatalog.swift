// The optimizers that plans name.

/// An optimizer with its name and the defaults of PyTorch.
public struct OptimizerEntry: Sendable {
  /// The settings that optimizers are made from.
  public struct Settings: Hashable, Sendable {
    /// μ of SGD.
    public var momentum: Double

    /// Whether SGD's momentum is Nesterov's.
    public var isNesterov: Bool

    /// λ.
    public var weightDecay: Double

    /// Makes settings.
    public init(momentum: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0) {
      self.momentum = momentum
      self.isNesterov = isNesterov
      self.weightDecay = weightDecay
    }
  }

  /// The name in experiments and on the command line.
  public let name: String

  /// A one-line description for listings.
  public let summary: String

  /// The learning rate where none is given: PyTorch's default, and for SGD that of the reference notebook.
  public let learningRate: Double

  /// PyTorch's default weight decay.
  public let weightDecay: Double

  /// Whether the optimizer has a momentum to set.
  public let hasMomentum: Bool

  /// Makes the optimizer.
  public let make: @Sendable (Settings) -> any Optimizer

  /// The optimizers, in the order of listings.
  public static let catalog = [
    OptimizerEntry(
      name: "sgd", summary: "stochastic gradient descent, with momentum and weight decay",
      learningRate: 0.1, weightDecay: 0, hasMomentum: true,
      make: {
        SGD(
          momentum: $0.momentum, isNesterov: $0.isNesterov, weightDecay: $0.weightDecay)
      }),
    OptimizerEntry(
      name: "adam", summary: "Adam; weight decay is part of the gradient", learningRate: 1e-3,
      weightDecay: 0, hasMomentum: false, make: { Adam(weightDecay: $0.weightDecay) }),
    OptimizerEntry(
      name: "adamw", summary: "Adam with decoupled weight decay, 0.01 by default",
      learningRate: 1e-3, weightDecay: 0.01, hasMomentum: false,
      make: { Adam(weightDecay: $0.weightDecay, isDecoupled: true) }),
  ]

  /// Finds an optimizer.
  ///
  /// - Parameter name: The name.
  /// - Returns: `nil` for an unknown name.
  public static func named(_ name: String) -> OptimizerEntry? {
    catalog.first { $0.name == name }
  }
}
