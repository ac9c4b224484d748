// Ranks of low-rank adapters, alone and with their base model.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerOParallelism
import ZerOSpectra

@testable import ZerOInspection

@Suite struct AdapterInspectionTests {
  private static let rounding = Tolerance(
    relative: 1e-12, absolute: 1e-12, because: "factors and their product in double precision")

  private func wave(_ name: String, _ shape: [Int], phase: Float = 0) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape,
      values: ContiguousArray((0..<shape.reduce(1, *)).map { sin(Float($0 + 1) * 1.7 + phase) }))
  }

  /// An adapter of rank 3 for a layer of 40 × 30, and a rank-2 update stored with rank 3.
  private var factors: [NamedTensor] {
    let second = wave("base_model.model.l2.lora_B.weight", [20, 3])
    // The last column repeats the first one.
    let repeated = second.values.indices.map {
      $0 % 3 == 2 ? second.values[$0 - 2] : second.values[$0]
    }
    return [
      wave("base_model.model.l1.lora_A.weight", [3, 30]),
      wave("base_model.model.l1.lora_B.weight", [40, 3], phase: 2),
      wave("base_model.model.l2.lora_A.weight", [3, 50]),
      NamedTensor(name: second.name, shape: second.shape, values: ContiguousArray(repeated)),
    ]
  }

  /// Writes an adapter and a model, and opens both.
  private func withModels(
    base: [NamedTensor], alpha: Double = 6,
    _ body: (_ adapter: TensorArchive, _ base: TensorArchive) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let adapter = folder.appendingPathComponent("adapter")
      try FileManager.default.createDirectory(at: adapter, withIntermediateDirectories: true)
      try Data(Safetensors.encode(factors))
        .write(to: adapter.appendingPathComponent("adapter_model.safetensors"))
      try Data(#"{"peft_type":"LORA","r":3,"lora_alpha":\#(alpha)}"#.utf8)
        .write(to: adapter.appendingPathComponent("adapter_config.json"))
      let model = folder.appendingPathComponent("base.safetensors")
      try Data(Safetensors.encode(base)).write(to: model)
      try await body(
        try TensorArchive(adapter.path).resolvingAdapter(), try TensorArchive(model.path))
    }
  }

  private func inspect(
    _ archive: TensorArchive, _ settings: InspectionSettings? = nil
  ) async throws -> [String: TensorInspection] {
    let inspection = try await CheckpointInspection(
      archive, TensorSelection(), settings ?? InspectionSettings(), on: WorkerPool(threads: 2))
    return Dictionary(uniqueKeysWithValues: inspection.tensors.map { ($0.name, $0) })
  }

  private func matrix(_ values: ContiguousArray<Float>, _ rows: Int) -> Matrix<Double> {
    Matrix(
      rows: rows, columns: values.count / rows, elements: ContiguousArray(values.map(Double.init)))
  }

  /// The rank of the sum of a matrix and a weight change, by LAPACK's decomposition.
  private func rank(of base: Matrix<Double>, plus change: StoredTensor) throws -> Int {
    var sum: Matrix<Double> = try change.matrix(rows: base.rows, columns: base.columns)
    sum.add(base)
    let values = try sum.singularValues()
    let tolerance = (values.first ?? 0) * Double(max(base.rows, base.columns)) * 0x1p-23
    return values.count { $0 > tolerance }
  }

  @Test func `the spectrum of an adapter is that of the product of its factors`() async throws {
    try await withModels(base: [wave("x", [1, 1])]) { adapter, _ in
      let found = try await inspect(adapter)
      let factors = self.factors.map(\.values)
      for (name, b, a, rows, rank) in [("l1.weight", 1, 0, 40, 3), ("l2.weight", 3, 2, 20, 2)] {
        var product = matrix(factors[b], rows) * matrix(factors[a], 3)
        product = Matrix(
          rows: product.rows, columns: product.columns,
          elements: ContiguousArray(product.elements.map { 2 * $0 }))
        let findings = try #require(found[name]?.findings)
        #expect(findings.rank.rank == rank)
        let expected = try product.singularValues()
        #expect(findings.spectrum.values.count == expected.count)
        expectClose(findings.spectrum.values, expected, within: Self.rounding)
        #expect(findings.spectrum.values.dropFirst(3).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func `the base model is added, and another checkpoint subtracted`() async throws {
    let base = [wave("l1.weight", [40, 30], phase: 5), wave("l2.weight", [20, 50], phase: 5)]
    try await withModels(base: base) { adapter, model in
      let sum = try await inspect(adapter, InspectionSettings(addend: model))
      let expected = try rank(of: matrix(base[0].values, 40), plus: adapter.tensors[0])
      #expect(sum["l1.weight"]?.findings?.rank.rank == expected)
      // Of a sum, the type is that of the coarser operand.
      #expect(sum["l1.weight"]?.type == "F32")
      let back = try await inspect(
        adapter,
        InspectionSettings(rule: .absolute(1e-9), baseline: .archive(model), addend: model))
      let alone = try await inspect(adapter, InspectionSettings(rule: .absolute(1e-9)))
      for name in ["l1.weight", "l2.weight"] {
        #expect(back[name]?.findings?.rank.rank == alone[name]?.findings?.rank.rank)
        expectClose(
          try #require(back[name]?.findings).spectrum.values,
          try #require(alone[name]?.findings).spectrum.values, within: Self.rounding)
      }
      let none = try await inspect(adapter, InspectionSettings(baseline: .archive(adapter)))
      #expect(none["l1.weight"]?.findings?.rank.rank == 0)
      let settings = try InspectionSettings(baseline: .archive(model), addend: model)
      #expect(settings.difference == "W + W of \(model.path) - W of \(model.path)")
    }
  }

  @Test func `a base model without a counterpart fails that matrix`() async throws {
    try await withModels(base: [wave("l1.weight", [40, 30])]) { adapter, model in
      let found = try await inspect(adapter, InspectionSettings(addend: model))
      #expect(found["l1.weight"]?.findings != nil)
      guard case .failed(let reason) = found["l2.weight"]?.outcome else {
        Issue.record("no failure")
        return
      }
      #expect(reason.hasPrefix("\(model.path): contains no 'l2.weight'"))
    }
  }
}
