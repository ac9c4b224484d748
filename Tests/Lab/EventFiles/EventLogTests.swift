// The event file of a run, from known rows.

import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerORecords
import ZerOTraining

@testable import ZerOEventFiles

@Suite struct EventLogTests {
  private let plan: TrainingPlan = {
    var plan = TrainingPlan(initializer: "ZerO", width: 8)
    plan.epochs = 2
    plan.measureEvery = 1
    plan.quantities = ["rank"]
    return plan
  }()

  private let provenance = Provenance(
    data: Provenance.Data(
      name: "mnist", sha256: [:], inputDimension: 12, classCount: 5, counts: [640, 20]),
    commit: "abc", started: Date(timeIntervalSince1970: 1_700_000_000))

  private func train(_ iteration: Int, rank: Double) -> MetricsRow {
    .train(
      TrainingStep(
        epoch: 1, step: iteration, iteration: iteration, samples: 64 * iteration, loss: 0.1,
        runningAccuracy: 50, learningRate: 0.25, quantities: ["rank": ["l3.weight": rank]]))
  }

  private func snapshot(_ updates: Int) -> MetricsRow {
    .snapshot(
      SnapshotRow(
        updates: updates, tensor: "l3.weight", shape: [8, 8],
        spectra: [
          "identity": SnapshotRow.Spectrum(
            tolerance: 1e-4, rank: 1, smallestAbove: 0.5, largestBelow: nil, stableRank: 1,
            effectiveRank: 2, values: [0.5, 0])
        ],
        map: SnapshotRow.Map(Matrix(rows: 1, columns: 2, elements: [0.1, -1]))))
  }

  /// Ten updates per epoch.
  private func log(_ run: RunFolder, after updates: Int) throws -> EventLog {
    try EventLog(run, of: plan, sampleCount: 640, after: updates)
  }

  private func withRun(_ body: (RunFolder, MetricsLog) throws -> Void) throws {
    try withTemporaryFolder { url in
      let run = RunFolder(url.appendingPathComponent("run"))
      try body(run, try run.begin(plan, provenance))
    }
  }

  @Test func `every kind of row has tags and a step`() throws {
    try withRun { run, _ in
      let log = try log(run, after: 0)
      for row in [
        .ceiling(CeilingRow(tensors: ["l3.weight": 8], fromIdentity: [])),  // no curve, no event
        snapshot(0), train(0, rank: 3),
        .test(EpochTest(epoch: 2, loss: 0.5, correct: 15, total: 20)),
      ] { try log.append(row) }
      try log.end(RunStatus(.done))
      let events = try readEvents(try #require(run.eventFiles.first))
      #expect(events.map(\.step) == [0, 0, 0, 0, 1, 20, 0])
      #expect(events[0].fileVersion == "brain.Event:2" && events[1].isSessionStart)
      #expect(events[2].otherTags == ["_hparams_/session_start_info"])
      let group = "weight_spectrum/identity/l3.weight"
      #expect(
        events[3].scalars == [
          "\(group)/rank": 1, "\(group)/largest": 0.5, "\(group)/smallest_above_tolerance": 0.5,
          "\(group)/stable_rank": 1, "\(group)/effective_rank": 2,
        ])
      #expect(events[3].otherTags == ["\(group)/log10_singular_values", "weights/l3.weight"])
      #expect(
        events[4].scalars == [
          "train/loss": 0.1, "train/running_accuracy": 50, "train/learning_rate": 0.25,
          "rank/l3.weight": 3,
        ])
      #expect(events[5].scalars == ["test/loss": 0.5, "test/accuracy": 75])
      #expect(events[6].otherTags == ["_hparams_/session_end_info"])
    }
  }

  @Test(arguments: [RunStatus.State.failed, .interrupted, .running])
  func `a run that may resume has no end event`(state: RunStatus.State) throws {
    try withRun { run, _ in
      let log = try log(run, after: 0)
      try log.end(RunStatus(state))
      #expect(try readEvents(run.eventFiles[0]).count == 3)
    }
  }

  @Test func `a resumed session invalidates the current step and writes it again`() throws {
    try withRun { run, metrics in
      let first = try log(run, after: 0)
      for iteration in 0..<5 { try first.append(train(iteration, rank: 1)) }
      for iteration in 0..<3 { try metrics.append(train(iteration, rank: 1)) }
      let second = try log(run, after: 3)
      try second.append(train(3, rank: 2))
      #expect(run.eventFiles.count == 2)
      let events = try readEvents(run.eventFiles[1])
      #expect(events.map(\.step) == [3, 3, 3, 4])
      #expect(events[1].isSessionStart)
      #expect(events.dropFirst(2).map { $0.scalars["rank/l3.weight"] } == [1, 2])
    }
  }

  @Test func `without the earlier sessions' files all kept rows are written again`() throws {
    try withRun { run, metrics in
      try metrics.append(snapshot(0))
      for iteration in 0..<3 { try metrics.append(train(iteration, rank: 1)) }
      _ = try log(run, after: 3)
      let events = try readEvents(run.eventFiles[0])
      #expect(events.map(\.step) == [0, 0, 0, 1, 2, 3, 0])
    }
  }

  @Test func `a series is described once per file`() throws {
    try withRun { run, _ in
      let log = try log(run, after: 0)
      for iteration in 0..<2 { try log.append(train(iteration, rank: 1)) }
      let text = String(decoding: try Data(contentsOf: run.eventFiles[0]), as: UTF8.self)
      #expect(text.components(separatedBy: "Mean loss of the batch").count == 2)
    }
  }

  @Test func `an unwritable folder is reported`() throws {
    try withTemporaryFolder { url in
      try Data().write(to: url.appendingPathComponent("run"))
      #expect {
        _ = try log(RunFolder(url.appendingPathComponent("run")), after: 0)
      } throws: { error in
        guard case RecordError.unwritable = error else { return false }
        return true
      }
    }
  }
}
