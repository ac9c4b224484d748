// Activation functions and their derivatives, element by element, in the precision of the matrix.

import ZerORequirements

extension RowBlock {
  /// Replaces each element x by f(x).
  @inline(__always)
  private func replace(_ f: (Scalar) -> Scalar) {
    let count = count
    var j = 0
    while j < count {
      unsafe base[j] = f(base[j])
      j &+= 1
    }
  }

  /// Multiplies each element by f(x), x the corresponding element of a matrix of the whole shape.
  @inline(__always)
  private func multiply(at values: Matrix<Scalar>, _ f: (Scalar) -> Scalar) {
    require(
      values.rows == rowCount && values.columns == columns,
      "a gradient of \(rowCount) × \(columns) does not match values of \(values.rows) × "
        + "\(values.columns)")
    combine(with: values) { $0 *= f($1) }
  }

  /// Applies tanh.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func applyTanh() { replace { Scalar.hyperbolicTangent($0) } }

  /// Multiplies a gradient by the derivative of tanh, 1 − a².
  ///
  /// - Parameter activations: a, the output of tanh, with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplyByDerivative(ofTanh activations: Matrix<Scalar>) {
    multiply(at: activations) { 1 - $0 * $0 }
  }

  /// Applies GELU, x·Φ(x) = ½·x·(1 + erf(x/√2)).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func applyGELU() { replace { $0 * Self.normalDistribution($0) } }

  /// Multiplies a gradient by the derivative of GELU, Φ(x) + x·φ(x).
  ///
  /// - Parameter values: x, with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplyByGELUDerivative(at values: Matrix<Scalar>) {
    let factor = Scalar(0.398942280401432677939946059934)  // 1/√(2π)
    multiply(at: values) {
      Self.normalDistribution($0) + $0 * factor * Scalar.exponential(-0.5 * $0 * $0)
    }
  }

  /// Φ(x).
  @inline(__always)
  private static func normalDistribution(_ x: Scalar) -> Scalar {
    0.5 * (1 + Scalar.errorFunction(x * Scalar(0.707106781186547524400844362105)))
  }

  /// √(2/π), the factor of the approximation of GELU by tanh.
  @inline(__always) private static var rootOfTwoOverPi: Scalar {
    Scalar(0.797884560802865355879892119869)
  }

  /// Applies GELU with tanh, ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func applyGELUTanh() {
    replace { x in
      let cubic = x + Scalar(0.044715) * x * x * x
      return 0.5 * x * (1 + Scalar.hyperbolicTangent(Self.rootOfTwoOverPi * cubic))
    }
  }

  /// Multiplies a gradient by the derivative of GELU with tanh.
  ///
  /// - Parameter values: x, with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplyByGELUTanhDerivative(at values: Matrix<Scalar>) {
    multiply(at: values) { x in
      let square = Scalar(0.044715) * x * x
      let t = Scalar.hyperbolicTangent(Self.rootOfTwoOverPi * x * (1 + square))
      return 0.5 * (1 + t)
        + 0.5 * x * (1 - t * t) * Self.rootOfTwoOverPi * (1 + 3 * square)
    }
  }

  /// Applies SiLU, x/(1 + e⁻ˣ).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func applySiLU() { replace { $0 / (1 + Scalar.exponential(-$0)) } }

  /// Multiplies a gradient by the derivative of SiLU, σ·(1 + x·(1 − σ)) with σ = 1/(1 + e⁻ˣ).
  ///
  /// - Parameter values: x, with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplyBySiLUDerivative(at values: Matrix<Scalar>) {
    multiply(at: values) { x in
      let sigmoid = 1 / (1 + Scalar.exponential(-x))
      return sigmoid * (1 + x * (1 - sigmoid))
    }
  }
}
