// Sums of products of small matrices, of which a convolution consists: one product per tap.

#if canImport(CXSMM)
  internal import CXSMM
#endif

/// A sum of products of small column-major matrices, C ← ΣAᵢ·Bᵢ or C ← C + ΣAᵢ·Bᵢ.
///
/// libxsmm makes machine code for the sizes and keeps C in registers over all products; without it, OpenBLAS adds product by product.
@safe struct SummedProduct<Scalar: MatrixScalar>: Sendable {
  #if canImport(CXSMM)
    private let code: summed_product_kernel?
  #endif

  private let m, n, k: Int
  private let strides: (a: Int, b: Int, c: Int)
  private let adds: Bool

  /// Makes the code.
  ///
  /// - Parameters:
  ///   - m: The rows of Aᵢ and C.
  ///   - n: The columns of C.
  ///   - k: The columns of Aᵢ.
  ///   - strides: The distances between the columns of Aᵢ, Bᵢ and C, in elements.
  ///   - adds: Whether the sum is added to C.
  ///   - library: The library that computes it.
  /// - Complexity: About 0.1 ms for new sizes; libxsmm keeps the code of known ones.
  init(
    m: Int, n: Int, k: Int, strides: (a: Int, b: Int, c: Int), adds: Bool = false,
    library: ProductLibrary
  ) {
    (self.m, self.n, self.k) = (m, n, k)
    (self.strides, self.adds) = (strides, adds)
    #if canImport(CXSMM)
      let (rows, columns, inner) = (Int32(m), Int32(n), Int32(k))
      let (a, b, c) = (Int32(strides.a), Int32(strides.b), Int32(strides.c))
      if library == .openBLAS {
        unsafe code = nil
      } else if Scalar.self == Float.self {
        unsafe code = single_precision_sum(rows, columns, inner, a, b, c, adds ? 1 : 0)
      } else {
        unsafe code = double_precision_sum(rows, columns, inner, a, b, c, adds ? 1 : 0)
      }
    #endif
  }

  /// The addresses of the factors of a sum.
  @safe struct Factors: ~Copyable {
    fileprivate let left, right: UnsafeMutablePointer<UnsafeRawPointer?>
    fileprivate(set) var count = 0

    /// Makes room for some products.
    init(capacity: Int) {
      unsafe left = .allocate(capacity: capacity)
      unsafe right = .allocate(capacity: capacity)
    }

    deinit {
      unsafe left.deallocate()
      unsafe right.deallocate()
    }

    /// Adds a product.
    @inline(__always) mutating func append(_ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>) {
      unsafe left[count] = UnsafeRawPointer(a)
      unsafe right[count] = UnsafeRawPointer(b)
      count &+= 1
    }

    /// Removes all products.
    @inline(__always) mutating func removeAll() { count = 0 }
  }

  /// Computes the sum.
  ///
  /// - Parameters:
  ///   - factors: At least one product, unless the sum is added to C.
  ///   - c: C.
  @inline(__always) func callAsFunction(
    _ factors: borrowing Factors, _ c: UnsafeMutablePointer<Scalar>
  ) {
    guard factors.count > 0 else { return }
    #if canImport(CXSMM)
      if let code = unsafe code {
        var count = UInt64(factors.count)
        unsafe code(factors.left, factors.right, c, &count)
        return
      }
    #endif
    unsafe addProducts(factors, c)
  }

  /// Adds the products one by one.
  ///
  /// A column-major matrix is the transpose of a row-major one, and Cᵀ = ΣBᵢᵀ·Aᵢᵀ.
  private func addProducts(_ factors: borrowing Factors, _ c: UnsafeMutablePointer<Scalar>) {
    BLAS.useOneThread()
    for index in 0..<factors.count {
      unsafe Scalar.gemm(
        Multiplication(
          transposesLeft: false, transposesRight: false, rows: n, columns: m, inner: k,
          alpha: 1, left: factors.right[index]?.assumingMemoryBound(to: Scalar.self),
          leftStride: strides.b,
          right: factors.left[index]?.assumingMemoryBound(to: Scalar.self), rightStride: strides.a,
          beta: adds || index > 0 ? 1 : 0, result: c, resultStride: strides.c))
    }
  }
}
