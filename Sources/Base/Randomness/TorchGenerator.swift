import ZerORequirements

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// PyTorch's CPU generator, reproduced draw by draw.
///
/// A generator is a value: a copy continues the same stream independently. It is always an explicit `inout`
/// argument, so the code shows the order of all draws.
///
/// Reference: PyTorch, `aten/src/ATen/CPUGeneratorImpl.cpp` and `ATen/core/MT19937RNGEngine.h`.
public struct TorchGenerator: Equatable, Sendable {
  private var engine: MersenneTwister

  /// The number of 32-bit draws to skip before the next one.
  ///
  /// Skipping is lazy, so an unused stream costs nothing.
  private var pendingSkips = 0

  /// The second value of the last scalar Box–Muller pair, which the next scalar draw returns.
  var pendingNormal: Double?

  /// Starts the stream of `torch.manual_seed(seed)`.
  ///
  /// - Parameter seed: As in PyTorch, only the low 32 bits are used.
  public init(seed: UInt64) {
    engine = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
  }

  /// The next 32 random bits.
  public mutating func nextUInt32() -> UInt32 {
    while pendingSkips > 0 {
      _ = engine.next()
      pendingSkips -= 1
    }
    return engine.next()
  }

  /// The next 64 random bits: two 32-bit draws, high half first.
  public mutating func nextUInt64() -> UInt64 {
    let high = UInt64(nextUInt32())
    return high << 32 | UInt64(nextUInt32())
  }

  /// Skips draws whose values PyTorch overwrites.
  ///
  /// `nn.Linear` first fills its weight and its bias from a uniform distribution, with one 32-bit draw per element,
  /// before a custom initializer is applied. Reproducing the stream requires these draws.
  ///
  /// - Parameter count: The number of 32-bit draws. They are skipped only when the next value is drawn.
  public mutating func skip(_ count: Int) {
    require(count >= 0, "the number of draws to skip is negative: \(count)")
    pendingSkips += count
  }
}

extension TorchGenerator {
  /// Draws uniform numbers, bit-identical to `torch.empty(count).uniform_(lower, upper)`.
  ///
  /// ```
  /// u = (x mod 2²⁴) / 2²⁴ · (upper − lower) + lower,   x a 32-bit draw
  /// ```
  ///
  /// in single precision with a fused multiply-add, as PyTorch computes it on processors with FMA.
  ///
  /// - Parameters:
  ///   - count: The number of values, 0 or more.
  ///   - lower: The inclusive lower bound.
  ///   - upper: The upper bound, at least `lower`.
  /// - Returns: `count` values.
  /// - Complexity: O(`count`).
  ///
  /// Reference: PyTorch, `aten/src/ATen/core/TransformationHelper.h`, `uniform_real`.
  public mutating func uniform(count: Int, lower: Float, upper: Float) -> ContiguousArray<Float> {
    require(count >= 0, "the number of values is negative: \(count)")
    require(lower <= upper, "the lower bound \(lower) exceeds the upper bound \(upper)")
    return ContiguousArray(
      (0..<count).map { _ in lower.addingProduct(nextUniform24(), upper - lower) })
  }

  /// Draws a nonnegative 63-bit integer, equal to `torch.empty((), dtype=torch.int64).random_()`.
  ///
  /// - Returns: 0 … 2⁶³ − 1.
  public mutating func random() -> UInt64 { nextUInt64() & (1 << 63 - 1) }

  /// A single-precision uniform number in [0, 1), from 24 bits of one 32-bit draw.
  mutating func nextUniform24() -> Float {
    Float(nextUInt32() & 0xff_ffff) * 0x1p-24
  }
}

extension TorchGenerator {
  /// The block size of PyTorch's vectorized Box–Muller transform: 8 radii, then 8 angles.
  private static var block: Int { 16 }

  /// Draws normal numbers as `torch.empty(count).normal_(mean, standardDeviation)` does.
  ///
  /// PyTorch has two algorithms. For `count ≥ 16` it works in single precision: uniform numbers u = (x mod 2²⁴)/2²⁴
  /// fill the tensor; in each block of 16, the first eight become u₁ = 1 − u and the last eight are u₂, with
  ///
  /// ```
  /// r = √(−2 ln u₁),  θ = 2π u₂,  block[j] = mean + σ r cos θ,  block[j+8] = mean + σ r sin θ
  /// ```
  ///
  /// If `count` is not a multiple of 16, the last 16 elements are drawn again. For `count < 16` PyTorch computes
  /// pairs in double precision; the generator keeps an unused second value for the next scalar draw.
  ///
  /// - Parameters:
  ///   - count: The number of values, 0 or more.
  ///   - mean: The mean of the distribution.
  ///   - standardDeviation: σ, 0 or more.
  /// - Returns: `count` values, equal to PyTorch's up to the last one or two places of logarithm, sine and cosine.
  /// - Complexity: O(`count`).
  ///
  /// Reference: G. E. P. Box and M. E. Muller, "A note on the generation of random normal deviates",
  /// Annals of Mathematical Statistics 29 (1958); PyTorch, `DistributionTemplates.h`, `normal_fill`.
  public mutating func normal(count: Int, mean: Float, standardDeviation: Float)
    -> ContiguousArray<Float>
  {
    require(count >= 0, "the number of values is negative: \(count)")
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
    let twoPi = Float(2 * Double.pi)  // rounded to nearest, while Float.pi is rounded toward zero
    for j in start..<start + half {
      let radius = (-2 * logf(1 - values[j])).squareRoot()
      let angle = twoPi * values[j + half]
      values[j] = radius * cosf(angle) * standardDeviation + mean
      values[j + half] = radius * sinf(angle) * standardDeviation + mean
    }
  }

  /// A double-precision uniform number in [0, 1), from 53 bits of one 64-bit draw.
  private mutating func nextUniform53() -> Double {
    Double(nextUInt64() & ((1 << 53) - 1)) * 0x1p-53
  }

  /// A standard normal number in double precision: r cos θ first, r sin θ at the next call.
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

extension TorchGenerator {
  /// Draws a random permutation, equal to `torch.randperm(count)`.
  ///
  /// Starting from the identity, element i is exchanged with element i + (x mod (count − i)) for i = 0 … count − 2,
  /// where x is a 32-bit draw.
  ///
  /// - Parameter count: The number of elements, below 2³² / 20; PyTorch uses another algorithm from there on.
  /// - Returns: A permutation of 0 ..< `count`, empty for 0.
  /// - Complexity: O(`count`).
  ///
  /// Reference: D. E. Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2P; PyTorch,
  /// `aten/src/ATen/native/TensorFactories.cpp`, `randperm_cpu`.
  public mutating func permutation(count: Int) -> ContiguousArray<Int> {
    require(
      (0..<Int(UInt32.max) / 20).contains(count),
      "the number of elements, \(count), is not in 0 ..< 2³² / 20")
    var order = ContiguousArray(0..<count)
    for i in 0..<max(0, count - 1) {
      order.swapAt(i, i + Int(nextUInt32()) % (count - i))
    }
    return order
  }
}
