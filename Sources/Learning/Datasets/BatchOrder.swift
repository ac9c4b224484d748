import ZerORandomness
import ZerORequirements

/// The sample order of two shuffling PyTorch `DataLoader`s, one for training and one for tests.
///
/// Each pass over a loader draws a 64-bit base seed from the global generator, then a 63-bit seed
/// for the sampler. The sampler's own generator draws the permutation. Both loaders draw from the
/// same stream, so one value of this type, called alternately for training and test passes,
/// reproduces a training script after `torch.manual_seed(seed)`.
///
/// Reference: PyTorch, `torch/utils/data/dataloader.py` and `sampler.py`, `RandomSampler`.
public struct BatchOrder: Sendable {
  private var generator: TorchGenerator

  /// Starts the stream of `torch.manual_seed(seed)`.
  public init(seed: UInt64) { generator = TorchGenerator(seed: seed) }

  /// Skips a pass: later passes have the same order as after `nextPass`.
  ///
  /// Only the seeds are drawn; the permutation has a generator of its own.
  public mutating func skipPass() { _ = nextSeed() }

  /// Returns the order of the next pass.
  ///
  /// - Parameter count: The number of samples.
  /// - Returns: A permutation of 0 ..< `count`. Batches are consecutive slices of it; the last may
  ///   be shorter.
  public mutating func nextPass(count: Int) -> [Int] {
    var sampler = TorchGenerator(seed: nextSeed())
    return Array(sampler.permutation(count: count))
  }

  private mutating func nextSeed() -> UInt64 {
    _ = generator.nextUInt64()
    return generator.random()
  }
}

extension [Int] {
  /// Splits an array into consecutive slices of equal length; the last may be shorter.
  ///
  /// - Parameter size: The length, at least 1.
  /// - Returns: The slices, in order.
  public func batches(of size: Int) -> [ArraySlice<Int>] {
    require(size > 0, "batches of \(size)")
    return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
