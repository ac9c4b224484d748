// The last weights of residual branches, guessed from names in blocks.

import TestSupport
import Testing
import ZerOCheckpoints

@testable import ZerOReinitialization

@Suite struct BranchEndsTests {
  private func patterns(_ tensors: [MadeTensor], set: String? = nil, isPlain: Bool = false) throws
    -> [String]
  {
    try withModel(tensors) { model, _ in
      try plan(model, "ZerO", set: set, isPlain: isPlain).remarks.flatMap { remark in
        if case .branchEnds(let patterns) = remark { patterns } else { [String]() }
      }
    }
  }

  private func blocks(_ count: Int, _ tensors: [(String, [Int])]) -> [MadeTensor] {
    (0..<count).flatMap { block in
      tensors.map { MadeTensor("blocks.\(block).\($0.0).weight", $0.1) }
    }
  }

  @Test func `the second convolutions of a residual network are named`() throws {
    let network =
      blocks(
        3,
        [
          ("c1", [16, 16, 3, 3]), ("b1", [16]), ("c2", [16, 16, 3, 3]),
          ("downsample.0", [16, 16, 1, 1]),
        ]) + [MadeTensor("stem.weight", [16, 3, 3, 3]), MadeTensor("fc.weight", [10, 16])]
    #expect(try patterns(network) == ["*.c2.weight"])
    #expect(
      PlanRemark.branchEnds(patterns: ["*.c2.weight", "*.o.weight"]).description
        .hasSuffix("give --zero '*.c2.weight' --zero '*.o.weight'"))
    // Explicit `generic` or `isPlain` silences the remark.
    #expect(try patterns(network, set: "generic").isEmpty)
    #expect(try patterns(network, isPlain: true).isEmpty)
    #expect(try patterns(Array(network.prefix(4))).isEmpty)
  }

  @Test func `in a transformer only feed-forward layers are named, since W_V = 0`() throws {
    let gpt = blocks(
      2,
      [
        ("attn.qkv", [48, 16]), ("attn.proj", [16, 16]), ("mlp.0", [64, 16]), ("mlp.2", [16, 64]),
      ])
    #expect(try patterns(gpt) == ["*.mlp.2.weight"])
    let plain = blocks(
      2,
      [
        ("q", [16, 16]), ("k", [16, 16]), ("v", [16, 16]), ("o", [16, 16]), ("w1", [64, 16]),
        ("w2", [16, 64]), ("w3", [64, 16]),
      ])
    #expect(try patterns(plain) == ["*.o.weight", "*.w2.weight"])
    let nested = (0..<2).flatMap { block in
      ["a", "b"].enumerated().map { MadeTensor("l.\(block).net.\($0.offset).weight", [16, 16]) }
        + [MadeTensor("l.\(block).net.3.weight", [16, 16])]
    }
    #expect(try patterns(nested) == ["*.net.3.weight"])
  }

  @Test func `networks without blocks, and widening blocks, have none`() throws {
    let stack = (0..<5).map { MadeTensor("features.\($0 * 2).weight", [16, 16, 3, 3]) }
    #expect(try patterns(stack).isEmpty)
    let dense = blocks(3, [("conv1", [64, 32, 1, 1]), ("conv2", [8, 64, 3, 3])])
    #expect(try patterns(dense).isEmpty)
  }
}
