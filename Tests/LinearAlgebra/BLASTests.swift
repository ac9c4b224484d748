import LinearAlgebra
import Testing

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
}
