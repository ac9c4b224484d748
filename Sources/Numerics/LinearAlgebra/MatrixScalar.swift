// The two element types of matrices, with BLAS's matrix product for each. Training runs in Float; tests run the
// same code in Double as a reference.

internal import COpenBLAS

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// An element type of matrices: `Float` or `Double`.
///
/// Other types should not conform.
public protocol MatrixScalar: BinaryFloatingPoint, Codable, SIMDScalar, Sendable
where RawSignificand: FixedWidthInteger & SIMDScalar {
  /// Computes C ← α·op(A)·op(B) + β·C on row-major buffers with BLAS's `gemm` for this type.
  static func gemm(_ call: Multiplication<Self>)

  /// Computes y ← y + x with BLAS's `axpy` for this type.
  @unsafe static func add(
    _ x: UnsafePointer<Self>, to y: UnsafeMutablePointer<Self>, count: Int)

  /// The C library's eˣ for this type.
  static func exponential(_ x: Self) -> Self

  /// The C library's tanh x for this type.
  static func hyperbolicTangent(_ x: Self) -> Self

  /// The C library's erf x for this type.
  static func errorFunction(_ x: Self) -> Self
}

/// The arguments of one BLAS matrix product; only `RowBlock.multiply` creates them.
@unsafe public struct Multiplication<Scalar: MatrixScalar> {
  let transposesLeft: Bool
  let transposesRight: Bool
  let rows: Int
  let columns: Int
  let inner: Int
  let alpha: Scalar
  let left: UnsafePointer<Scalar>?
  let leftStride: Int
  let right: UnsafePointer<Scalar>?
  let rightStride: Int
  let beta: Scalar
  let result: UnsafeMutablePointer<Scalar>?
  let resultStride: Int
}

extension Float: MatrixScalar {
  /// Computes the product in single precision, `cblas_sgemm`.
  public static func gemm(_ call: Multiplication<Float>) {
    unsafe cblas_sgemm(
      CblasRowMajor, call.transposesLeft ? CblasTrans : CblasNoTrans,
      call.transposesRight ? CblasTrans : CblasNoTrans, blasint(call.rows), blasint(call.columns),
      blasint(call.inner), call.alpha, call.left, blasint(call.leftStride), call.right,
      blasint(call.rightStride), call.beta, call.result, blasint(call.resultStride))
  }

  /// Computes the sum with `cblas_saxpy`.
  @unsafe public static func add(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int
  ) {
    unsafe cblas_saxpy(blasint(count), 1, x, 1, y, 1)
  }

  /// Computes eˣ with `expf`.
  @inline(__always) public static func exponential(_ x: Float) -> Float { exp(x) }

  /// Computes tanh x with `tanhf`.
  @inline(__always) public static func hyperbolicTangent(_ x: Float) -> Float { tanh(x) }

  /// Computes erf x with `erff`.
  @inline(__always) public static func errorFunction(_ x: Float) -> Float { erf(x) }
}

extension Double: MatrixScalar {
  /// Computes the product in double precision, `cblas_dgemm`.
  public static func gemm(_ call: Multiplication<Double>) {
    unsafe cblas_dgemm(
      CblasRowMajor, call.transposesLeft ? CblasTrans : CblasNoTrans,
      call.transposesRight ? CblasTrans : CblasNoTrans, blasint(call.rows), blasint(call.columns),
      blasint(call.inner), call.alpha, call.left, blasint(call.leftStride), call.right,
      blasint(call.rightStride), call.beta, call.result, blasint(call.resultStride))
  }

  /// Computes the sum with `cblas_daxpy`.
  @unsafe public static func add(
    _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    unsafe cblas_daxpy(blasint(count), 1, x, 1, y, 1)
  }

  /// Computes eˣ with `exp`.
  @inline(__always) public static func exponential(_ x: Double) -> Double { exp(x) }

  /// Computes tanh x with `tanh`.
  @inline(__always) public static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

  /// Computes erf x with `erf`.
  @inline(__always) public static func errorFunction(_ x: Double) -> Double { erf(x) }
}
