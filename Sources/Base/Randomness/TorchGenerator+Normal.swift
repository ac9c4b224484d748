// Normal variates as `Tensor.normal_` draws them on a CPU. PyTorch has two algorithms, chosen by the
// number of elements: a blocked one in single precision from 16 elements on, and a scalar one in
// double precision below that.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension TorchGenerator {
  /// The block over which PyTorch's vectorized Box–Muller works: 8 radii, then 8 angles.
  private static var block: Int { 16 }

  /// Draws what `torch.empty(count).normal_(mean, standardDeviation)` would hold.
  ///
  /// For `count ≥ 16`: uniforms u = (x mod 2²⁴)/2²⁴ fill the tensor; in each block of 16 the first
  /// eight become u₁ = 1 − u, the last eight u₂, and
  ///
  /// ```
  /// r = √(−2 ln u₁),  θ = 2π u₂,  block[j] = mean + σ r cos θ,  block[j+8] = mean + σ r sin θ
  /// ```
  ///
  /// When `count` is no multiple of 16 the last 16 elements are drawn anew. For `count < 16` each
  /// pair comes from the scalar path, in double, and an unused second value waits in the generator
  /// for the next scalar draw.
  ///
  /// - Parameters:
  ///   - count: The number of values, 0 or more.
  ///   - mean: The mean of the distribution.
  ///   - standardDeviation: σ, 0 or more.
  /// - Returns: `count` values; they agree with PyTorch's to the last place or two of the
  ///   logarithm, sine and cosine.
  /// - Complexity: O(`count`).
  ///
  /// Reference: G. E. P. Box and M. E. Muller, "A note on the generation of random normal deviates",
  /// Annals of Mathematical Statistics 29 (1958); PyTorch, `DistributionTemplates.h`, `normal_fill`.
  public mutating func normal(count: Int, mean: Float, standardDeviation: Float)
    -> ContiguousArray<Float>
  {
    precondition(count >= 0, "a negative number of normals: \(count)")
    guard count >= Self.block else {
      return ContiguousArray(
        (0..<count).map { _ in
          Float(nextScalarNormal() * Double(standardDeviation) + Double(mean))
        })
    }
    var values = ContiguousArray((0..<count).map { _ in nextUniform24() })
    for start in stride(from: 0, through: count - Self.block, by: Self.block) {
      Self.transform(&values, from: start, mean: mean, standardDeviation: standardDeviation)
    }
    if !count.isMultiple(of: Self.block) {
      let start = count - Self.block
      for i in start..<count { values[i] = nextUniform24() }
      Self.transform(&values, from: start, mean: mean, standardDeviation: standardDeviation)
    }
    return values
  }

  private static func transform(
    _ values: inout ContiguousArray<Float>, from start: Int, mean: Float, standardDeviation: Float
  ) {
    let half = block / 2
    let twoPi = Float(2 * Double.pi)  // rounded to nearest; Float.pi is rounded towards zero
    for j in start..<start + half {
      let radius = (-2 * logf(1 - values[j])).squareRoot()
      let angle = twoPi * values[j + half]
      values[j] = radius * cosf(angle) * standardDeviation + mean
      values[j + half] = radius * sinf(angle) * standardDeviation + mean
    }
  }

  /// A double-precision uniform in [0, 1): 53 bits of one 64-bit draw.
  private mutating func nextUniform53() -> Double {
    Double(nextUInt64() & ((1 << 53) - 1)) * 0x1p-53
  }

  /// A standard normal by the scalar path: r cos θ first, r sin θ at the next call.
  private mutating func nextScalarNormal() -> Double {
    if let pending = pendingNormal {
      pendingNormal = nil
      return pending
    }
    let angle = 2 * Double.pi * nextUniform53()
    let radius = (-2 * log1p(-nextUniform53())).squareRoot()
    pendingNormal = radius * sin(angle)
    return radius * cos(angle)
  }
}
