/// NumPy's `SeedSequence` without spawned children, which expands a small seed to the state of a generator.
///
/// It hashes the seed into a pool of four words, and the pool into as many words as the generator needs.
///
/// Reference: M. E. O'Neill, "Developing a seed_seq alternative", 2015; NumPy, `bit_generator.pyx`.
struct SeedSequence: Sendable {
  private static let poolSize = 4

  private var pool: [UInt32]

  /// Hashes a seed of up to 64 bits.
  init(_ seed: UInt64) {
    var entropy = [UInt32(truncatingIfNeeded: seed)]
    if seed >> 32 != 0 { entropy.append(UInt32(truncatingIfNeeded: seed >> 32)) }
    var hash = Hash(constant: 0x43b0_d7e5, multiplier: 0x931e_8875)
    pool = (0..<Self.poolSize).map { hash($0 < entropy.count ? entropy[$0] : 0) }
    for source in 0..<Self.poolSize {
      for target in 0..<Self.poolSize where source != target {
        pool[target] = Self.mix(pool[target], hash(pool[source]))
      }
    }
  }

  /// Expands the pool to `count` words of 64 bits, low halves first.
  func state(count: Int) -> [UInt64] {
    var hash = Hash(constant: 0x8b51_f9dd, multiplier: 0x58f3_8ded)
    let words = (0..<2 * count).map { UInt64(hash(pool[$0 % Self.poolSize])) }
    return (0..<count).map { words[2 * $0] | words[2 * $0 + 1] << 32 }
  }

  private static func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
    let result = 0xca01_f9dd &* x &- 0x4973_f715 &* y
    return result ^ (result >> 16)
  }

  /// A multiplicative hash whose constant changes with every value.
  private struct Hash {
    var constant: UInt32
    let multiplier: UInt32

    mutating func callAsFunction(_ value: UInt32) -> UInt32 {
      var mixed = value ^ constant
      constant = constant &* multiplier
      mixed = mixed &* constant
      return mixed ^ (mixed >> 16)
    }
  }
}
