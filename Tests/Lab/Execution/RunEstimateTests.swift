import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOExecution
import ZerOTraining

@Suite struct RunEstimateTests {
  private func estimates(_ plans: [TrainingPlan]) throws -> [RunEstimate] {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      return try RunEstimate.estimates(of: plans, data: ["small": data])
    }
  }

  private func plan(width: Int = 8, _ change: (inout TrainingPlan) -> Void = { _ in })
    -> TrainingPlan
  {
    var plan = TrainingPlan(initializer: "Random", width: width)
    plan.data = "small"
    plan.batchSize = 20
    plan.testBatchSize = 20
    plan.snapshots = 0
    change(&plan)
    return plan
  }

  @Test func `runs of equal sizes are timed once, and time is proportional to epochs`() throws {
    let found = try estimates([plan(), plan { $0.seed = 9 }, plan { $0.epochs = 3 }])
    let once = try #require(found[0].seconds)
    #expect(once > 0 && found[1] == found[0])
    expectClose(
      try #require(found[2].seconds), 3 * once,
      within: Tolerance(relative: 1e-12, because: "three products in another order"))
    #expect(found[2].bytes == found[0].bytes)
  }

  @Test func `snapshots add to the time of a run`() throws {
    let found = try estimates([plan(), plan { $0.snapshots = 3 }])
    #expect(try #require(found[1].seconds) > #require(found[0].seconds))
  }

  @Test func `wider, deeper and measured networks need more memory`() throws {
    let found = try estimates([
      plan(width: 64), plan(width: 128), plan(width: 64) { $0.depth = 2 },
      plan(width: 128) { $0.quantities = [] },
    ])
    #expect(found[1].bytes > found[0].bytes && found[2].bytes > found[0].bytes)
    #expect(found[3].bytes < found[1].bytes)
  }

  @Test func `a run that exceeds memory is not timed`() throws {
    let found = try estimates([plan(width: 60_000) { $0.initializer = "Partial_Identity" }])
    #expect(found[0].seconds == nil && found[0].bytes > 140 << 30)
  }

  @Test func `a diverging run is estimated, a run without its data is not`() throws {
    #expect(try #require(estimates([plan { $0.learningRate = 1e30 }])[0].seconds) > 0)
    #expect(throws: DatasetError.self) { try estimates([plan { $0.data = "other" }]) }
  }

  @Test func `a run that measures only quantities of the spectrum is estimated`() throws {
    func seconds(_ quantities: [String]) throws -> Double {
      let plan = plan(width: 48) {
        $0.quantities = quantities
        $0.measureEvery = 1
      }
      return try #require(try estimates([plan])[0].seconds)
    }
    #expect(try seconds(["effective_rank_from_start"]) > 0)
    #expect(try seconds([]) > 0)
  }
}
