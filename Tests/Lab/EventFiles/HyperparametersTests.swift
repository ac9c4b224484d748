import TestSupport
import Testing
import ZerOTraining

@testable import ZerOEventFiles

@Suite struct HyperparametersTests {
  /// The plugin message in a value.
  private func content(_ value: SummaryValue) throws -> ArraySlice<UInt8> {
    guard case .hyperparameters(let message) = value.content else { return [] }
    return try #require(protobufFields(message.bytes[...]).first).bytes
  }

  /// The entries of a session start, and its group.
  private func start(_ plan: TrainingPlan) throws -> ([String: String], String) {
    var (entries, group): ([String: String], String) = ([:], "")
    for (field, _, bytes) in protobufFields(try content(Hyperparameters.start(plan, time: 0))) {
      if field == 4 { group = String(decoding: bytes, as: UTF8.self) }
      guard field == 1 else { continue }
      let entry = protobufFields(bytes)
      let value = try #require(protobufFields(entry[1].bytes).first)
      entries[String(decoding: entry[0].bytes, as: UTF8.self)] =
        value.field == 3
        ? String(decoding: value.bytes, as: UTF8.self) : "\(Double(bitPattern: value.number))"
    }
    return (entries, group)
  }

  @Test func `the hyperparameters of a run are its settings, as numbers and text`() throws {
    let (entries, group) = try start(TrainingPlan(initializer: "ZerO", width: 256))
    #expect(
      entries == [
        "init": "ZerO", "data": "mnist", "width": "256.0", "depth": "1.0", "epochs": "1.0",
        "batch_size": "64.0", "test_batch_size": "1000.0", "learning_rate": "0.1",
        "gamma": "0.7", "step_size": "12.0", "measure_every": "50.0", "bias": "0.01",
        "ties": "dense", "init_rules": "none", "model": "mlp", "activation": "relu", "norm": "none",
        "residual": "false", "optimizer": "sgd", "momentum": "0.0", "nesterov": "false",
        "weight_decay": "0.0", "clip": "none", "schedule": "step", "warmup": "0.0",
        "label_smoothing": "0.0", "classes": "none", "train_images": "0.0", "test_images": "0.0",
        "normalize": "false", "augment": "none", "blocks": "none", "widths": "none",
      ])
    #expect(group == "ZerO-w256")
  }

  @Test func `repetitions form one group, other settings another`() throws {
    var plan = TrainingPlan(initializer: "ZerO", width: 256)
    plan.learningRate = 0.2
    let first = try start(plan)
    plan.seed = 7
    plan.modelSeed = 8
    #expect(try start(plan) == first)
    plan.bias = nil
    #expect(try start(plan).1 != first.1)
    #expect(try start(plan).0["bias"] == "none")
  }

  @Test(arguments: [(true, UInt64(1)), (false, 2)])
  func `the end of a run is a success or a failure`(isDone: Bool, status: UInt64) throws {
    let fields = protobufFields(try content(Hyperparameters.end(isDone: isDone, time: 1)))
    #expect(fields.map(\.number) == [status, (1.0).bitPattern])
  }
}
