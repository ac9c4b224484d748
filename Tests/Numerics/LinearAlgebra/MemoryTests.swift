import Testing
import ZerOLinearAlgebra

@Suite struct MemoryTests {
  @Test func `work that needs too much memory is an error with both sizes`() throws {
    #expect(Memory.available > 1 << 28)
    try Memory.check(Double(Memory.available), for: "it")
    #expect {
      try Memory.check(1e18, for: "the matrix")
    } throws: {
      "\($0)".hasPrefix("the matrix needs about 1000000000.0 GB of memory, but only ")
    }
  }
}
