// Treatments that neighboring tensors show: transposed convolutions, gates, normalizations.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@testable import ZerOReinitialization

@Suite struct NeighborTests {
  @Test func `a bias along the second dimension transposes Algorithm 2`() throws {
    let tensors = [wave("up.weight", [8, 4, 2, 2]), wave("up.bias", [4])]
    try withModel(of: tensors) { model, folder in
      let plan = try plan(model)
      #expect(
        plan.assignments.map { $0.text("ZerO") } == ["zeros", "ZerO, convolution, inputs first"])
      #expect(plan.remarks.isEmpty)
      let weight = try #require(try newValues(of: plan, in: folder)["up.weight"])
      // 4 outputs, 8 inputs: the partial identity at the tap (1, 1), stored inputs first.
      for (place, value) in weight.enumerated() {
        let (input, output, tap) = (place / 16, place / 4 % 4, place % 4)
        #expect(value == (input == output && tap == 3 ? 1 : 0), "\(place)")
      }
    }
    // If the layer widens: Hadamard columns, not the identity of 4 x 8.
    try withModel(of: [wave("up.weight", [4, 8, 2, 2]), wave("up.bias", [8])]) { model, folder in
      let weight = try #require(try newValues(of: plan(model), in: folder)["up.weight"])
      var streams = RandomStreams(seed: 0)
      let expected = try ZerO(scale: .code).weight(
        WeightShape(outputs: 8, inputs: 4), using: &streams)
      for input in 0..<4 {
        for output in 0..<8 {
          #expect(weight[(input * 8 + output) * 4 + 3] == expected[output, input])
        }
      }
    }
  }

  @Test func `three dimensions are a convolution if a bias has one value per output`() throws {
    let tensors = [
      MadeTensor("net.0.weight", [8, 4, 5]), MadeTensor("net.0.bias", [8]),
      MadeTensor("net.1.weight", [8, 4, 5]), MadeTensor("net.1.bias", [4]),
      MadeTensor("net.2.weight", [8, 4, 5]), MadeTensor("net.2.bias", [5]),
      MadeTensor("net.3.weight", [8, 4, 5]), MadeTensor("net.3.bias", [4, 5]),
    ]
    try withModel(tensors) { model, _ in
      func texts(_ layout: TensorLayout) throws -> [String] {
        try plan(model, layout: layout).assignments.filter { $0.tensor.shape.count == 3 }
          .map { $0.text("ZerO") }
      }
      let torch = try texts(.torch)
      #expect(
        torch == ["ZerO, convolution", "ZerO, convolution, inputs first", "keep", "keep"])
      #expect(try texts(.mlx) == ["ZerO, convolution, inputs last", "keep", "keep", "keep"])
      // Flax's attention has such shapes.
      #expect(try texts(.jax) == ["keep", "keep", "keep", "keep"])
    }
  }

  @Test func `a bias of another length causes a remark`() throws {
    let groups = [MadeTensor("up.weight", [8, 2, 3, 3]), MadeTensor("up.bias", [4])]
    try withModel(groups) { model, _ in
      let remarks = try plan(model).remarks
      #expect(remarks == [.otherBias(tensor: "up.weight", outputs: 8, bias: 4)])
    }
    let dense = [MadeTensor("l.weight", [6, 4]), MadeTensor("l.bias", [4])]
    try withModel(dense) { model, _ in
      let remarks = try plan(model).remarks
      #expect(remarks == [.outputsProbablyLast(tensor: "l.weight")])
      #expect(
        try plan(model, layout: .torch).remarks
          == [.otherBias(tensor: "l.weight", outputs: 6, bias: 4)])
      #expect(try plan(model, layout: .jax).remarks.isEmpty)
    }
  }

  @Test func `each gate of a recurrent layer gets its own matrix`() throws {
    let gates = [
      ("lstm.weight_ih_l0", [24, 8], 4), ("lstm.weight_hh_l0", [24, 6], 4),
      ("gru.weight_ih_l1_reverse", [18, 8], 3), ("gru.weight_hh_l1_reverse", [18, 6], 3),
      // A projection to 4 values, and a simple RNN.
      ("p.weight_ih_l0", [24, 8], 4), ("p.weight_hh_l0", [24, 4], 4),
      ("p.weight_hr_l0", [4, 6], 1),
      ("cell.weight_ih", [6, 8], 1), ("cell.weight_hh", [6, 6], 1),
      // No valid number of gates.
      ("odd.weight_ih_l0", [12, 8], 1), ("odd.weight_hh_l0", [12, 6], 1),
    ]
    try withModel(of: gates.map { wave($0.0, $0.1) }) { model, folder in
      let plan = try plan(model)
      for (name, _, count) in gates {
        let assignment = plan.assignments.first { $0.tensor.name == name }
        #expect(assignment?.treatment == (count == 1 ? .matrix : .matrices(count)), "\(name)")
      }
      let new = try newValues(of: plan, in: folder)
      let identity = ContiguousArray<Float>((0..<36).map { $0 % 7 == 0 ? 1 : 0 })
      #expect(new["lstm.weight_hh_l0"] == identity + identity + identity + identity)
    }
    try withModel([
      MadeTensor("lstm/kernel:0", [8, 24]), MadeTensor("lstm/recurrent_kernel:0", [6, 24]),
    ]) { model, _ in
      let texts = try plan(model, layout: .jax).assignments.map { $0.text("ZerO") }
      #expect(texts == ["ZerO, 4 matrices, outputs last", "ZerO, 4 matrices, outputs last"])
    }
  }

  @Test func `a weight with a bias of the same shape is a normalization`() throws {
    try withModel([
      MadeTensor("ln.weight", [6, 8]), MadeTensor("ln.bias", [6, 8]),
      MadeTensor("ln3.weight", [2, 6, 8]), MadeTensor("ln3.bias", [2, 6, 8]),
      MadeTensor("attn.bias", [1, 1, 8, 8]), MadeTensor("relative_bias", [3, 4]),
    ]) { model, _ in
      let plan = try plan(model)
      #expect(plan.assignments.map(\.treatment) == [.ones, .zeros, .ones, .zeros, .keep, .keep])
      #expect(plan.remarks.isEmpty)
    }
  }

  @Test func `Keras's depthwise kernels have one input per output`() throws {
    let tensors = [wave("sep/depthwise_kernel:0", [3, 3, 4, 2]), wave("sep/bias:0", [8])]
    try withModel(of: tensors) { model, folder in
      let plan = try plan(model, "IDInit", layout: .jax)
      #expect(plan.remarks.isEmpty)
      let kernel = try #require(try newValues(of: plan, in: folder)["sep/depthwise_kernel:0"])
      for (place, value) in kernel.enumerated() { #expect(value == (place / 8 == 4 ? 1 : 0)) }
    }
  }
}
