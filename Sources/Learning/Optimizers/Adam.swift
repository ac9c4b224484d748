internal import CVectors
import Foundation
public import ZerOLinearAlgebra

/// Adam, and AdamW with decoupled weight decay.
///
/// ```
/// Adam:   g ← ∂L/∂w + λ·w          AdamW:   w ← (1 − lr·λ)·w
/// m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²
/// w ← w − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
/// ```
///
/// As PyTorch's `torch.optim.Adam` and `AdamW`, with their defaults, up to rounding: numerator and denominator are multiplied by
/// √(1 − β₂ᵗ), which saves a division per element, as Kingma and Ba propose at the end of their section 2.
///
/// References: D. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015); I. Loshchilov and F. Hutter, "Decoupled
/// weight decay regularization" (2019).
public struct Adam: Optimizer {
  /// β₁, at least 0 and below 1.
  public let beta1: Double

  /// β₂, at least 0 and below 1.
  public let beta2: Double

  /// ε.
  public let epsilon: Double

  /// λ.
  public let weightDecay: Double

  /// Whether the weight decay is decoupled from the gradient, as in AdamW.
  public let isDecoupled: Bool

  /// Makes an optimizer.
  ///
  /// - Parameters:
  ///   - weightDecay: λ, 0 or more.
  ///   - isDecoupled: Whether it is AdamW.
  ///   - beta1: β₁.
  ///   - beta2: β₂.
  ///   - epsilon: ε, above 0.
  public init(
    weightDecay: Double = 0, isDecoupled: Bool = false, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
  }

  /// m and v.
  public var stateNames: [String] { ["exp_avg", "exp_avg_sq"] }

  /// The rule has states.
  public func productFactors(rate: Double) -> (alpha: Double, beta: Double)? { nil }

  /// Updates some elements.
  public func update<Scalar>(_ elements: ElementUpdate<Scalar>, rate: Double, number: Int) {
    let root = (1 - pow(beta2, Double(number))).squareRoot()
    unsafe elements.adapt(
      step: Scalar(rate / (1 - pow(beta1, Double(number))) * root), beta: Scalar(beta2),
      rests: (Scalar(1 - beta1), Scalar(1 - beta2)),
      epsilon: Scalar(epsilon * root), decay: isDecoupled ? 0 : Scalar(weightDecay),
      factor: isDecoupled ? Scalar(1 - rate * weightDecay) : 1)
  }

  /// Decay inside the gradient is divided by the magnitude of each weight's own gradients.
  public var scalesStart: Bool { isDecoupled || weightDecay == 0 }
}

extension ElementUpdate {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func adapt(
    step: Scalar, beta: Scalar, rests: (Scalar, Scalar), epsilon: Scalar,
    decay: Scalar, factor: Scalar
  ) {
    guard let m = unsafe states else { return }
    let v = unsafe m + stateStride
    let (w, g) = unsafe (parameters, gradients)
    let count = unsafe count
    // The compiler does not vectorize the loop over single elements.
    let width = SIMD8<Scalar>.scalarCount
    var j = 0
    while j &+ width <= count {
      var (weights, means, squares) = unsafe (vector(w + j), vector(m + j), vector(v + j))
      weights *= factor
      let gradients = unsafe vector(g + j) + decay * weights
      means += rests.0 * (gradients - means)
      squares = beta * squares + rests.1 * gradients * gradients
      weights -= step * means / (squares.squareRoots + epsilon)
      unsafe store(means, in: m + j)
      unsafe store(squares, in: v + j)
      unsafe store(weights, in: w + j)
      j &+= width
    }
    while j < count {
      let weight = unsafe factor * w[j]
      let gradient = unsafe g[j] + decay * weight
      let mean = unsafe m[j] + rests.0 * (gradient - m[j])
      let square = unsafe beta * v[j] + rests.1 * gradient * gradient
      unsafe m[j] = mean
      unsafe v[j] = square
      unsafe w[j] = weight - step * mean / (square.squareRoot() + epsilon)
      j &+= 1
    }
  }

  @inline(__always) private func vector(_ place: UnsafePointer<Scalar>) -> SIMD8<Scalar> {
    unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Scalar>.self)
  }

  @inline(__always) private func store(
    _ vector: SIMD8<Scalar>, in place: UnsafeMutablePointer<Scalar>
  ) {
    unsafe UnsafeMutableRawPointer(place).storeBytes(of: vector, as: SIMD8<Scalar>.self)
  }
}

extension SIMD8 where Scalar: MatrixScalar {
  /// The square root of each element, with the bits of `squareRoot()`.
  @inline(__always) fileprivate var squareRoots: SIMD8 {
    if Scalar.self == Float.self {
      let x = unsafe unsafeBitCast(self, to: SIMD8<Float>.self)
      let roots = SIMD8<Float>(
        lowHalf: square_roots_of_floats(x.lowHalf), highHalf: square_roots_of_floats(x.highHalf))
      return unsafe unsafeBitCast(roots, to: SIMD8.self)
    }
    guard Scalar.self == Double.self else { return squareRoot() }
    let x = unsafe unsafeBitCast(self, to: SIMD8<Double>.self)
    let (low, high) = (x.lowHalf, x.highHalf)
    let roots = SIMD8<Double>(
      lowHalf: SIMD4(
        lowHalf: square_roots_of_doubles(low.lowHalf),
        highHalf: square_roots_of_doubles(low.highHalf)),
      highHalf: SIMD4(
        lowHalf: square_roots_of_doubles(high.lowHalf),
        highHalf: square_roots_of_doubles(high.highHalf)))
    return unsafe unsafeBitCast(roots, to: SIMD8.self)
  }
}
