import TestSupport
import Testing
import ZerODatasets
import ZerONetworks
import ZerOSymmetry
import ZerOTraining

@testable import ZerOExecution

@Suite struct CeilingTrialTests {
  private func survey(_ name: String, bias: Double?, on data: Dataset) throws -> CeilingSurvey {
    var plan = TrainingPlan(initializer: name, width: 40)
    plan.bias = bias
    plan.batchSize = 12
    plan.depth = 2
    return try CeilingSurvey(of: plan, on: data)
  }

  @Test func `training stays below its own ceiling, but not below that of another network`() throws
  {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      let survey = try survey("ZerO", bias: 0.01, on: data)
      #expect(
        survey.inputDimension == 12 && survey.nonzeroInputCount == 12 && survey.classCount == 5)
      #expect(survey.measured.map(\.tensor) == ["l3.weight", "l4.weight"])
      // 16 different rows; the first five have identical units elsewhere.
      #expect(survey.measured.map(\.ceiling) == [21, 21])
      let trial = try CeilingTrial(of: survey.plan, on: data, updates: 20)
      #expect(trial.updates == 20 && trial.layers.map(\.ceiling) == [21, 21])
      // Identical units part by rounding in double precision, if at all.
      #expect(trial.layers.allSatisfy { ($0.copyDistance ?? 1) < 1e-12 })
      #expect(!trial.isExceeded && trial.layers.allSatisfy { $0.rank >= $0.notebookRank })

      // The negative control: the ceilings of a network with fewer live units.
      let other = try self.survey("Partial_Identity", bias: nil, on: data)
      #expect(other.measured.map(\.ceiling) == [12, 12])
      let wrong = try CeilingTrial(
        of: other.layers, survey.plan,
        from: NetworkQuotient(unreduced: survey.plan.start(for: data)), on: data, updates: 20)
      #expect(wrong.isExceeded && wrong.layers.allSatisfy { $0.copyDistance == nil })
    }
  }
}
