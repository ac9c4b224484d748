// Ranks of checkpoints whose matrices have known ranks.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOInspection
import ZerOLinearAlgebra
import ZerONamePatterns
import ZerOParallelism
import ZerORandomness
import ZerOSpectra

@Suite struct InspectionTests {
  /// A matrix of a given rank: further rows are sums of earlier ones.
  private func matrix(_ rows: Int, _ columns: Int, rank: Int) -> ContiguousArray<Float> {
    func element(_ i: Int, _ j: Int) -> Float { i == j ? 4 : Float((7 * i + 3 * j) % 5) / 8 }
    return ContiguousArray(
      (0..<rows).flatMap { i in
        (0..<columns).map { j in
          i < rank ? element(i, j) : element(i % rank, j) + element((i + 1) % rank, j)
        }
      })
  }

  private func inspect(
    _ tensors: [NamedTensor], _ settings: InspectionSettings? = nil,
    selected: [String] = [], skipped: [String] = [], threads: Int = 2
  ) async throws -> CheckpointInspection {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      try Data(Safetensors.encode(tensors)).write(to: url)
      return try await CheckpointInspection(
        try TensorArchive(url.path),
        TensorSelection(
          selected: selected.map(NamePattern.init), skipped: skipped.map(NamePattern.init)),
        settings ?? InspectionSettings(), on: WorkerPool(threads: threads))
    }
  }

  private func rank(_ inspection: CheckpointInspection, _ name: String) -> Int? {
    inspection.tensors.first { $0.name == name }?.findings?.rank.rank
  }

  @Test func `matrices and convolutions of known rank have that rank`() async throws {
    let inspection = try await inspect([
      NamedTensor(name: "full", shape: [30, 20], values: matrix(30, 20, rank: 20)),
      NamedTensor(name: "poor", shape: [40, 30], values: matrix(40, 30, rank: 11)),
      NamedTensor(name: "wide", shape: [9, 60], values: matrix(9, 60, rank: 7)),
      NamedTensor(name: "conv1", shape: [8, 3, 5], values: matrix(8, 15, rank: 5)),
      NamedTensor(name: "conv2", shape: [8, 3, 3, 3], values: matrix(8, 27, rank: 6)),
      NamedTensor(name: "conv3", shape: [8, 2, 2, 2, 2], values: matrix(8, 16, rank: 3)),
      NamedTensor(name: "zero", shape: [4, 5], values: ContiguousArray(repeating: 0, count: 20)),
    ])
    let expected = [
      "full": 20, "poor": 11, "wide": 7, "conv1": 5, "conv2": 6, "conv3": 3, "zero": 0,
    ]
    for (name, rank) in expected { #expect(self.rank(inspection, name) == rank, "\(name)") }
    #expect(inspection.failures.isEmpty)
    #expect(
      inspection.deficient(below: 0.9).map(\.name).sorted()
        == ["conv1", "conv2", "conv3", "poor", "wide", "zero"])
    let zero = try #require(inspection.tensors.first { $0.name == "zero" }?.findings)
    #expect(zero.zeroFraction == 1 && zero.spectrum.conditionNumber == .infinity)
  }

  @Test func `tensors that are not matrices are left out with a reason`() async throws {
    let inspection = try await inspect([
      NamedTensor(name: "number", shape: [], values: [3]),
      NamedTensor(name: "vector", shape: [2], values: [1, 2]),
      NamedTensor(name: "empty", shape: [0, 4], values: []),
      NamedTensor(name: "deep", shape: [1, 1, 1, 1, 1, 1], values: [1]),
    ])
    let reasons = inspection.tensors.map { tensor -> String in
      if case .leftOut(let reason) = tensor.outcome { "\(tensor.name): \(reason)" } else { "" }
    }
    #expect(
      Set(reasons) == [
        "number: a scalar", "vector: a vector", "empty: empty", "deep: 6 dimensions",
      ])
    #expect(inspection.failures.isEmpty)
  }

  @Test func `a tensor with a NaN or an infinity fails, and the others are ranked`() async throws {
    let inspection = try await inspect([
      NamedTensor(name: "bad", shape: [2, 2], values: [1, .nan, -.infinity, .nan]),
      NamedTensor(name: "good", shape: [2, 2], values: [1, 0, 0, 1]),
    ])
    #expect(rank(inspection, "good") == 2)
    let failure = try #require(inspection.failures.first)
    guard case .failed(let reason) = failure.outcome else { return }
    #expect(failure.name == "bad" && reason == "2 NaN and 1 infinite values of 4; no rank")
  }

  @Test(arguments: ["ZerO", "Partial_Identity", "Sinusoidal"])
  func `deterministic initial weights need not be stored`(name: String) async throws {
    let entry = try InitializerCatalog.builtIn.entry(named: name)
    var streams = RandomStreams(seed: 5)
    func tensors(_ layout: TensorLayout) throws -> [NamedTensor] {
      try [[20, 12], [12, 20], [6, 4, 3, 2]].map { shape in
        let axes = Array(shape.dropFirst(2))
        let dimensions =
          switch layout.rawValue {
          case "torch": shape
          case "mlx": [shape[0]] + axes + [shape[1]]
          case "jax": axes + [shape[1], shape[0]]
          default: [shape[1], shape[0]] + axes
          }
        var values = try entry.initializer.storedWeight(dimensions, layout: layout, using: &streams)
        // An update of rank 1 in the first two outputs and inputs.
        let step = layout == .jax ? shape[0] : 1
        values[0] += 2
        values[step] += 1
        return NamedTensor(name: "\(shape)", shape: dimensions, values: values)
      }
    }
    for layout in TensorLayout.ofFiles + [.transposed] {
      let settings = try InspectionSettings(
        rule: .absolute(1e-4), baseline: .initializer(entry), layouts: TensorLayouts(layout))
      let inspection = try await inspect(try tensors(layout), settings)
      #expect(inspection.tensors.allSatisfy { $0.findings?.rank.rank == 1 }, "\(layout)")
      // Without subtracting the initial weights, the rank differs.
      let plain = try await inspect(
        try tensors(layout), InspectionSettings(layouts: TensorLayouts(layout)))
      #expect(plain.tensors.contains { $0.findings?.rank.rank != 1 }, "\(layout)")
    }
  }

  @Test func `a random initializer is rejected as a baseline`() throws {
    let entry = try InitializerCatalog.builtIn.entry(named: "Random")
    #expect(throws: InspectionError.randomBaseline(name: "Random")) {
      try InspectionSettings(baseline: .initializer(entry))
    }
  }

  @Test func `another checkpoint is subtracted tensor by tensor`() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("start.safetensors")
      let start = matrix(20, 10, rank: 10)
      var changed = start
      for i in 0..<20 { for j in 0..<10 { changed[10 * i + j] += Float(i) * Float(j % 3) / 4 } }
      try Data(
        Safetensors.encode([
          NamedTensor(name: "w", shape: [20, 10], values: start),
          NamedTensor(name: "turned", shape: [10, 20], values: start),
        ])
      ).write(to: url)
      let inspection = try await inspect(
        [
          NamedTensor(name: "w", shape: [20, 10], values: changed),
          NamedTensor(name: "turned", shape: [20, 10], values: changed),
          NamedTensor(name: "new", shape: [20, 10], values: changed),
        ], InspectionSettings(baseline: .archive(try TensorArchive(url.path))))
      #expect(rank(inspection, "w") == 1)
      let reasons = inspection.failures.map { failure -> String in
        if case .failed(let reason) = failure.outcome { reason } else { "" }
      }
      #expect(
        reasons.sorted()
          == [
            "\(url.path): 'turned' is 10x20, not 20x10; omit it with "
              + "--skip 'turned', or give a checkpoint of the same model",
            "\(url.path): contains no 'new'; omit it with --skip 'new', or give a checkpoint of the "
              + "same model",
          ])
    }
  }

  @Test func `names are matched without affixes of training tools, with a note`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("plain.safetensors")
      let start = matrix(8, 8, rank: 8)
      var changed = start
      for i in 0..<8 { for j in 0..<8 { changed[8 * i + j] += Float(i + 1) * Float(j + 1) } }
      try Data(
        Safetensors.encode([
          NamedTensor(name: "a.weight", shape: [8, 8], values: start),
          NamedTensor(name: "module.b.weight", shape: [8, 8], values: start),
        ])
      ).write(to: url)
      let inspection = try await inspect(
        [
          NamedTensor(name: "_orig_mod.a.weight", shape: [8, 8], values: changed),
          NamedTensor(name: "b.weight", shape: [8, 8], values: changed),
        ], InspectionSettings(baseline: .archive(try TensorArchive(url.path))))
      #expect(inspection.tensors.map { $0.findings?.rank.rank } == [1, 1])
      #expect(
        inspection.notes == [
          "names are matched without '_orig_mod.' and 'module.', which training tools add"
        ])
    }
  }

  @Test func `a NaN in the baseline is reported with its file`() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("start.safetensors")
      try Data(Safetensors.encode([NamedTensor(name: "w", shape: [1, 2], values: [.nan, 1])]))
        .write(to: url)
      let inspection = try await inspect(
        [NamedTensor(name: "w", shape: [1, 2], values: [1, 1])],
        InspectionSettings(baseline: .archive(try TensorArchive(url.path))))
      guard case .failed(let reason) = inspection.tensors[0].outcome else {
        Issue.record("\(inspection.tensors[0].outcome)")
        return
      }
      #expect(reason.hasPrefix("\(url.path): 'w' contains 1 NaN and 0 infinite values"))
    }
  }

  @Test func `patterns select tensors, and one without a match is an error`() async throws {
    let tensors = ["a.weight", "b.weight", "b.other"].map {
      NamedTensor(name: $0, shape: [1, 1], values: [1])
    }
    let some = try await inspect(tensors, selected: ["*.weight"], skipped: ["b.*"])
    #expect(some.tensors.map(\.name) == ["a.weight"])
    await #expect {
      _ = try await self.inspect(tensors, selected: ["a.wieght"])
    } throws: { error in
      (error as? InspectionError)?.description.hasSuffix(
        "no tensor is named 'a.wieght'; did you mean 'a.weight'?") == true
    }
  }

  @Test func `the tolerance follows each rule`() async throws {
    let diagonal = NamedTensor(
      name: "d", shape: [4, 4],
      values: [4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1e-3, 0, 0, 0, 0, 1e-7])
    let cases: [(ToleranceRule, Int, Double)] = [
      (.numPy, 3, 4 * 4 * 0x1p-23), (.absolute(Double(Float(1e-3))), 2, Double(Float(1e-3))),
      (.absolute(0.5), 2, 0.5), (.relative(0.25), 1, 1), (.absolute(0), 4, 0),
    ]
    for (rule, rank, tolerance) in cases {
      let inspection = try await inspect([diagonal], InspectionSettings(rule: rule))
      let findings = try #require(inspection.tensors[0].findings)
      #expect(findings.rank.rank == rank && findings.rank.tolerance == tolerance, "\(rule)")
    }
  }

  @Test func `results are independent of the number of threads`() async throws {
    let tensors = (1...12).map {
      NamedTensor(
        name: "w\($0)", shape: [40 * $0, 30], values: matrix(40 * $0, 30, rank: 2 * $0))
    }
    let one = try await inspect(tensors, threads: 1)
    let three = try await inspect(tensors, threads: 3)
    #expect(
      one.tensors.map { $0.findings?.spectrum } == three.tensors.map { $0.findings?.spectrum })
    #expect(one.tensors.map(\.name) == three.tensors.map(\.name))
  }

  @Test func `generated initial weights are rounded to the tensor's type`() async throws {
    // The weights are 2^-1.5, which BF16 rounds.
    let entry = try InitializerCatalog.builtIn.entry(named: "ZerO")
    var streams = RandomStreams(seed: 0)
    let values = try entry.initializer.storedWeight([8, 5], layout: .torch, using: &streams)
    let bits = values.map { UInt32($0.bitPattern) }
    let rounded = bits.map { UInt16(($0 + 0x7fff + ($0 >> 16 & 1)) >> 16) }
    #expect(zip(bits, rounded).contains { $0 != UInt32($1) << 16 })
    let inspection = try await inspect(
      bytes: rounded.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }, type: "BF16", shape: [8, 5],
      InspectionSettings(rule: .absolute(0), baseline: .initializer(entry)))
    #expect(inspection.tensors[0].findings?.rank.rank == 0)
  }

  /// The bytes of numbers in double precision.
  private func bytes(_ values: [Double]) -> [UInt8] {
    values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
  }

  @Test(arguments: [0, 1])
  func `a singular value beyond double precision is reported as overflow`(kind: Int)
    async throws
  {
    // Equal rows and columns, and others.
    let values = (0..<400).map { kind == 0 || $0 % 7 < 4 ? 1.7e308 : -1.5e308 }
    let inspection = try await inspect(bytes: bytes(values), type: "F64", shape: [20, 20])
    guard case .failed(let reason) = inspection.tensors[0].outcome else {
      Issue.record("\(inspection.tensors[0].outcome)")
      return
    }
    #expect(
      reason.hasPrefix("all values are finite, but the largest singular value exceeds double"))
  }

  @Test func `a norm beyond double precision still gives singular values`() async throws {
    let values = (0..<16).map { $0 % 5 == 0 ? 1.7e308 : 0 }
    let inspection = try await inspect(bytes: bytes(values), type: "F64", shape: [4, 4])
    let findings = try #require(inspection.tensors[0].findings)
    #expect(findings.rank.rank == 4 && findings.spectrum.values.allSatisfy { $0 == 1.7e308 })
    #expect(findings.storageNoise.isFinite && findings.countBelowNoise == 0)
  }

  @Test
  func `values that NumPy's tolerance rejects only for the length are told from rounding errors`()
    async throws
  {
    // Singular values 1 and 1/2000, below 10,000·2^-23 = 1/839 and far above rounding errors.
    let rows = 10_000
    var values = ContiguousArray<Float>(repeating: 0, count: 2 * rows)
    (values[0], values[3]) = (1, 1 / 2000)
    let tensor = NamedTensor(name: "w", shape: [rows, 2], values: values)
    let findings = try #require(try await inspect([tensor]).tensors[0].findings)
    #expect(findings.rank.rank == 1 && findings.valuesRejectedForLength == [Double(values[3])])
    // No remark if the user chose the tolerance, or if the value is as small as rounding errors.
    let relative = try await inspect([tensor], InspectionSettings(rule: .relative(0.01)))
    #expect(relative.tensors[0].findings?.valuesRejectedForLength == [])
    values[3] = 0x1p-23
    let small = try await inspect([NamedTensor(name: "w", shape: [rows, 2], values: values)])
    #expect(small.tensors[0].findings?.valuesRejectedForLength == [])
  }

  @Test func `a matrix larger than the memory is reported with its size`() async throws {
    try await withTemporaryFolder { folder in
      let rows = Memory.available / 8
      let header =
        #"{"w":{"dtype":"F8_E4M3","shape":[\#(rows),1],"data_offsets":[0,\#(rows)]}}"#
      let url = folder.appendingPathComponent("m.safetensors")
      try Data(
        (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + header.utf8
      )
      .write(to: url)
      // A sparse file of zeros.
      let file = try FileHandle(forWritingTo: url)
      try file.truncate(atOffset: UInt64(8 + header.utf8.count + rows))
      try file.close()
      let inspection = try await CheckpointInspection(
        try TensorArchive(url.path), TensorSelection(), InspectionSettings(),
        on: WorkerPool(threads: 1))
      guard case .failed(let reason) = inspection.tensors[0].outcome else {
        Issue.record("\(inspection.tensors[0].outcome)")
        return
      }
      #expect(reason.hasPrefix("in double precision it needs about "))
    }
  }

  @Test func `the storage noise of the largest numbers is finite`() async throws {
    let bytes = bytes([1e300, 0, 0, 2e300])
    let inspection = try await inspect(bytes: bytes, type: "F64", shape: [2, 2])
    let findings = try #require(inspection.tensors[0].findings)
    #expect(findings.rank.rank == 2 && findings.countBelowNoise == 0)
    #expect(findings.storageNoise > 1e283 && findings.storageNoise < 1e285)
  }

  /// Inspects a file with one tensor of any type.
  private func inspect(
    bytes: [UInt8], type: String, shape: [Int], _ settings: InspectionSettings? = nil
  ) async throws -> CheckpointInspection {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      let header =
        #"{"w":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[0,\#(bytes.count)]}}"#
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
      try Data(length + Array(header.utf8) + bytes).write(to: url)
      return try await CheckpointInspection(
        try TensorArchive(url.path), TensorSelection(), settings ?? InspectionSettings(),
        on: WorkerPool(threads: 1))
    }
  }

  @Test func `the storage noise is about the effect of rounding to a narrow type`() async throws {
    // A matrix of rank 1, rounded to BF16.
    let dimension = 64
    let values = ContiguousArray(
      (0..<dimension * dimension).map { index -> Float in
        let product = (1 + Float(index / dimension) / 50) * (1 + Float(index % dimension) / 77)
        return Float(bitPattern: (product.bitPattern &+ 0x8000) & 0xffff_0000)
      })
    let inspection = try await inspect(
      bytes: values.flatMap { [UInt8($0.bitPattern >> 16 & 0xff), UInt8($0.bitPattern >> 24)] },
      type: "BF16", shape: [dimension, dimension])
    let findings = try #require(inspection.tensors[0].findings)
    // NumPy's tolerance counts the rounding errors; the storage noise distinguishes them from the
    // matrix.
    #expect(findings.rank.rank > 1)
    let noise = findings.spectrum.values[1]
    #expect(noise > findings.storageNoise / 2 && noise < 2 * findings.storageNoise)
    #expect(findings.countBelowNoise >= findings.rank.rank - 3)
  }
}
