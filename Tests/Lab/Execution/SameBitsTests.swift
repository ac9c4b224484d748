// Records do not depend on the number of threads or the load of the machine.

import Foundation
import Synchronization
import TestSupport
import Testing
import ZerODatasets
import ZerOExecution
import ZerOLinearAlgebra
import ZerOParallelism
import ZerORecords
import ZerOTraining

@Suite struct SameBitsTests {
  /// Trains once, with two blocks per layer and with ranks, and returns the records to compare.
  private func records(
    threads: Int, on data: Dataset, in folder: URL, products: ProductLibrary
  ) async throws -> [Data] {
    var plan = TrainingPlan(initializer: "Random", width: 200)
    plan.batchSize = 20
    plan.epochs = 2
    plan.measureEvery = 2
    plan.modelSeed = 7
    let run = RunFolder(folder.appendingPathComponent("\(UUID())"))
    let execution = RunExecution(
      plan: plan, data: data, folder: run, commit: "test", savesModel: true, products: products)
    try await WorkerPool(threads: threads).run { team in
      _ = try execution(holding: try run.lock(), team: team) { _ in }
    }
    return try ["metrics.jsonl", "model.safetensors"].map { try Data(contentsOf: run.file($0)) }
  }

  @Test(arguments: ProductLibrary.allCases)
  func `losses, ranks and weights are the same on any number of threads, and under load`(
    products: ProductLibrary
  ) async throws {
    try await withTemporaryFolder { folder in
      try writeSmallDataset(to: folder, size: [12, 12])
      let data = try Dataset(folder: folder, name: "small")
      let one = try await records(threads: 1, on: data, in: folder, products: products)
      let rows = one[0].split(separator: UInt8(ascii: "\n")).count
      #expect(rows == 8 + 3 + 1, "updates and tests, snapshots, and the ceiling")
      for threads in [2, 3] {
        #expect(
          try await records(threads: threads, on: data, in: folder, products: products) == one)
      }
      let isLoaded = Atomic(true)
      let begun = Atomic<Int>(0)
      defer { isLoaded.store(false, ordering: .relaxed) }
      let load = Task {
        try await WorkerPool(threads: 4).run(
          (0..<4).map { _ in
            { _ in
              begun.add(1, ordering: .relaxed)
              while isLoaded.load(ordering: .relaxed) {}
            }
          })
      }
      while begun.load(ordering: .relaxed) < 4 { await Task.yield() }
      let loaded = try await records(threads: 2, on: data, in: folder, products: products)
      isLoaded.store(false, ordering: .relaxed)
      try await load.value
      #expect(loaded == one)
    }
  }
}
