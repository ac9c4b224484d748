import Testing

@testable import LinearAlgebra

@Suite struct BLASTests {
  @Test func `the library has one description, however many threads ask for it`() async {
    let descriptions = await withTaskGroup(of: Set<String>.self) { group in
      for _ in 0..<4 {
        group.addTask { Set((0..<50_000).map { _ in "\(BLAS.library), \(BLAS.kernel)" }) }
      }
      return await group.reduce(into: Set<String>()) { $0.formUnion($1) }
    }
    #expect(descriptions.count == 1, "\(descriptions)")
  }

  @Test
  func `a processor that the library doesn't know gets the kernel that its instructions allow`() {
    let old: Set<Substring> = ["flags", "sse2", "sse4_2", "avx"]
    let usual = old.union(["avx2", "fma"])
    let wide = usual.union(["avx512f", "avx512cd", "avx512dq", "avx512bw", "avx512vl"])
    #expect(BLAS.suitableKernel(for: old) == nil)
    #expect(BLAS.suitableKernel(for: usual) == "Haswell")
    #expect(BLAS.suitableKernel(for: wide) == "SkylakeX")
    #expect(
      BLAS.suitableKernel(for: wide.subtracting(["avx512vl"])) == "Haswell", "half of AVX-512")
    #expect(BLAS.suitableKernel(for: []) == nil)
  }
}
