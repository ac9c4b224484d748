import ZerORequirements

/// NumPy's default generator, `numpy.random.default_rng`, reproduced draw by draw.
///
/// It is PCG64 (XSL-RR, 128-bit state), seeded through `SeedSequence`. A generator is a value: a copy continues the
/// same stream independently.
///
/// Reference: M. E. O'Neill, "PCG: a family of simple fast space-efficient statistically good
/// algorithms for random number generation", Harvey Mudd College HMC-CS-2014-0905 (2014).
public struct NumPyGenerator: Equatable, Sendable {
  private static let multiplier: UInt128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645

  private var state: UInt128
  private let increment: UInt128

  /// The unused high half of a 64-bit draw whose low half was returned.
  private var pendingHalf: UInt32?

  /// Starts the stream of `numpy.random.default_rng(seed)`.
  public init(seed: UInt64) {
    let words = SeedSequence(seed).state(count: 4).map { UInt128($0) }
    increment = (words[2] << 64 | words[3]) << 1 | 1
    state = increment &+ (words[0] << 64 | words[1])
    step()
  }

  private mutating func step() { state = state &* Self.multiplier &+ increment }

  /// The next 64 random bits.
  public mutating func nextUInt64() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> rotation | folded << ((64 &- rotation) & 63)
  }

  /// The next 32 random bits.
  ///
  /// Two calls return the low and the high half of one 64-bit draw.
  public mutating func nextUInt32() -> UInt32 {
    if let half = pendingHalf {
      pendingHalf = nil
      return half
    }
    let bits = nextUInt64()
    pendingHalf = UInt32(truncatingIfNeeded: bits >> 32)
    return UInt32(truncatingIfNeeded: bits)
  }

  /// Draws an unbiased integer, equal to NumPy's `integers(0, bound)`.
  ///
  /// - Parameter bound: The exclusive upper bound, 1 … 2³² − 1. A bound of 1 consumes no bits.
  /// - Returns: A uniform value in 0 ..< `bound`.
  ///
  /// Reference: D. Lemire, "Fast random integer generation in an interval", ACM Transactions on
  /// Modeling and Computer Simulation 29 (2019).
  public mutating func integer(below bound: Int) -> Int {
    require((1..<1 << 32).contains(bound), "the bound \(bound) is not in 1 … 2³² − 1")
    guard bound > 1 else { return 0 }
    let range = UInt32(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = UInt64(nextUInt32()) * UInt64(range)
      if UInt32(truncatingIfNeeded: product) >= threshold { return Int(product >> 32) }
    }
  }
}
