// Machine code for one product of small matrices, made by libxsmm for the processor at hand. OpenBLAS copies its factors
// into another order first, which pays only for large ones.

#if canImport(CXSMM)
  internal import CXSMM
#endif

/// A product of small column-major matrices, C ← A·op(B), as machine code.
@safe struct TileKernel: Sendable {
  #if canImport(CXSMM)
    private typealias Code = product_kernel
  #else
    private typealias Code =
      @convention(c) (
        UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?
      ) -> Void
  #endif

  private let code: Code

  /// Makes the code of C ← A·op(B).
  ///
  /// - Parameters:
  ///   - m: The rows of A and C.
  ///   - n: The columns of C.
  ///   - k: The columns of A.
  ///   - strides: The distances between the columns of A, B and C, in elements.
  ///   - transposesRight: Whether op(B) = Bᵀ.
  ///   - scalar: The precision.
  ///
  /// The result is `nil` without libxsmm, and for a processor without AVX2.
  /// - Complexity: About 0.1 ms for new sizes; the library keeps the code of known ones.
  init?<Scalar: MatrixScalar>(
    m: Int, n: Int, k: Int, strides: (a: Int, b: Int, c: Int),
    transposesRight: Bool = false, _ scalar: Scalar.Type
  ) {
    #if canImport(CXSMM)
      let flags = transposesRight ? Int32(transposes_right) : 0
      let (m, n, k) = (Int32(m), Int32(n), Int32(k))
      let (a, b, c) = (Int32(strides.a), Int32(strides.b), Int32(strides.c))
      let made =
        scalar == Float.self
        ? unsafe single_precision_kernel(m, n, k, a, b, c, flags)
        : unsafe double_precision_kernel(m, n, k, a, b, c, flags)
      guard let made = unsafe made else { return nil }
      unsafe code = made
    #else
      return nil
    #endif
  }

  /// Runs the code.
  @inline(__always) func callAsFunction(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer
  ) {
    unsafe code(a, b, c)
  }
}
