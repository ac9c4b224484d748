// Weights that PyTorch stores as a direction v and a length g, W = g·v/|v|.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct WeightNormalizationTests {
  /// PyTorch's two namings of g and v.
  private static let namings = [
    ("c.weight_g", "c.weight_v"),
    ("c.parametrizations.weight.original0", "c.parametrizations.weight.original1"),
  ]

  /// g·v/|v|, computed independently: values of v with equal indices along g's dimensions share a
  /// norm.
  private func effective(
    _ direction: ContiguousArray<Float>, _ shape: [Int], _ length: ContiguousArray<Float>,
    _ lengthShape: [Int]
  ) -> [Double] {
    func slice(_ place: Int) -> Int {
      var (rest, slice, step) = (place, 0, 1)
      for axis in shape.indices.reversed() {
        if !lengthShape.isEmpty, lengthShape[axis] > 1 {
          slice += rest % shape[axis] * step
          step *= shape[axis]
        }
        rest /= shape[axis]
      }
      return slice
    }
    var squares = [Double](repeating: 0, count: length.count)
    for (place, value) in direction.enumerated() {
      squares[slice(place)] += Double(value) * Double(value)
    }
    return direction.enumerated().map { place, value in
      Double(length[slice(place)]) * Double(value) / squares[slice(place)].squareRoot()
    }
  }

  @Test(
    arguments: ["ZerO", "ConstAvg", "IDInit_Branch_End", "Zeros", "Random", "Orthogonal", "OnE"],
    [[6, 1, 1, 1], [1, 3, 1, 1], [1, 1, 3, 1], [6, 1, 1, 3], [], [1, 1, 1, 1]])
  func `v/|v| times g is the weight without normalization`(initializer: String, length: [Int])
    throws
  {
    let shape = [6, 3, 3, 3]
    let plain = [wave("c.weight", shape), wave("d.weight", [4, 2])]
    let expected = try withModel(of: plain) { try newValues(of: plan($0, initializer), in: $1) }
    for (g, v) in Self.namings {
      let tensors = [wave(g, length), wave(v, shape), wave("d.weight", [4, 2])]
      try withModel(of: tensors) { model, folder in
        let plan = try plan(model, initializer)
        #expect(
          plan.assignments.map(\.treatment) == [.norms, .convolution, .matrix])
        let new = try newValues(of: plan, in: folder)
        expectClose(
          effective(try #require(new[v]), shape, try #require(new[g]), length),
          try #require(expected["c.weight"]).map(Double.init),
          within: Tolerance(relative: 0x1p-23, because: "g is rounded to single precision"))
        // Draws continue as without normalization.
        #expect(new["d.weight"] == expected["d.weight"])
      }
    }
  }

  @Test func `where the weight is 0, the length is 0 and the direction is kept`() throws {
    let direction = wave("conv.weight_v", [4, 2, 3])
    try withModel(of: [wave("conv.weight_g", [1, 1, 3]), direction]) { model, folder in
      let new = try newValues(of: plan(model, "Partial_Identity", [], layout: .torch), in: folder)
      // Only the center tap is not 0.
      #expect(new["conv.weight_g"] == [0, Float(2).squareRoot(), 0])
      let v = try #require(new["conv.weight_v"])
      for place in v.indices where place % 3 != 1 { #expect(v[place] == direction.values[place]) }
    }
    // A direction of 0 becomes a unit vector.
    let nothing = NamedTensor(name: "c.weight_v", shape: [2, 2], values: [0, 0, 3, 4])
    try withModel(of: [wave("c.weight_g", [2, 1]), nothing]) { model, folder in
      let new = try newValues(of: plan(model, "Zeros"), in: folder)
      #expect(new["c.weight_v"] == [1, 0, 3, 4] && new["c.weight_g"] == [0, 0])
    }
  }

  @Test func `rules apply to the weight, and a kept direction keeps its length`() throws {
    let tensors = [
      wave("layer1.0.conv1.weight", [4, 4, 3, 3]), wave("layer1.0.bn1.weight", [4]),
      wave("layer1.0.conv2.weight_g", [4, 1, 1, 1]),
      wave("layer1.0.conv2.weight_v", [4, 4, 3, 3]),
    ]
    try withModel(of: tensors) { model, folder in
      #expect(
        try plan(model).assignments.map(\.treatment) == [.ones, .convolution, .norms, .zeros])
      #expect(
        try newValues(of: plan(model), in: folder)["layer1.0.conv2.weight_g"] == [0, 0, 0, 0])
      let kept = try plan(model, "ZerO", [TensorRule("*weight_v", .keep)])
      #expect(kept.assignments.map(\.treatment) == [.ones, .convolution, .keep, .keep])
      #expect(kept.remarks.isEmpty)
      #expect(
        try plan(model).remarks == [
          .weightNormalization(
            direction: "layer1.0.conv2.weight_v", length: "layer1.0.conv2.weight_g")
        ])
    }
  }

  @Test func `otherwise parametrized weights are kept with a remark`() throws {
    let spectral = [
      wave("a.weight_orig", [4, 3]), wave("a.weight_u", [4]), wave("a.weight_v", [3]),
      wave("b.parametrizations.weight.0._u", [4]), wave("b.parametrizations.weight.0._v", [3]),
      wave("b.parametrizations.weight.original", [4, 3]),
      // Lengths that don't match the slices.
      wave("c.weight_g", [3]), wave("c.weight_v", [4, 3]),
    ]
    try withModel(of: spectral) { model, _ in
      let plan = try plan(model)
      #expect(plan.assignments.allSatisfy { $0.treatment == .keep })
      #expect(plan.remarks == [.kept(.parametrizations, tensor: "a.weight_orig")])
    }
    // Other names with these endings are not a pair.
    try withModel(of: [wave("w_g", [4, 4]), wave("w_v", [4, 4])]) { model, _ in
      let plan = try plan(model)
      #expect(plan.assignments.map(\.treatment) == [.matrix, .matrix])
    }
  }
}
