// The user's rules, and rejected ones.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct OverridesTests {
  private let tensors = [
    MadeTensor("l1.weight", [4, 4]), MadeTensor("l1.bias", [4]), MadeTensor("l2.weight", [4, 1]),
    MadeTensor("steps", [2, 2], "I64"),
  ]

  private func plan(
    _ model: TensorArchive, _ rules: [TensorRule], initializer: String = "ZerO"
  ) throws -> ReinitializationPlan {
    try ReinitializationPlan(
      model, initializer: try InitializerCatalog.builtIn.entry(named: initializer),
      overrides: Overrides(rules))
  }

  @Test func `they precede a rule set, and the most specific one applies in any order`() throws {
    let rules = [
      TensorRule("*", .keep), TensorRule("l1.*", .zeros), TensorRule("l?.weight", .ones),
      TensorRule("l2.weight", .matrix),
    ]
    try withModel(tensors) { model, _ in
      for rules in [rules, rules.reversed()] {
        let treatments = try plan(model, rules).assignments.map(\.treatment)
        #expect(treatments == [.ones, .zeros, .matrix, .keep])
      }
    }
  }

  @Test func `two equally specific ones are an error unless they agree`() throws {
    try withModel(tensors) { model, _ in
      let rules = [TensorRule("*bias", .keep), TensorRule("l1.b*", .ones)]
      let error = ReinitializationError.ambiguousPatterns(
        tensor: "l1.bias", first: rules[0], second: rules[1])
      #expect(throws: error) { try plan(model, rules) }
      #expect(
        error.description.hasPrefix(
          "'l1.bias' matches '*bias' (keep) and 'l1.b*' (ones), which are equally specific"))
      #expect(throws: Never.self) {
        try plan(model, [TensorRule("*bias", .keep), TensorRule("l1.b*", .keep)])
      }
    }
  }

  @Test func `a pattern without a match is reported with the nearest name`() throws {
    try withModel(tensors) { model, _ in
      #expect {
        try plan(model, [TensorRule("l1.wieght", .keep)])
      } throws: { error in
        let text = (error as? ReinitializationError)?.description ?? ""
        return text.contains("'l1.wieght'") && text.contains("did you mean 'l1.weight'?")
          && text.hasPrefix(model.path)
      }
    }
  }

  @Test func `impossible treatments are rejected before anything is written`() throws {
    try withModel(tensors) { model, _ in
      let path = model.path
      #expect(
        throws: ReinitializationError.wrongShape(
          tensor: "l1.bias", shape: [4], treatment: "an identity",
          need: Treatment.identity.need, path: path)
      ) { try plan(model, [TensorRule("l1.bias", .identity)]) }
      #expect(
        throws: ReinitializationError.wrongShape(
          tensor: "l1.weight", shape: [4, 4], treatment: "a convolution kernel by ZerO",
          need: Treatment.convolution.need, path: path)
      ) { try plan(model, [TensorRule("l1.weight", .convolution)]) }
      #expect(
        throws: ReinitializationError.wrongType(
          tensor: "steps", type: "I64", treatment: "ones", path: path)
      ) { try plan(model, [TensorRule("steps", .ones)]) }
      #expect(throws: Never.self) { try plan(model, [TensorRule("steps", .zeros)]) }
      for (shape, kind) in [([256], "a vector of 256"), ([], "a scalar")] {
        #expect(
          ReinitializationError.wrongShape(
            tensor: "b", shape: shape, treatment: Treatment.identity.nounPhrase("ZerO"),
            need: Treatment.identity.need, path: "m"
          ).description.hasPrefix("m: 'b', \(kind), can't become an identity; that requires"))
      }
      #expect {
        try plan(model, [], initializer: "Spray")
      } throws: { error in
        guard case ReinitializationError.noWeight("l2.weight", _, path) = error else {
          return false
        }
        return true
      }
    }
  }

  @Test func `Q, K and V in one weight fit in either layout, or are rejected`() throws {
    let attention = Treatment.stacked([.identity, .zeros, .zeros])
    let tensors = [
      MadeTensor("a.qkv.weight", [12, 4]), MadeTensor("b.qkv.weight", [4, 12]),
      MadeTensor("h.query_key_value.weight", [12, 4]), MadeTensor("c.qkv.weight", [8, 4]),
    ]
    try withModel(tensors) { model, _ in
      let names = ["[ab].qkv.weight", "h.*"].map { TensorRule($0, attention) }
      let plan = try plan(model, names)
      #expect(plan.assignments.map(\.layout) == [.torch, .jax, .torch, .torch])
      #expect(plan.assignments.prefix(3).allSatisfy { $0.treatment == attention })
      #expect(plan.remarks.contains(.perhapsInterleaved(tensor: "h.query_key_value.weight")))
      #expect {
        try self.plan(model, [TensorRule("*.qkv.weight", attention)])
      } throws: { error in
        "\(error)".hasSuffix(
          "'c.qkv.weight', a matrix of 8x4, can't become several weights in one (identity | zeros | "
            + "zeros); that requires a matrix with 3 times as many outputs as inputs; --identity sets the "
            + "first outputs to the identity and the others to 0")
      }
    }
  }

  @Test func `a rule of the user marks a transposed convolution`() throws {
    try withModel([MadeTensor("up.weight", [8, 4, 2, 2])]) { model, _ in
      let plan = try plan(model, [TensorRule("up*", .convolution, layout: .transposed)])
      #expect(plan.assignments[0].text("ZerO") == "ZerO, convolution, inputs first")
    }
  }

  @Test func `the model itself is not overwritten, under any spelling of its path`() throws {
    try withModel(tensors) { model, folder in
      let before = try Data(contentsOf: URL(fileURLWithPath: model.path))
      let link = folder.appendingPathComponent("link.safetensors")
      try FileManager.default.createSymbolicLink(
        atPath: link.path, withDestinationPath: "model.safetensors")
      let roundabout = folder.appendingPathComponent("x/../model.safetensors").path
      for path in [model.path, link.path, roundabout] {
        #expect(throws: ReinitializationError.overwritesItself(path: path)) {
          try plan(model, []).write(to: path, seed: 0)
        }
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: model.path)) == before)
    }
  }

  @Test func `NumPy arrays are rejected as a model`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("w.npy")
      try Data(NPYFile.encode(shape: [2, 2], values: [1, 2, 3, 4])).write(to: url)
      #expect(throws: ReinitializationError.wrongFormat(path: url.path)) {
        try plan(try TensorArchive(url.path), [])
      }
    }
  }

  @Test func `a tensor's whole name is literal`() throws {
    try withModel([MadeTensor("w0", [4, 4]), MadeTensor("w[0]", [4, 4])]) { model, _ in
      let plan = try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"),
        overrides: Overrides([TensorRule("w[0]", .keep)]))
      #expect(plan.assignments.map(\.treatment) == [.matrix, .keep])
    }
  }
}
