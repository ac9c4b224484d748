// Runs with initializers, measurements and images that the package doesn't have.

import Foundation
import Synchronization
import TestSupport
import Testing
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerONetworks
import ZerOParallelism
import ZerORandomness
import ZerORecords
import ZerOTraining

@Suite struct OwnCatalogTests {
  /// The bias of largest magnitude, a measurement outside the package.
  private struct LargestBias: LayerMeasurement {
    func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws -> [String: Double] {
      [layer.name.bias: layer.bias?.reduce(0) { max($0, Double($1.magnitude)) } ?? 0]
    }
  }

  @Test func `an initializer, a quantity and images outside the package are run and recorded`()
    async throws
  {
    let initializers = try InitializerCatalog.builtIn.adding(
      InitializerEntry(
        name: "Mine", summary: "", isRandom: false, initializer: PartialIdentity()))
    let measurements = try MeasurementCatalog.builtIn.adding(
      MeasurementEntry(name: "largest_bias", summary: "", measurement: LargestBias()))
    let labels = ContiguousArray((0..<60).map { UInt8($0 % 3) })
    let images = try LabeledImages(
      size: [2, 2], pixels: ContiguousArray((0..<240).map { UInt8($0 % 251) }), labels: labels)
    let data = try Dataset(name: "memory", train: images, test: images)
    let yaml = """
      name: mine
      data: memory
      training: {epochs: 1, batch_size: 20}
      measure: {every: 1, quantities: [rank_from_start, largest_bias]}
      runs: [{init: [Mine, Partial_Identity], width: 8}]
      """
    // Names that a catalog lacks are errors, unless the text describes the results of another program.
    #expect(throws: ExperimentError.self) {
      try Experiment(yaml: yaml, path: "mine", initializers: initializers)
    }
    #expect(throws: ExperimentError.self) {
      try Experiment(yaml: yaml, path: "mine", measurements: measurements)
    }
    let experiment = try Experiment(
      yaml: yaml, path: "mine", initializers: initializers, measurements: measurements)
    #expect(
      try Experiment(yaml: yaml, path: "mine", initializers: nil, measurements: nil) == experiment)
    try await withTemporaryFolder { folder in
      let without = ExperimentRunner(
        output: folder, pool: WorkerPool(threads: 2), commit: "test", initializers: initializers)
      await #expect(throws: MeasurementError.self) {
        try await without([experiment], data: ["memory": data]) { _ in }
      }
      let runner = ExperimentRunner(
        output: folder, pool: WorkerPool(threads: 2), commit: "test", initializers: initializers,
        measurements: measurements)
      try await runner([experiment], data: ["memory": data]) { _ in }
      let records = try experiment.plans.map { plan in
        try RunRecord(runner.folder(of: experiment).run(plan))
      }
      #expect(records.allSatisfy { $0.status.status == .done && $0.trainRows.count == 3 })
      // The same weights under two names have the same results.
      #expect(records[0].trainRows == records[1].trainRows)
      // No quantity may have the name of a field of its row.
      let row = try JSONEncoder().encode(MetricsRow.train(records[0].trainRows[0]))
      let keys = try #require(JSONSerialization.jsonObject(with: row) as? [String: Any]).keys
      #expect(Set(keys) == MeasurementCatalog.fieldsOfRows.union(experiment.plans[0].quantities))
      #expect(records[0].series("largest_bias", of: "l3.bias").count == 3)
      #expect(records[0].provenance.data.sha256["train-labels"] == data.files[1].sha256)
    }
  }

  /// An initializer that is undefined for weights of some outputs, or of the wrong shape.
  private struct Wrong: Initializer {
    var undefinedOutputs = 0
    var extraRows = 0
    var isIdentity = false

    func isIdentity(_ shape: WeightShape) -> Bool { isIdentity }

    func weight(_ shape: WeightShape, using streams: inout RandomStreams)
      throws(InitializationError) -> Matrix<Float>
    {
      guard shape.outputs != undefinedOutputs else {
        throw .undefined(shape, reason: "an odd number; use another")
      }
      return .identity(rows: shape.outputs + extraRows, columns: shape.inputs)
    }
  }

  @Test func `a wrong initializer or data set is an error before any training`() async throws {
    let labels = ContiguousArray((0..<60).map { UInt8($0 % 3) })
    let images = try LabeledImages(
      size: [2, 2], pixels: ContiguousArray(repeating: 9, count: 240), labels: labels)
    let data = try Dataset(name: "memory", train: images, test: images)
    func run(_ rule: Wrong, data passed: [String: Dataset]) async throws {
      let catalog = try InitializerCatalog.builtIn.adding(
        InitializerEntry(name: "Wrong", summary: "", isRandom: false, initializer: rule))
      let experiment = try Experiment(
        yaml: """
          name: wrong
          data: memory
          training: {batch_size: 20}
          runs: [{init: [ZerO, Wrong], width: 7}]
          """, path: "wrong", initializers: catalog)
      try await withTemporaryFolder { folder in
        let runner = ExperimentRunner(
          output: folder, pool: WorkerPool(threads: 1), commit: "test", initializers: catalog)
        defer {
          let started = experiment.plans.filter { runner.folder(of: experiment).run($0).holdsRun }
          #expect(started.isEmpty)
        }
        try await runner([experiment], data: passed) { _ in }
      }
    }
    for (rule, error) in [
      (
        Wrong(undefinedOutputs: 7),
        InitializationError.undefined(
          WeightShape(outputs: 7, inputs: 4), reason: "an odd number; use another")
      ),
      (Wrong(extraRows: 1), .wrongShape(WeightShape(outputs: 4, inputs: 4), rows: 5, columns: 4)),
      (Wrong(isIdentity: true), .identityNotSquare(WeightShape(outputs: 7, inputs: 4))),
    ] {
      await #expect(throws: PlanError.initialization(error)) {
        try await run(rule, data: ["memory": data])
      }
    }
    await #expect(throws: DatasetError.notPassed("memory", known: ["other"])) {
      try await run(Wrong(), data: ["other": data])
    }
    let other = try Dataset(name: "other", train: images, test: images)
    await #expect(throws: DatasetError.otherName("other", expected: "memory")) {
      try await run(Wrong(), data: ["memory": other])
    }
  }

  @Test func `the group of quantities is the same for every catalog`() throws {
    let measurements = try MeasurementCatalog.builtIn.adding(
      MeasurementEntry(name: "mine_from_start", summary: "", measurement: LargestBias()))
    let yaml = """
      name: group
      measure: {every: 1, quantities: [quantities, mine_from_start]}
      runs: [{init: ZerO, width: 8}]
      """
    let own = try Experiment(yaml: yaml, path: "group", measurements: measurements)
    let other = try Experiment(
      yaml: yaml, path: "group", initializers: nil, measurements: nil)
    #expect(own == other && own.plans[0].quantities.count == 9)
    // A figure may show a quantity of another program on a bias.
    let figure = "figure: {quantity: mine_from_start, tensor: l3.bias, label: '{init}'}"
    #expect(throws: Never.self) {
      try Experiment(yaml: yaml + "\n" + figure, path: "group", measurements: measurements)
    }
    #expect(throws: ExperimentError.self) {
      try Experiment(
        yaml: yaml + "\n" + figure.replacing("mine", with: "rank"), path: "group",
        measurements: measurements)
    }
  }

  /// Values of the weight at first, then of the bias.
  private final class Alternating: LayerMeasurement {
    private let count = Mutex(0)

    func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws -> [String: Double] {
      let isFirst = count.withLock { count in
        count += 1
        return count == 1
      }
      return [isFirst ? layer.name.weight : layer.name.bias: 1]
    }
  }

  @Test func `a measurement that changes its tensors ends the run with the reason`() throws {
    let measurements = try MeasurementCatalog.builtIn.adding(
      MeasurementEntry(name: "alternating", summary: "", measurement: Alternating()))
    var plan = TrainingPlan(initializer: "ZerO", width: 8)
    (plan.data, plan.batchSize, plan.measureEvery) = ("small", 20, 1)
    plan.quantities = ["alternating"]
    try withTemporaryFolder { folder in
      let images = folder.appendingPathComponent("images")
      try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
      try writeSmallDataset(to: images)
      let run = RunFolder(of: plan, in: folder)
      let execution = RunExecution(
        plan: plan, data: try Dataset(folder: images, name: "small"), folder: run, commit: "test",
        measurements: measurements)
      let outcome = try execution(holding: try run.lock()) { _ in }
      #expect(outcome.status.status == .failed)
      #expect(outcome.status.message?.hasPrefix("alternating returned values of other") == true)
    }
  }
}
