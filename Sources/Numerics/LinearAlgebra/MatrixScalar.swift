// The two number types that matrices are made of, and the one operation that differs between them by
// name in BLAS. Training runs in Float; proofs and oracles run the same code in Double.

internal import COpenBLAS

/// A number type that BLAS multiplies: `Float` or `Double`.
///
/// Not meant to be adopted by other types.
public protocol MatrixScalar: BinaryFloatingPoint, Codable, SIMDScalar, Sendable {
  /// C ← α·op(A)·op(B) + β·C on row-major buffers, by the type's `gemm`.
  static func gemm(_ call: Multiplication<Self>)
}

/// The arguments of one matrix product, as BLAS wants them; made by `RowBlock.multiply` alone.
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
  /// The product in single precision, `cblas_sgemm`.
  public static func gemm(_ call: Multiplication<Float>) {
    unsafe cblas_sgemm(
      CblasRowMajor, call.transposesLeft ? CblasTrans : CblasNoTrans,
      call.transposesRight ? CblasTrans : CblasNoTrans, blasint(call.rows), blasint(call.columns),
      blasint(call.inner), call.alpha, call.left, blasint(call.leftStride), call.right,
      blasint(call.rightStride), call.beta, call.result, blasint(call.resultStride))
  }
}

extension Double: MatrixScalar {
  /// The product in double precision, `cblas_dgemm`.
  public static func gemm(_ call: Multiplication<Double>) {
    unsafe cblas_dgemm(
      CblasRowMajor, call.transposesLeft ? CblasTrans : CblasNoTrans,
      call.transposesRight ? CblasTrans : CblasNoTrans, blasint(call.rows), blasint(call.columns),
      blasint(call.inner), call.alpha, call.left, blasint(call.leftStride), call.right,
      blasint(call.rightStride), call.beta, call.result, blasint(call.resultStride))
  }
}
