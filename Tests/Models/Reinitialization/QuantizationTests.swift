// Quantized models, which consist of integers or 8-bit floats with scales.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct QuantizationTests {
  private func plan(_ tensors: [MadeTensor]) throws -> ReinitializationPlan {
    try withModel(tensors) { model, _ in
      try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"))
    }
  }

  @Test(arguments: [
    // GPTQ and AWQ.
    [MadeTensor("l.q.qweight", [2, 4], "I32"), MadeTensor("l.q.scales", [2, 4], "F16")],
    [MadeTensor("l.q.qweight", [2, 4], "I32")],
    // 8-bit floats with one scale per row or block.
    [MadeTensor("l.q.weight", [8, 8], "F8_E4M3"), MadeTensor("l.q.weight_scale", [8, 1])],
    [MadeTensor("l.q.weight", [8, 8], "F8_E4M3"), MadeTensor("l.q.weight_scale_inv", [2, 2])],
    // Packed integers, and MLX.
    [MadeTensor("l.q.weight_packed", [8, 1], "I32"), MadeTensor("l.q.weight_scale", [8, 1])],
    [MadeTensor("l.q.weight", [8, 1], "U32"), MadeTensor("l.q.scales", [8, 1], "F16")],
    [MadeTensor("weight", [8, 1], "U8"), MadeTensor("weight_scale", [8, 1])],
  ])
  func `a quantized model is rejected`(tensors: [MadeTensor]) {
    #expect {
      _ = try self.plan([MadeTensor("a.weight", [4, 4])] + tensors)
    } throws: { error in
      "\(error)".hasSuffix(
        ": the model is quantized (such as '\(tensors[0].name)'); dequantize it first")
    }
  }

  @Test func `other scales, and 8-bit floats without scales, are accepted`() throws {
    let plan = try plan([
      MadeTensor("a.weight", [8, 8], "F8_E4M3"), MadeTensor("b.weight", [8, 8]),
      MadeTensor("b.scales", [8, 1]), MadeTensor("c.weight_scale", [8, 1]),
      MadeTensor("steps", [4], "I64"), MadeTensor("scales", [4]),
      MadeTensor("d.index", [4], "I64"), MadeTensor("d.scales", [4]),
    ])
    #expect(plan.assignments.count == 8)
  }
}
