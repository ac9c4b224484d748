// The event files of whole runs, interrupted and resumed.

import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerORecords
import ZerOTraining

@testable import ZerOExecution

@Suite struct EventFileTests {
  /// Two epochs of five updates, every update measured.
  private let plan: TrainingPlan = {
    var plan = TrainingPlan(initializer: "Random", width: 9)
    plan.batchSize = 20
    plan.epochs = 2
    plan.measureEvery = 1
    return plan
  }()

  /// Executes one session, interrupted after some updates if it makes that many.
  private func session(
    on data: Dataset, in run: RunFolder, interruptedAfter updates: Int = .max,
    checkpointInterval: Double = 1e9
  ) throws {
    let cancellation = Cancellation()
    let execution = RunExecution(
      plan: plan, data: data, folder: run, commit: "test",
      checkpointPolicy: CheckpointPolicy(
        checkpointInterval: checkpointInterval, cancellation: cancellation))
    var made = 0
    do {
      _ = try execution(holding: try run.lock()) { update in
        guard case .measured = update.news else { return }
        made += 1
        if made == updates { cancellation.request(signal: 2) }
      }
    } catch is Interrupted {
    }
  }

  private func withRun(_ body: (Dataset, RunFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      try body(
        try Dataset(folder: folder, name: "small"),
        RunFolder(folder.appendingPathComponent("run")))
    }
  }

  /// The valid scalars of a run: the start of a session invalidates its step and later ones.
  private func curves(_ run: RunFolder) throws -> [String: [[Double]]] {
    var curves: [String: [[Double]]] = [:]
    for event in try run.eventFiles.flatMap(readEvents) {
      if event.isSessionStart {
        for (tag, points) in curves {
          curves[tag] = points.filter { $0[0] < Double(event.step) }
        }
      }
      for (tag, value) in event.scalars {
        curves[tag, default: []].append([Double(event.step), Double(value)])
      }
    }
    return curves
  }

  @Test func `the curves of a run equal its record, and it has images and hyperparameters`() throws
  {
    try withRun { data, run in
      try session(on: data, in: run)
      let (curves, record) = (try curves(run), try RunRecord(run))
      let points = record.trainRows.map { [Double($0.iteration + 1), Double(Float($0.loss))] }
      #expect(curves["train/loss"] == points)
      #expect(
        curves["rank/l3.weight"]
          == record.series("rank", of: "l3.weight").map { [Double($0.updates), $0.value] })
      #expect(
        curves["test/accuracy"]
          == record.testRows.map { [5 * Double($0.epoch), Double(Float($0.accuracy))] })
      let events = try readEvents(run.eventFiles[0])
      #expect(
        events.filter { $0.otherTags.contains("weights/l3.weight") }.map(\.step) == [0, 5, 10])
      #expect(events.last?.otherTags == ["_hparams_/session_end_info"])
    }
  }

  @Test(arguments: 1...10)
  func `a resumed run has the same curves as an uninterrupted run`(updates: Int) throws {
    try withRun { data, run in
      let whole = RunFolder(run.url.appendingPathExtension("whole"))
      try session(on: data, in: whole)
      try session(on: data, in: run, interruptedAfter: updates)
      try session(on: data, in: run)
      #expect(run.eventFiles.count == 2)
      #expect(try curves(run) == curves(whole))
    }
  }

  /// After five updates the test pass is still missing; its step is the one at which training
  /// resumes.
  @Test(arguments: [3, 5])
  func `events of a killed session after its checkpoint are invalidated`(updates: Int) throws {
    try withRun { data, run in
      try session(on: data, in: run, interruptedAfter: updates)
      let (folder, files) = (FileManager.default, run.checkpoints)
      let old = run.url.appendingPathExtension("old")
      try folder.copyItem(at: files[0], to: old)
      try session(on: data, in: run, interruptedAfter: 4)
      // As if the second session had been killed before its first checkpoint, while writing an
      // event.
      for url in files { try run.remove(url) }
      try folder.moveItem(at: old, to: files[0])
      let torn = try Data(contentsOf: run.eventFiles[1]).dropLast(5)
      try torn.write(to: run.eventFiles[1])
      try session(on: data, in: run)
      #expect(run.eventFiles.count == 3)
      let whole = RunFolder(run.url.appendingPathExtension("whole"))
      try session(on: data, in: whole)
      #expect(try curves(run) == curves(whole))
    }
  }

  @Test func `restarted and copied runs have only their own event files`() throws {
    try withRun { data, run in
      try session(on: data, in: run, interruptedAfter: 3)
      for url in run.checkpoints { try run.remove(url) }
      try session(on: data, in: run)
      #expect(run.eventFiles.count == 1)
      #expect(try readEvents(run.eventFiles[0])[1].step == 0)
      let other = RunFolder(run.url.appendingPathExtension("other"))
      try session(on: data, in: other, interruptedAfter: 2)
      try Data().write(to: other.file("events.out.tfevents.0000000001.zerolab"))
      try other.copy(from: run, holding: try other.lock())
      #expect(other.eventFiles.map(\.lastPathComponent) == run.eventFiles.map(\.lastPathComponent))
      #expect(
        try Data(contentsOf: other.eventFiles[0]) == Data(contentsOf: run.eventFiles[0]))
    }
  }

  @Test func `the names of event files are ascending, whatever the clock shows`() throws {
    try withTemporaryFolder { url in
      let run = RunFolder(url)
      var names: [String] = []
      for seconds in [1_700_000_000.0, 1_700_000_000, 5] {
        let file = run.nextEventFile(at: Date(timeIntervalSince1970: seconds))
        try Data().write(to: file)
        names.append(file.lastPathComponent)
      }
      #expect(
        names == (0...2).map { "events.out.tfevents.170000000\($0).zerolab" })
      #expect(run.eventFiles.map(\.lastPathComponent) == names)
      let early = RunFolder(url.appendingPathComponent("early"))
      #expect(
        early.nextEventFile(at: Date(timeIntervalSince1970: 5)).lastPathComponent
          == "events.out.tfevents.0000000005.zerolab")
    }
  }
}
