// Which images form which batch: PyTorch's order.

import Randomness

/// The order in which two shuffling PyTorch `DataLoader`s, training and test, hand out samples.
///
/// Every pass over a loader takes a 64-bit base seed from the global generator, then a 63-bit seed
/// for the sampler, whose own generator draws the permutation. Which loader it is makes no
/// difference, so one value of this type, asked alternately for training and test passes, follows
/// `torch.manual_seed(seed)` and a training script from then on.
///
/// Reference: PyTorch, `torch/utils/data/dataloader.py` and `sampler.py`, `RandomSampler`.
public struct BatchOrder: Sendable {
  private var generator: TorchGenerator

  /// Starts the stream of `torch.manual_seed(seed)`.
  public init(seed: UInt64) { generator = TorchGenerator(seed: seed) }

  /// Leaves a pass out: the ones after it come as they would have after `nextPass`.
  ///
  /// Its order is drawn by a generator of its own, so none is drawn here.
  public mutating func skipPass() { _ = nextSeed() }

  /// The order of the next pass.
  ///
  /// - Parameter count: The number of samples.
  /// - Returns: A permutation of 0 ..< `count`; batches are its consecutive slices, the last one
  ///   possibly shorter.
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
  /// Consecutive slices of equal length, the last one possibly shorter.
  ///
  /// - Parameter size: The length, at least 1.
  /// - Returns: The slices, in order.
  public func batches(of size: Int) -> [ArraySlice<Int>] {
    precondition(size > 0, "batches of \(size)")
    return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
