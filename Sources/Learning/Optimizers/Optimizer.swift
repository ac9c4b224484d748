public import ZerOLinearAlgebra

/// A rule that updates parameters by their gradients.
///
/// The rule is applied element by element, so its order does not matter: a training loop passes the elements as they are in
/// memory, a tile of a weight after the other. States are initially 0 and have PyTorch's names.
public protocol Optimizer: Hashable, Sendable {
  /// The names of the states that the optimizer keeps per element, for example `momentum_buffer`.
  var stateNames: [String] { get }

  /// α and β of a rule that is W ← β·W + α·∂L/∂W without states, so that one matrix product updates a weight; `nil` for other rules.
  ///
  /// - Parameter rate: The learning rate.
  /// - Returns: The factors of the gradient and of the weight.
  func productFactors(rate: Double) -> (alpha: Double, beta: Double)?

  /// Updates some elements.
  ///
  /// - Parameters:
  ///   - elements: The elements, with gradients and states.
  ///   - rate: The learning rate.
  ///   - number: The number of the update, counted from 1.
  func update<Scalar>(_ elements: ElementUpdate<Scalar>, rate: Double, number: Int)

  /// λ, the weight decay.
  var weightDecay: Double { get }

  /// Whether an update is linear in the weights and gradients, or changes the weights by gradients alone: then W = α·W₀ + C, where the
  /// factor α is the same for all weights and C contains the contributions of the gradients.
  var scalesStart: Bool { get }
}
