// Permutations as `torch.randperm` draws them on a CPU.

extension TorchGenerator {
  /// Draws what `torch.randperm(count)` returns.
  ///
  /// Starting from the identity, for i = 0 … count − 2, element i is exchanged with element
  /// i + (x mod (count − i)), x a 32-bit draw.
  ///
  /// - Parameter count: The number of elements, below 2³² / 20, where PyTorch changes its algorithm.
  /// - Returns: A permutation of 0 ..< `count`; empty for 0.
  /// - Complexity: O(`count`).
  ///
  /// Reference: D. E. Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2P; PyTorch,
  /// `aten/src/ATen/native/TensorFactories.cpp`, `randperm_cpu`.
  public mutating func permutation(count: Int) -> ContiguousArray<Int> {
    precondition(
      (0..<Int(UInt32.max) / 20).contains(count), "no permutation of \(count) elements")
    var order = ContiguousArray(0..<count)
    for i in 0..<max(0, count - 1) {
      order.swapAt(i, i + Int(nextUInt32()) % (count - i))
    }
    return order
  }
}
