// PyTorch's CPU generator: the stream that `torch.manual_seed` starts. The kinds of number that are
// drawn from it are extensions, a file each: +Normal, +Permutation, +Uniform.

/// The generator behind PyTorch's CPU random functions, reproduced draw by draw.
///
/// A generator is a value: a copy continues the same stream independently. It is always passed as an
/// explicit `inout` argument, so that who draws, and in which order, can be read from the code.
///
/// Reference: PyTorch, `aten/src/ATen/CPUGeneratorImpl.cpp` and `ATen/core/MT19937RNGEngine.h`.
public struct TorchGenerator: Equatable, Sendable {
  private var engine: MersenneTwister

  /// Draws that are to be skipped before the next one: a stream that nothing is drawn from costs nothing.
  private var pendingSkips = 0

  /// The second normal of the last scalar Box–Muller pair, kept for the next scalar draw.
  var pendingNormal: Double?

  /// Starts the stream of `torch.manual_seed(seed)`.
  ///
  /// - Parameter seed: All 64 bits are accepted; as in PyTorch, only the low 32 reach the engine.
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

  /// The next 64 random bits: two 32-bit draws, the first of them in the high half.
  public mutating func nextUInt64() -> UInt64 {
    let high = UInt64(nextUInt32())
    return high << 32 | UInt64(nextUInt32())
  }

  /// Draws and forgets, for constructions whose results are overwritten.
  ///
  /// `nn.Linear` fills its weight, then its bias, from a uniform distribution that costs one 32-bit
  /// draw an element before an initializer of one's own is applied; to follow the stream those draws
  /// must be made.
  ///
  /// - Parameter count: The number of 32-bit draws; they are made when something is drawn after them.
  public mutating func skip(_ count: Int) {
    precondition(count >= 0, "\(count) draws to be skipped")
    pendingSkips += count
  }
}
