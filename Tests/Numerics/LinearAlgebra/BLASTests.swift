import Testing

@testable import ZerOLinearAlgebra

@Suite struct BLASTests {
  @Test func `products run on one thread`() {
    _ = Matrix<Float>.identity(rows: 2, columns: 2) * .identity(rows: 2, columns: 2)
    #expect(BLAS.threadsNow == 1)
  }

  @Test
  func `an unknown processor gets the best kernel that its instructions allow`() {
    let old: Set<Substring> = ["flags", "sse2", "sse4_2", "avx"]
    let usual = old.union(["avx2", "fma"])
    let wide = usual.union(["avx512f", "avx512cd", "avx512dq", "avx512bw", "avx512vl"])
    #expect(BLAS.suitableKernel(for: old) == nil)
    #expect(BLAS.suitableKernel(for: usual) == "Haswell")
    #expect(BLAS.suitableKernel(for: wide) == "SkylakeX")
    #expect(
      BLAS.suitableKernel(for: wide.subtracting(["avx512vl"])) == "Haswell", "incomplete AVX-512")
    #expect(BLAS.suitableKernel(for: []) == nil)
  }
}
