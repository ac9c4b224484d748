// Groups of matrices, and the labels of their curves.

import Testing
import ZerOCheckpoints
import ZerONamePatterns

@testable import ZerOReports

@Suite struct MatrixGroupTests {
  private func gpt(layers: Int) -> [String] {
    ["transformer.wte.weight"]
      + (0..<layers).flatMap { layer in
        ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"].map {
          "transformer.h.\(layer).\($0).weight"
        }
      } + ["lm_head.weight"]
  }

  private func labels(_ names: [String], _ patterns: [String] = []) -> [String] {
    groups(names, patterns).map(\.label)
  }

  /// The groups of matrices of one shape.
  private func groups(_ names: [String], _ patterns: [String] = []) -> [MatrixGroup] {
    MatrixGroup.groups(
      of: names.map { ($0, [4, 8]) }, patterns: patterns.map(NamePattern.init))
  }

  @Test func `up to eight matrices have a curve each`() {
    let names = (1...8).map { "l\($0).weight" }
    #expect(labels(names) == names)
    #expect(labels([]).isEmpty)
    #expect(labels(names + ["l9.weight"]) == ["l*.weight"], "nine do not")
  }

  @Test func `matrices whose names differ only in the number of a layer form a group`() {
    let groups = groups(gpt(layers: 12))
    #expect(
      groups.map(\.label) == [
        "transformer.wte.weight", "transformer.h.*.attn.c_attn.weight",
        "transformer.h.*.attn.c_proj.weight", "transformer.h.*.mlp.c_fc.weight",
        "transformer.h.*.mlp.c_proj.weight", "lm_head.weight",
      ])
    #expect(groups[1].members.count == 12)
    #expect(groups[1].members[11] == "transformer.h.11.attn.c_attn.weight")
    #expect(groups.flatMap(\.members).count == 50, "each matrix belongs to one group")
  }

  @Test func `indices in brackets are numbers of layers, parts of words are not`() {
    let experts = (0..<12).map { "experts.w1[\($0)]" } + ["conv1.weight", "conv2.weight"]
    #expect(labels(experts) == ["experts.w1[*]", "conv1.weight", "conv2.weight"])
    let parts = (0..<12).map { "h.\($0).c_attn.weight[q]" }
    #expect(labels(parts) == ["h.*.c_attn.weight[q]"])
  }

  @Test func `names that are still too many are grouped by all digits`() {
    let names =
      ["conv1.weight"]
      + (1...4).flatMap { stage in
        (0..<2).flatMap { block in (1...2).map { "layer\(stage).\(block).conv\($0).weight" } }
      } + (2...4).map { "layer\($0).0.downsample.0.weight" } + ["fc.weight"]
    #expect(
      labels(names) == [
        "conv1.weight", "layer*.*.conv*.weight", "layer*.0.downsample.0.weight", "fc.weight",
      ])
  }

  @Test func `only matrices of equal shape form a group`() {
    let layers = (0..<4).flatMap { layer in
      [("h.\(layer).mlp.0.weight", [256, 64]), ("h.\(layer).mlp.2.weight", [64, 256])]
    }
    let groups = MatrixGroup.groups(of: layers + [("head.weight", [10, 64])])
    #expect(groups.map(\.label) == ["h.*.mlp.0.weight", "h.*.mlp.2.weight", "head.weight"])
    #expect(groups[1].members == (0..<4).map { "h.\($0).mlp.2.weight" })
    let stages = (0..<12).map { ("layer\($0).weight", [$0.isMultiple(of: 2) ? 16 : 32, 8]) }
    #expect(
      MatrixGroup.groups(of: stages).map(\.label) == ["layer*.weight 16x8", "layer*.weight 32x8"])
    let own = MatrixGroup.groups(of: layers, patterns: [NamePattern("mlp")])
    #expect(own.map(\.members.count) == [8], "a pattern of the user joins shapes")
  }

  @Test func `a pattern collects the matrices whose names contain a match`() {
    let names = gpt(layers: 2)
    let groups = groups(names, ["h.*.mlp", "c_proj"])
    #expect(groups.map(\.label).filter { !names.contains($0) } == ["c_proj", "h.*.mlp"])
    let mlp = groups.first { $0.label == "h.*.mlp" }
    #expect(mlp?.members.count == 4, "the first pattern has the projections of the MLP")
    #expect(groups.first { $0.label == "c_proj" }?.members.count == 2)
    #expect(labels(names, ["nothing"]).allSatisfy { $0 != "nothing" })
    #expect(labels(["a.weight", "b.weight"], ["a"]) == ["a.weight", "b.weight"], "one member")
  }

  @Test func `labels are short, different and never empty`() {
    #expect(
      ShortLabels.of(labels(gpt(layers: 12))) == [
        "wte", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj", "lm_head",
      ])
    #expect(ShortLabels.of(["l1.weight", "l2.weight"]) == ["l1", "l2"])
    #expect(ShortLabels.of(["a.weight"]) == ["a"])
    #expect(
      ShortLabels.of(["wte.weight", "h.*.attn.c_attn.weight[q]", "h.*.attn.c_attn.weight[k]"])
        == ["wte", "c_attn[q]", "c_attn[k]"])
    #expect(ShortLabels.of(["layer*.weight 16x8", "b.weight"]) == ["layer* 16x8", "b"])
    #expect(ShortLabels.of(["a.weight", "a"]) == ["a.weight", "a"], "both would be a")
    #expect(ShortLabels.of(["a.b", "b"]) == ["a.b", "b"], "both would be b")
    #expect(ShortLabels.of(["x.weight", "weight"]) == ["x", "weight"])
    #expect(ShortLabels.of(["h.0.a.weight", "h.1.a.weight", "b"]) == ["h.0", "h.1", "b"])
    #expect(
      ShortLabels.of(["0.weight", "2.weight", "fc.weight"]) == ["0.weight", "2.weight", "fc"])
    #expect(ShortLabels.of(["m.a", "m.b", "m."]) == ["m.a", "m.b", "m."])
    #expect(ShortLabels.of([]).isEmpty)
  }
}
