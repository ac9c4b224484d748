// An optimizer at one update, with the factors of the product that computes the gradients.

import ZerOLinearAlgebra
import ZerOOptimizers

/// An optimizer at one update.
struct UpdateRule<Scalar: MatrixScalar>: Sendable {
  /// The factor of the gradients that the rule receives.
  let alpha: Scalar

  /// The factor of a weight in a rule that is a product; `nil` for other rules.
  let beta: Scalar?

  private let optimizer: any Optimizer
  private let rate: Double
  private let number: Int

  init(_ optimizer: any Optimizer, rate: Double, number: Int, scale: Double) {
    (self.optimizer, self.rate, self.number) = (optimizer, rate, number)
    let factors = optimizer.productFactors(rate: rate)
    alpha = Scalar((factors?.alpha ?? 1) * scale)
    beta = factors.map { Scalar($0.beta) }
  }

  /// Updates some elements whose gradients are multiplied by alpha.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func callAsFunction(_ elements: ElementUpdate<Scalar>) {
    guard let beta else {
      unsafe optimizer.update(elements, rate: rate, number: number)
      return
    }
    if beta != 1 { unsafe elements.scale(by: beta) }
    unsafe Scalar.add(elements.gradients, to: elements.parameters, count: elements.count)
  }
}

extension ElementUpdate {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func scale(by factor: Scalar) {
    let w = unsafe parameters
    let count = unsafe count
    var j = 0
    while j < count {
      unsafe w[j] *= factor
      j &+= 1
    }
  }
}
