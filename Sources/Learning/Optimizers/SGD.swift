public import ZerOLinearAlgebra

/// Stochastic gradient descent, with momentum and weight decay.
///
/// ```
/// g ← ∂L/∂w + λ·w
/// v ← μ·v + g                          with momentum
/// w ← w − lr·g,   w ← w − lr·v,   or   w ← w − lr·(g + μ·v)   with Nesterov's momentum
/// ```
///
/// As PyTorch's `torch.optim.SGD` without dampening.
///
/// References: H. Robbins and S. Monro, "A stochastic approximation method", Annals of Mathematical
/// Statistics 22 (1951); I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum in
/// deep learning" (2013).
public struct SGD: Optimizer {
  /// μ; 0 for no momentum.
  public let momentum: Double

  /// Whether Nesterov's momentum is used.
  public let isNesterov: Bool

  /// λ.
  public let weightDecay: Double

  /// Makes an optimizer.
  ///
  /// - Parameters:
  ///   - momentum: μ, 0 or more.
  ///   - isNesterov: Whether Nesterov's momentum is used; without momentum it changes nothing.
  ///   - weightDecay: λ, 0 or more.
  public init(momentum: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0) {
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
  }

  /// The velocity v, if there is momentum.
  public var stateNames: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

  /// −lr and 1 − lr·λ without momentum.
  public func productFactors(rate: Double) -> (alpha: Double, beta: Double)? {
    momentum == 0 ? (-rate, 1 - rate * weightDecay) : nil
  }

  /// Updates some elements.
  public func update<Scalar>(_ elements: ElementUpdate<Scalar>, rate: Double, number: Int) {
    if let factors = productFactors(rate: rate) {
      unsafe elements.combine(alpha: Scalar(factors.alpha), beta: Scalar(factors.beta))
    } else {
      unsafe elements.descend(
        rate: Scalar(rate), momentum: Scalar(momentum), isNesterov: isNesterov,
        decay: Scalar(weightDecay))
    }
  }

  /// Every weight decays by the same factor.
  public var scalesStart: Bool { true }
}

extension ElementUpdate {
  /// w ← β·w + α·g.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func combine(alpha: Scalar, beta: Scalar) {
    let (w, g) = unsafe (parameters, gradients)
    let count = unsafe count
    var j = 0
    while j < count {
      unsafe w[j] = beta * w[j] + alpha * g[j]
      j &+= 1
    }
  }

  /// The update with momentum.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func descend(rate: Scalar, momentum: Scalar, isNesterov: Bool, decay: Scalar) {
    guard let v = unsafe states else { return }
    let (w, g) = unsafe (parameters, gradients)
    let count = unsafe count
    var j = 0
    while j < count {
      let gradient = unsafe g[j] + decay * w[j]
      let velocity = unsafe momentum * v[j] + gradient
      unsafe v[j] = velocity
      unsafe w[j] -= rate * (isNesterov ? gradient + momentum * velocity : velocity)
      j &+= 1
    }
  }
}
