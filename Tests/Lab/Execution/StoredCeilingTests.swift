// Ceilings of the weights in a file.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerONetworks
import ZerOTraining

@testable import ZerOExecution

@Suite struct StoredCeilingTests {
  /// A network of each kind, as settings.
  enum Case: String, CaseIterable {
    case plain, deep, residual, cnn, resnet, resnet20, withoutNorm

    var plan: TrainingPlan {
      var plan = TrainingPlan(initializer: "Partial_Identity", width: 24)
      switch self {
      case .plain: break
      case .deep: (plan.depth, plan.norm, plan.bias) = (3, .rms, nil)
      case .residual: (plan.depth, plan.isResidual, plan.norm) = (4, true, .layer)
      case .cnn: (plan.model, plan.blocks, plan.widths) = ("cnn", ["1", "2"], ["6", "10"])
      case .resnet:
        (plan.model, plan.blocks, plan.widths) = ("resnet", ["1", "2"], ["16", "32"])
        plan.norm = .batch
      case .resnet20: (plan.model, plan.width, plan.norm) = ("resnet20", 16, .batch)
      case .withoutNorm:
        (plan.model, plan.blocks, plan.widths) = ("resnet", ["1"], ["16"])
      }
      return plan
    }

    var input: ValueShape {
      plan.model == "mlp"
        ? ValueShape(units: 10)
        : ValueShape(units: self == .cnn ? 3 : 1, height: 28, width: 28)
    }
  }

  @Test(arguments: Case.allCases)
  func `the ceilings of a saved network are those of its plan`(network: Case) throws {
    let plan = network.plan
    let expected = try CeilingSurvey(of: plan, input: network.input, classCount: 7)
    var saved: Network<Float> = try plan.start(input: network.input, classCount: 7).network
    // Running statistics of a training that changed no weight.
    for (index, parameter) in saved.graph.parameters.enumerated() where parameter.role == .mean {
      saved.parameters[index] = Matrix(rows: parameter.rows, columns: 1) { row, _ in Float(row) }
    }
    func survey() throws -> CeilingSurvey {
      try withTemporaryFolder { folder in
        let file = folder.appending(path: "model.safetensors")
        try Data(Safetensors.encode(saved.namedTensors)).write(to: file)
        let archive = try TensorArchive(file.path)
        var found = TrainingPlan(initializer: "ZerO", width: 1)
        found.bias = plan.bias
        // The tensors of group and layer normalization are alike.
        if plan.norm == .group { found.norm = .group }
        found.useModel(of: archive, unless: plan.norm == .group ? ["norm"] : [])
        #expect(found.norm == plan.norm && found.depth == plan.depth)
        let ends = try #require(found.ends(of: archive))
        #expect(ends.classCount == 7 && ends.input.units == network.input.units)
        return try CeilingSurvey(of: found, weights: archive)
      }
    }
    #expect(try survey().layers == expected.layers)
    // The negative control: one more weight that differs.
    let first = try #require(saved.graph.weights.dropFirst().first)
    saved.parameters[first][saved.parameters[first].rows - 1, 0] += 0.5
    #expect(try survey().layers != expected.layers)
  }

  @Test func `settings that were given stay`() throws {
    try withTemporaryFolder { folder in
      let plan = Case.resnet.plan
      let network: Network<Float> = try plan.start(
        input: Case.resnet.input, classCount: 3
      ).network
      let file = folder.appending(path: "model.safetensors")
      try Data(Safetensors.encode(network.namedTensors)).write(to: file)
      let archive = try TensorArchive(file.path)
      var other = TrainingPlan(initializer: "ZerO", width: 1)
      (other.model, other.norm, other.widths) = ("resnet", .group, ["8", "8"])
      other.useModel(of: archive, unless: ["norm", "widths"])
      #expect(other.norm == .group && other.widths == ["8", "8"] && other.blocks == ["1", "2"])
      #expect(other.width == 16)
      other.model = "mlp"
      #expect(other.ends(of: archive) == nil)
      #expect(
        throws: WeightsError.unknownModel(path: archive.path, model: "mlp"),
        performing: {
          try CeilingSurvey(of: TrainingPlan(initializer: "ZerO", width: 8), weights: archive)
        })
    }
  }

  @Test func `files of other arrays are refused`() throws {
    try withTemporaryFolder { folder in
      // A single array has no name, so it is no parameter.
      let array = folder.appending(path: "a.npy")
      try Data(NPYFile.encode(shape: [3, 3], values: .init(repeating: 1, count: 9))).write(
        to: array)
      // The last layer reads fewer values than there are channels, or not a square of pixels.
      // Or an image would have more than 2²⁸ values.
      for (index, sizes) in [[64, 1, 5], [64, 1, 2 * 64], [1, 90, 1000 * 1000]].enumerated() {
        let file = folder.appending(path: "\(index).safetensors")
        let shapes = [
          ("layer1.0.conv.weight", [sizes[0], sizes[1], 3, 3]), ("fc.weight", [1, sizes[2]]),
        ]
        let tensors = shapes.map {
          NamedTensor(
            name: $0, shape: $1,
            values: ContiguousArray(repeating: Float(1), count: $1.reduce(1, *)))
        }
        try Data(Safetensors.encode(tensors)).write(to: file)
      }
      for (name, model) in [
        ("a.npy", "mlp"), ("a.npy", "resnet"), ("0.safetensors", "cnn"), ("1.safetensors", "cnn"),
        ("2.safetensors", "cnn"),
      ] {
        let archive = try TensorArchive(folder.appending(path: name).path)
        var plan = TrainingPlan(initializer: "ZerO", width: 8)
        plan.model = model
        plan.useModel(of: archive, unless: ["model"])
        #expect(plan.ends(of: archive) == nil, "\(name)")
        #expect(throws: WeightsError.unknownModel(path: archive.path, model: model)) {
          try CeilingSurvey(of: plan, weights: archive)
        }
      }
    }
  }
}
