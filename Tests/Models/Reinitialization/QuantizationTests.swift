// Models whose matrices are integers or eighths with factors, which new weights would ruin.

import Checkpoints
import Initializers
import TestSupport
import Testing

@testable import Reinitialization

@Suite struct QuantizationTests {
  private func plan(_ tensors: [MadeTensor]) throws -> ReinitializationPlan {
    try withModel(tensors) { model, _ in
      try ReinitializationPlan(model, initializer: try InitializerCatalog.entry(named: "ZerO"))
    }
  }

  @Test(arguments: [
    // GPTQ and AWQ.
    [MadeTensor("l.q.qweight", [2, 4], "I32"), MadeTensor("l.q.scales", [2, 4], "F16")],
    [MadeTensor("l.q.qweight", [2, 4], "I32")],
    // Eighths, with a factor for each row or block.
    [MadeTensor("l.q.weight", [8, 8], "F8_E4M3"), MadeTensor("l.q.weight_scale", [8, 1])],
    [MadeTensor("l.q.weight", [8, 8], "F8_E4M3"), MadeTensor("l.q.weight_scale_inv", [2, 2])],
    // Packed integers, and MLX's.
    [MadeTensor("l.q.weight_packed", [8, 1], "I32"), MadeTensor("l.q.weight_scale", [8, 1])],
    [MadeTensor("l.q.weight", [8, 1], "U32"), MadeTensor("l.q.scales", [8, 1], "F16")],
    [MadeTensor("weight", [8, 1], "U8"), MadeTensor("weight_scale", [8, 1])],
  ])
  func `a quantized model is refused`(tensors: [MadeTensor]) {
    #expect {
      _ = try self.plan([MadeTensor("a.weight", [4, 4])] + tensors)
    } throws: { error in
      "\(error)".hasSuffix(": quantized ('\(tensors[0].name)' for one); dequantize it first")
    }
  }

  @Test func `scales of other things, and eighths without any, are no reason to refuse`() throws {
    let plan = try plan([
      MadeTensor("a.weight", [8, 8], "F8_E4M3"), MadeTensor("b.weight", [8, 8]),
      MadeTensor("b.scales", [8, 1]), MadeTensor("c.weight_scale", [8, 1]),
      MadeTensor("steps", [4], "I64"), MadeTensor("scales", [4]),
      MadeTensor("d.index", [4], "I64"), MadeTensor("d.scales", [4]),
    ])
    #expect(plan.assignments.count == 8)
  }
}
