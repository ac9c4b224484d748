// The rows of a series, compared with inspections of single checkpoints and with slow formulas.

import Foundation
import Synchronization
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInspection
import ZerOLinearAlgebra
import ZerONamePatterns
import ZerOParallelism
import ZerOSpectra

@testable import ZerOSeries

@Suite struct SeriesInspectionTests {
  /// Distance of a number of 6 significant digits from the number, relative to it.
  private let sixDigits = 5.1e-6

  @Test func `each row equals the inspection of its checkpoint`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let inspection = try await run.inspect(SeriesSettings(start: .first, rule: .absolute(1e-3)))
      #expect(inspection.steps == [0, 10, 20, 30] && inspection.skipped.isEmpty)
      #expect(inspection.matrices == ["a.weight", "b.weight"])
      #expect(
        inspection.rows.map(\.matrix)
          == Array(repeating: ["a.weight", "b.weight"], count: 4).flatMap(\.self))
      #expect(inspection.difference == "W - W_0")
      #expect(inspection.notes == ["W₀ is step0.safetensors"])
      for step in inspection.steps {
        let single = try await CheckpointInspection(
          TensorArchive(run.url(step).path), TensorSelection(),
          InspectionSettings(
            rule: .absolute(1e-3), baseline: .archive(TensorArchive(run.url(0).path))),
          on: WorkerPool(threads: 1))
        for tensor in single.matrices {
          let findings = try #require(tensor.findings)
          let row = try #require(
            inspection.rows.first { $0.step == step && $0.matrix == tensor.name })
          let results = try #require(row.results)
          #expect(results.tolerance == findings.rank.tolerance)
          #expect(results.storageNoise == findings.storageNoise)
          for quantity in SpectralQuantity.catalog {
            #expect(
              results.quantities[quantity.key]
                == quantity.value(of: findings.spectrum, tolerance: findings.rank.tolerance))
          }
          let values = try #require(results.singularValues)
          #expect(values.count == findings.spectrum.values.count)
          for (rounded, value) in zip(values, findings.spectrum.values) {
            #expect(abs(rounded - value) <= sixDigits * value)
          }
        }
      }
      // The ranks of b's differences are known.
      let ranks = inspection.rows.filter { $0.matrix == "b.weight" }
        .map { $0.results?.quantities["rank"] }
      #expect(ranks == [0, 1, 2, 3])
    }
  }

  @Test func `the similarity is that to the previous checkpoint`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let inspection = try await run.inspect()
      let rows = inspection.rows.filter { $0.matrix == "a.weight" }
      #expect(rows[0].results?.similarityToPrevious == nil)
      for (place, step) in [10, 20, 30].enumerated() {
        let (own, other) = (
          SmallSeries.tensors(step)[0].values, SmallSeries.tensors(step - 10)[0].values
        )
        func product(_ a: ContiguousArray<Float>, _ b: ContiguousArray<Float>) -> Double {
          zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let expected =
          product(own, other) / (product(own, own) * product(other, other)).squareRoot()
        let similarity = try #require(rows[place + 1].results?.similarityToPrevious)
        #expect(abs(similarity - expected) < 1e-12)
        #expect(similarity < 1 - 1e-9, "a negative control: the weights differ")
      }
      // The first b is a matrix of zeros.
      let zeros = inspection.rows.filter { $0.matrix == "b.weight" }
      #expect(zeros.map { $0.results?.similarityToPrevious == nil } == [true, true, false, false])
    }
  }

  @Test func `the overlap with the start is 1 at the start`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      for start in [SeriesSettings.Start.first, .baseline(.nothing)] {
        let settings = SeriesSettings(start: start, overlap: 2)
        let inspection = try await SmallSeries(in: folder, steps: []).inspect(settings)
        let rows = inspection.rows.filter { $0.matrix == "a.weight" }
        let overlaps = rows.compactMap { $0.results?.overlapWithStart }
        #expect(overlaps.count == 4)
        #expect(abs(overlaps[0] - 1) < 1e-12 && overlaps[3] < 1 - 1e-9)
        try FileManager.default.removeItem(at: run.out)
      }
      let without = try await run.inspect()
      #expect(without.rows.allSatisfy { $0.results?.overlapWithStart == nil })
    }
  }

  @Test func `the start itself is not deficient`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let inspection = try await run.inspect(SeriesSettings(start: .first, rule: .absolute(1e-3)))
      // The differences of a have rank 2 of 4; those of b have 1, 2 and 3 of 6.
      let deficient = inspection.deficient(below: 0.5)
      #expect(deficient.map(\.step) == [10, 20])
      #expect(deficient.allSatisfy { $0.matrix == "b.weight" })
      #expect(inspection.deficient(below: 1).map(\.step) == [10, 10, 20, 20, 30, 30])
      #expect(inspection.rows.filter(\.isStart).map(\.step) == [0, 0])
      #expect(inspection.rows[0].results?.quantities["frobenius_norm"] == 0)
    }
  }

  @Test func `a start that is given as a file is the start itself`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let file = Baseline.archive(try TensorArchive(run.url(0).path))
      let inspection = try await run.inspect(
        SeriesSettings(start: .baseline(file), rule: .absolute(1e-3)))
      #expect(inspection.rows.filter(\.isStart).map(\.step) == [0, 0])
      #expect(inspection.deficient(below: 0.5).map(\.step) == [10, 20])
    }
  }

  @Test func `a start that is only compared may be deficient`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let inspection = try await run.inspect(SeriesSettings(rule: .absolute(1e-3), overlap: 2))
      #expect(inspection.rows.allSatisfy { !$0.isStart })
      #expect(inspection.deficient(below: 0.5).map(\.step) == [0, 10, 20])
    }
  }

  @Test func `checkpoints that are ranked in several parts have the same rows`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let settings = SeriesSettings(start: .first, overlap: 2)
      let whole = try await run.inspect(settings)
      let series = try CheckpointSeries([folder.path])
      let store = try SeriesStore(folder.appendingPathComponent("parts"), settings)
      var work = try SeriesWork(series, settings, store)
      for (index, checkpoint) in series.checkpoints.enumerated() {
        work.add(checkpoint, index: index)
        try await work.run(on: WorkerPool(threads: 2), check: {}, observe: { _ in })
      }
      for row in whole.rows {
        #expect(work.rows[SeriesStore.Place(row)] == row.withoutSingularValues)
      }
      let lines = try String(contentsOf: store.file, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == whole.rows.count, "each row is computed once")
    }
  }

  @Test func `a file that is written again with another step adds a point`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [])
      let file = folder.appendingPathComponent("ckpt.safetensors")
      for (count, step) in [10, 20, 30].enumerated() {
        let bytes = try Safetensors.encode(
          SmallSeries.tensors(step), metadata: ["iter_num": "\(step)"])
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: Double(step))], ofItemAtPath: file.path)
        let inspection = try await run.inspect()
        #expect(inspection.steps == Array([10, 20, 30].prefix(count + 1)))
        #expect(inspection.rows.count == 2 * (count + 1))
      }
      // The same file with a stated step is no other checkpoint.
      let stated = try CheckpointSeries([folder.path], steps: [5])
      let inspection = try await SeriesInspection(
        stated, SeriesSettings(), store: SeriesStore(run.out, SeriesSettings()),
        on: WorkerPool(threads: 1))
      #expect(inspection.steps == [5, 10, 20])
    }
  }

  @Test func `other configurations beside a checkpoint make its results stale`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [])
      let place = folder.appendingPathComponent("checkpoint-1")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let factors = [("lora_A", [2, 3]), ("lora_B", [4, 2])].map { name, shape in
        NamedTensor(
          name: "base_model.model.l.\(name).weight", shape: shape,
          values: ContiguousArray((1...shape.reduce(1, *)).map { Float($0 * $0) }))
      }
      try Data(Safetensors.encode(factors))
        .write(to: place.appendingPathComponent("adapter_model.safetensors"))
      var norms: [Double] = []
      for (count, alpha) in [2, 20].enumerated() {
        let file = place.appendingPathComponent("adapter_config.json")
        try Data(#"{"peft_type": "LORA", "r": 2, "lora_alpha": \#(alpha)}"#.utf8).write(to: file)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: Double(count))], ofItemAtPath: file.path)
        let inspection = try await run.inspect()
        norms.append(try #require(inspection.rows[0].results?.quantities["frobenius_norm"]))
      }
      #expect(abs(norms[1] / norms[0] - 10) < 1e-12)
      // A model's configuration gives the number of heads of fused weights.
      try Data("{}".utf8).write(to: place.appendingPathComponent("config.json"))
      #expect(try await run.inspect().reusedCount == 0)
      #expect(try await run.inspect().reusedCount == 1)
    }
  }

  @Test func `results are kept if the first checkpoint no longer exists`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let settings = SeriesSettings(start: .first)
      _ = try await run.inspect(settings)
      let bytes = try run.storedBytes
      try FileManager.default.removeItem(at: run.url(0))
      let error = await #expect(throws: SeriesError.self) { try await run.inspect(settings) }
      #expect(error == .lostStart(path: run.out.path, checkpoint: "step0.safetensors"))
      #expect(try run.storedBytes == bytes)
      try run.write(0)
      #expect(try await run.inspect(settings).reusedCount == 8)
    }
  }

  @Test func `any modification time is possible`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e10)], ofItemAtPath: run.url(10).path)
      #expect(try await run.inspect().rows.count == 8)
      let archive = try TensorArchive(run.url(10).path)
      #expect(try FileIdentity.latestChange(of: archive.files).timeIntervalSince1970 == 1e10)
    }
  }

  @Test func `results depend neither on threads nor on an interruption`() async throws {
    struct Stop: Error {}
    for settings in [
      SeriesSettings(start: .first, overlap: 1), SeriesSettings(),
      SeriesSettings(start: .baseline(try Baseline("identity"))),
    ] {
      var bytes: Set<Data> = []
      for (threads, stops) in [(1, []), (3, []), (2, [1, 2, 3]), (1, [4]), (3, [5, 2])] {
        try await withTemporaryFolder { folder in
          let run = try SmallSeries(in: folder)
          for stop in stops {
            let calls = Mutex(0)
            await #expect(throws: Stop.self) {
              try await run.inspect(settings, threads: threads) {
                let count = calls.withLock { calls in
                  calls += 1
                  return calls
                }
                // Opening four checkpoints comes first.
                if count > 4 + stop { throw Stop() }
              }
            }
          }
          let inspection = try await run.inspect(settings, threads: threads)
          #expect(inspection.rows.count == 8)
          #expect(stops.isEmpty || inspection.reusedCount > 0)
          bytes.insert(try run.storedBytes)
        }
      }
      #expect(bytes.count == 1)
    }
  }

  @Test func `only a checkpoint that is subtracted is a start to be distant from`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let fromFirst = try await run.inspect(SeriesSettings(start: .first))
      #expect(fromFirst.rows.allSatisfy { $0.results?.startNorm != nil })
      try FileManager.default.removeItem(at: run.out)
      let identity = SeriesSettings(start: .baseline(try Baseline("identity")), overlap: 1)
      let fromIdentity = try await run.inspect(identity)
      #expect(fromIdentity.rows.allSatisfy { $0.results?.startNorm == nil })
    }
  }

  @Test func `a new checkpoint adds a point, and nothing else is computed`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [0, 10, 20])
      let settings = SeriesSettings(start: .first)
      let before = try await run.inspect(settings)
      #expect(before.reusedCount == 0)
      try run.write(30)
      let after = try await run.inspect(settings)
      #expect(after.reusedCount == 6 && after.rows.count == 8)
      let whole = try run.storedBytes
      try FileManager.default.removeItem(at: run.out)
      _ = try await run.inspect(settings)
      #expect(try run.storedBytes == whole)
      // A checkpoint between two others is the previous one of the later.
      try run.write(15)
      #expect(try await run.inspect(settings).reusedCount == 6)
      // A checkpoint that was overwritten is ranked again, and the one after it is compared again.
      try run.write(10, SmallSeries.tensors(12))
      #expect(try await run.inspect(settings).reusedCount == 6)
    }
  }

  @Test func `another start makes all results stale`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let settings = SeriesSettings(start: .first)
      _ = try await run.inspect(settings)
      try run.write(0, SmallSeries.tensors(5))
      let again = try await run.inspect(settings)
      #expect(again.reusedCount == 0 && again.rows.count == 8)
    }
  }

  @Test func `a truncated checkpoint is skipped, and the others are ranked`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let whole = try Data(contentsOf: run.url(20))
      for length in [0, 7, 100, whole.count - 1] {
        try whole.prefix(length).write(to: run.url(20))
        let inspection = try await run.inspect(SeriesSettings(start: .first))
        #expect(inspection.skipped.map(\.checkpoint.step) == [20])
        #expect(inspection.skipped[0].reason.contains("step20.safetensors"))
        #expect(inspection.steps == [0, 10, 30])
      }
      // A start that can't be read is an error: another start would give other ranks.
      try whole.prefix(100).write(to: run.url(0))
      await #expect(throws: TensorFileError.self) {
        try await run.inspect(SeriesSettings(start: .first))
      }
      try FileManager.default.removeItem(at: run.out)
      #expect(try await run.inspect().skipped.map(\.checkpoint.step) == [0, 20])
      // The first checkpoint may also record the initial values of an initializer.
      try FileManager.default.removeItem(at: run.out)
      await #expect(throws: TensorFileError.self) {
        try await run.inspect(SeriesSettings(start: .baseline(try Baseline("identity"))))
      }
    }
  }

  @Test func `a matrix with NaN is named, and the others are ranked`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      var tensors = SmallSeries.tensors(20)
      var values = tensors[0].values
      values[3] = .nan
      tensors[0] = NamedTensor(name: "a.weight", shape: [4, 6], values: values)
      try run.write(20, tensors)
      for _ in 0..<2 {
        let inspection = try await run.inspect(SeriesSettings(start: .first))
        #expect(inspection.failures.map(\.matrix) == ["a.weight"])
        #expect(inspection.failures[0].step == 20)
        #expect(inspection.failures[0].defect == "1 NaN and 0 infinite values of 24; no rank")
        let next = inspection.rows.first { $0.step == 30 && $0.matrix == "a.weight" }
        #expect(next?.results != nil && next?.results?.similarityToPrevious == nil)
      }
    }
  }

  @Test func `prefixes of training tools don't separate the curves`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      try run.write(20, SmallSeries.tensors(20, prefix: "_orig_mod."))
      try run.write(30, SmallSeries.tensors(30, prefix: "module."))
      let inspection = try await run.inspect(SeriesSettings(start: .first))
      #expect(inspection.matrices == ["a.weight", "b.weight"])
      #expect(inspection.rows.count == 8 && inspection.failures.isEmpty)
    }
  }

  @Test func `fused weights whose parts are not known, and tensors that are left out, are named`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [])
      let name = "attention.query_key_value.weight"
      for step in [0, 10] {
        let tensor = NamedTensor(
          name: name, shape: [6, 2], values: ContiguousArray((0..<12).map { Float($0 + step) }))
        let cube = NamedTensor(name: "cube", shape: [2, 1, 1], values: [1, 2])
        try run.write(step, [tensor, cube, NamedTensor(name: "b", vector: [1, 2])])
      }
      let inspection = try await run.inspect()
      #expect(inspection.matrices == [name])
      #expect(inspection.notes.count == 2 && inspection.notes[0].contains("each ranked as one"))
      #expect(inspection.notes[1].contains("left out, 3 dimensions"))
      #expect(inspection.notes[1].hasSuffix(": cube"))
    }
  }

  @Test func `steps and matrices can be selected`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let all = try await run.inspect(SeriesSettings(start: .first))
      let settings = SeriesSettings(
        start: .first, selection: TensorSelection(selected: [NamePattern("b.*")]))
      let some = try await run.inspect(settings, only: StepSelection("20-30"))
      #expect(some.rows.map(\.step) == [20, 30] && some.matrices == ["b.weight"])
      #expect(some.notes == ["W₀ is step0.safetensors"])
      let expected = all.rows.filter { $0.matrix == "b.weight" && $0.step == 30 }
      #expect(some.rows.last?.results == expected.first?.results)
      await #expect(throws: InspectionError.self) {
        try await run.inspect(
          SeriesSettings(
            start: .first, selection: TensorSelection(selected: [NamePattern("c")])))
      }
    }
  }

  @Test func `results of checkpoints that no longer exist are kept and named`() async throws {
    try await withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder)
      let settings = SeriesSettings(start: .first)
      let whole = try await run.inspect(settings)
      try FileManager.default.removeItem(at: run.url(20))
      let rest = try await run.inspect(settings)
      #expect(rest.steps == [0, 10, 20, 30])
      #expect(rest.rows.filter { $0.step == 20 } == whole.rows.filter { $0.step == 20 })
      #expect(rest.rows == whole.rows && rest.reusedCount == 6, "and compared with it")
      #expect(rest.notes.contains { $0.contains("no longer exist") && $0.hasSuffix(": 20") })
      // With another start, they would be ranks of another difference.
      try run.write(0, SmallSeries.tensors(5))
      #expect(try await run.inspect(settings).steps == [0, 10, 30])
    }
  }
}
