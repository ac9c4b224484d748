// MT19937, the engine of PyTorch's CPU generator, as a raw 32-bit stream. `TorchGenerator` converts the stream to
// numbers.

/// The 32-bit Mersenne Twister, MT19937.
///
/// The generator is a value: a copy continues the same stream independently.
///
/// Reference: M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed
/// uniform pseudo-random number generator", ACM Transactions on Modeling and Computer Simulation 8
/// (1998).
struct MersenneTwister: Equatable, Sendable {
  private static let size = 624
  private static let shift = 397

  private var state: ContiguousArray<UInt32>
  private var position: Int

  /// Seeds the state with the initialization of 2002, whose multiplier is 1812433253.
  init(seed: UInt32) {
    state = ContiguousArray(repeating: seed, count: Self.size)
    for i in 1..<Self.size {
      let previous = state[i - 1]
      state[i] = 1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(i)
    }
    position = Self.size
  }

  /// The next 32 tempered bits.
  mutating func next() -> UInt32 {
    if position == Self.size { twist() }
    var bits = state[position]
    position += 1
    bits ^= bits >> 11
    bits ^= (bits << 7) & 0x9d2c_5680
    bits ^= (bits << 15) & 0xefc6_0000
    return bits ^ (bits >> 18)
  }

  private mutating func twist() {
    for i in 0..<Self.size {
      let mixed =
        (state[i] & 0x8000_0000) | (state[(i + 1) % Self.size] & 0x7fff_ffff)
      state[i] =
        state[(i + Self.shift) % Self.size] ^ (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_b0df)
    }
    position = 0
  }
}
