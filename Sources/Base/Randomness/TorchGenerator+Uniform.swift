// Uniform variates and raw integers as PyTorch draws them on a CPU.

extension TorchGenerator {
  /// Draws what `torch.empty(count).uniform_(lower, upper)` would hold, exactly.
  ///
  /// ```
  /// u = (x mod 2²⁴) / 2²⁴ · (upper − lower) + lower,   x a 32-bit draw
  /// ```
  ///
  /// in single precision, product and sum rounded once, as PyTorch is compiled for processors that can.
  ///
  /// - Parameters:
  ///   - count: The number of values, 0 or more.
  ///   - lower: The lower end, which can be drawn.
  ///   - upper: The upper end, at least `lower`.
  /// - Returns: `count` values.
  /// - Complexity: O(`count`).
  ///
  /// Reference: PyTorch, `aten/src/ATen/core/TransformationHelper.h`, `uniform_real`.
  public mutating func uniform(count: Int, lower: Float, upper: Float) -> ContiguousArray<Float> {
    precondition(count >= 0, "a negative number of uniforms: \(count)")
    precondition(lower <= upper, "uniforms from \(lower) to \(upper)")
    return ContiguousArray(
      (0..<count).map { _ in lower.addingProduct(nextUniform24(), upper - lower) })
  }

  /// Draws what `torch.empty((), dtype=torch.int64).random_()` holds: 63 bits of a 64-bit draw.
  ///
  /// - Returns: 0 … 2⁶³ − 1.
  public mutating func random() -> UInt64 { nextUInt64() & (1 << 63 - 1) }

  /// A single-precision uniform in [0, 1): 24 bits of one 32-bit draw.
  mutating func nextUniform24() -> Float {
    Float(nextUInt32() & 0xff_ffff) * 0x1p-24
  }
}
