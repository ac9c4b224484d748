import Foundation
import TestSupport
import Testing
import ZerOMessages
import ZerORecords
import ZerOReports
import ZerOTraining

@testable import ZerOTerminal

@Suite struct RunWatchTests {
  private let provenance = Provenance(
    data: Provenance.Data(
      name: "small", sha256: [:], inputDimension: 12, classCount: 5, counts: [96, 20]),
    commit: "test", started: .now)

  private func plan(_ width: Int) -> TrainingPlan {
    var plan = TrainingPlan(initializer: "ZerO", width: width)
    plan.batchSize = 8
    return plan
  }

  private func row(_ iteration: Int, rank: Double = 9) -> MetricsRow {
    .train(
      TrainingStep(
        epoch: 1, step: iteration, iteration: iteration, samples: 0, loss: 1.5, runningAccuracy: 0,
        learningRate: 0.1, quantities: ["rank": ["l3.weight": rank]]))
  }

  /// Starts a run in an experiment's folder.
  private func begin(_ plan: TrainingPlan, in root: URL) throws -> (RunFolder, MetricsLog) {
    let folder = ExperimentFolder(root.appendingPathComponent("small")).run(plan)
    return (folder, try folder.begin(plan, provenance))
  }

  private func poll(_ watch: inout RunWatch) throws -> [String] {
    try watch.poll().split(separator: "\n").map(String.init)
  }

  @Test func `runs are followed from their records until all have ended`() throws {
    try withTemporaryFolder { root in
      let (first, log) = try begin(plan(16), in: root)
      var watch = try RunWatch([root], style: .plain)
      #expect(!watch.isOver && watch.summary == "0 of 1 runs done, 1 running")
      for iteration in 0..<4 { try log.append(row(iteration)) }
      #expect(try poll(&watch) == ["ZerO 16   33%  4/12  loss 1.5000  rank 9"])
      let (second, other) = try begin(plan(8), in: root)
      #expect(try poll(&watch) == ["ZerO 8 started"])
      #expect(watch.summary == "0 of 2 runs done, 2 running")
      try log.append(.test(EpochTest(epoch: 1, loss: 0.5, correct: 15, total: 20)))
      try first.write(RunStatus(.done, seconds: 2))
      #expect(try poll(&watch) == ["ZerO 16 done after 2.0 s: rank 9, test 75.00 %"])
      #expect(!watch.isOver)
      try other.append(row(5, rank: 13))
      try second.write(RunStatus(.diverged, message: "diverged: too fast", seconds: 1))
      #expect(try poll(&watch) == ["ZerO 8 diverged after 1.0 s: diverged: too fast"])
      #expect(watch.isOver && !watch.isDone && watch.finish().isEmpty)
      #expect(
        watch.table.rows.map { Array($0.prefix(7)) } == [
          ["ZerO 16", "done", "100 %", "12/12", "1.5000", "9", "75.00%"].map { $0 },
          ["ZerO 8", "diverged", "50 %", "6/12", "1.5000", "13", "-"],
        ])
      let files = try FileManager.default.contentsOfDirectory(atPath: first.url.path)
      #expect(files.sorted() == ["metrics.jsonl", "plan.json", "provenance.json", "status.json"])
    }
  }

  @Test
  func `an experiment's file defines the watched runs, including ones that have not started`()
    throws
  {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("small")
      _ = try begin(plan(99), in: root)
      let text = "name: small\ntraining: {batch_size: 8}\nruns: [{init: ZerO, width: [8, 16]}]\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("experiment.yaml"))
      let watch = try RunWatch([folder], style: .quiet)
      #expect(watch.summary == "0 of 2 runs done, 2 not started" && !watch.isOver)
      let run = ExperimentFolder(folder).run(plan(99)).url
      #expect(try RunWatch([run], style: .quiet).table.rows.map { $0[0] } == ["ZerO 99"])
    }
  }

  @Test func `a run without a process is over`() throws {
    try withTemporaryFolder { root in
      let (folder, log) = try begin(plan(16), in: root)
      try log.append(row(2))
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "exit 0"]
      try process.run()
      process.waitUntilExit()
      func leave(host: String, ago: Double) throws {
        try Data(#"{"host":"\#(host)","process":\#(process.processIdentifier)}"#.utf8)
          .write(to: folder.file(".lock"))
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -ago)],
          ofItemAtPath: folder.file("metrics.jsonl").path)
      }
      let here = ProcessInfo.processInfo.hostName
      // A date in the future, so the duration of the test does not matter.
      try leave(host: here, ago: -3600)
      #expect(try !RunWatch([root], style: .quiet).isOver, "there is a recent row")
      try leave(host: "elsewhere.example", ago: 7200)
      var watch = try RunWatch(
        [root],
        style: .live(isColored: false) {
          TerminalWindow(columns: 80, rows: 24)
        })
      #expect(!watch.isOver, "a process on another machine cannot be checked")
      #expect(try watch.poll().contains("25%  last row 2 h ago"))
      try leave(host: here, ago: 7200)
      #expect(try watch.poll().contains("ZerO 16 was abandoned by its process at 25 %"))
      #expect(watch.isOver && !watch.isDone)
      // Another process resumes it.
      let lock = try folder.lock()
      withExtendedLifetime(lock) {
        #expect((try? watch.poll()) != nil && !watch.isOver)
      }
    }
  }

  @Test func `a run with an unreadable plan is counted and is no success`() throws {
    try withTemporaryFolder { root in
      try RecordFiles.write(Array("{".utf8), to: root.appendingPathComponent("one/plan.json"))
      let watch = try RunWatch([root], style: .quiet)
      #expect(watch.isOver && !watch.isDone && watch.damagedRuns[0].contains("one/plan.json"))
      #expect(watch.summary == "0 of 0 runs done, 1 more without a readable plan")
    }
  }

  @Test func `labels remain unique when runs are added`() throws {
    try withTemporaryFolder { root in
      var fast = plan(16)
      fast.learningRate = 0.2
      _ = try begin(fast, in: root)
      var watch = try RunWatch([root], style: .quiet)
      _ = try begin(plan(16), in: root)
      _ = try watch.poll()
      let names = watch.table.rows.map { $0[0] }
      #expect(Set(names).count == 2, "\(names)")
    }
  }

  @Test func `results that are moved aside and made again are still followed`() throws {
    try withTemporaryFolder { root in
      let (folder, log) = try begin(plan(16), in: root)
      try log.append(row(11))
      try folder.write(RunStatus(.done, seconds: 1))
      _ = try begin(plan(8), in: root)
      var watch = try RunWatch([root], style: .quiet)
      let home = root.appendingPathComponent("small")
      try FileManager.default.moveItem(at: home, to: root.appendingPathComponent("small.before-1"))
      _ = try watch.poll()
      #expect(!watch.isOver, "new runs may be written")
      _ = try begin(plan(16), in: root)
      _ = try watch.poll()
      #expect(!watch.isOver && watch.summary == "0 of 1 runs done, 1 running")
    }
  }

  @Test func `control characters in a message are replaced`() {
    var run = RunProgress(label: "x", plan: plan(16))
    run.end(RunStatus(.failed, message: "a\u{1B}[2Jb\nc", seconds: 1), isEarlier: false)
    #expect(run.endRemark?.text == "failed after 1.0 s: a [2Jb c")
  }

  @Test func `an incomplete line is no error`() throws {
    try withTemporaryFolder { root in
      let (folder, _) = try begin(plan(16), in: root)
      try Data(#"{"epoch":1,"iter"#.utf8).write(to: folder.file("metrics.jsonl"))
      var watch = try RunWatch([root], style: .plain)
      #expect(try watch.poll().isEmpty && watch.summary == "0 of 1 runs done, 1 running")
    }
  }

  @Test func `a damaged run is reported and counts as over`() throws {
    try withTemporaryFolder { root in
      let (folder, log) = try begin(plan(16), in: root)
      try log.append(row(2))
      var watch = try RunWatch([root], style: .plain)
      #expect(!watch.isOver)
      try Data("{".utf8).write(to: folder.file("status.json"))
      let lines = try poll(&watch)
      #expect(lines.count == 1 && lines[0].hasPrefix("ZerO 16 is damaged: "))
      #expect(watch.isOver && !watch.isDone && watch.summary == "0 of 1 runs done, 1 damaged")
      #expect(watch.table.rows.map { $0[1] } == ["damaged"])
      #expect(watch.damagedRuns.count == 1 && watch.damagedRuns[0].contains("status.json"))
      // It is checked again, since the file may be restored.
      try folder.write(RunStatus(.running))
      #expect(try poll(&watch).isEmpty && !watch.isOver)
    }
  }

  @Test func `a running run with a line longer than any row is damaged`() throws {
    try withTemporaryFolder { root in
      let (folder, log) = try begin(plan(16), in: root)
      try log.append(row(2))
      var watch = try RunWatch([root], style: .plain)
      #expect(watch.summary == "0 of 1 runs done, 1 running")
      let file = try FileHandle(forWritingTo: folder.file("metrics.jsonl"))
      try file.truncate(atOffset: UInt64(MetricsRow.lengthLimit + (1 << 20)))
      try file.close()
      let lines = try poll(&watch)
      #expect(lines.count == 1 && lines[0].contains("is damaged: "), "\(lines)")
      #expect(watch.isOver && watch.damagedRuns.first?.contains("metrics.jsonl") == true)
      // Without rows it is incomplete.
      try FileManager.default.removeItem(at: folder.file("metrics.jsonl"))
      _ = try watch.poll()
      #expect(watch.summary == "0 of 1 runs done, 1 incomplete")
    }
  }

  @Test func `runs that were moved aside are ignored, with and without an experiment's file`()
    throws
  {
    try withTemporaryFolder { root in
      let (folder, _) = try begin(plan(16), in: root)
      let old = folder.url.appendingPathExtension("before-1")
      try RecordFiles.write(Array("{".utf8), to: old.appendingPathComponent("plan.json"))
      let watch = try RunWatch([root], style: .quiet)
      #expect(watch.summary == "0 of 1 runs done, 1 running" && watch.damagedRuns.isEmpty)
      #expect(try RunWatch([old], style: .quiet).damagedRuns.count == 1, "it is watched if named")
    }
  }

  @Test func `lost rows and runs of another plan are damage`() throws {
    try withTemporaryFolder { root in
      let text =
        "name: small\ntraining: {batch_size: 8}\nruns: [{init: ZerO, width: [8, 16, 24]}]\n"
      try RecordFiles.write(
        Array(text.utf8), to: root.appendingPathComponent("small/experiment.yaml"))
      let (first, log) = try begin(plan(8), in: root)
      try log.append(row(11))
      try first.write(RunStatus(.done, seconds: 1, metrics: log.metrics))
      try Data().write(to: first.file("metrics.jsonl"))
      let (second, _) = try begin(plan(16), in: root)
      let file = second.file("plan.json")
      let json = try String(contentsOf: file, encoding: .utf8)
      try Data(json.replacing("0.7", with: "0.6").utf8).write(to: file)
      let watch = try RunWatch([root], style: .quiet)
      #expect(
        watch.summary == "0 of 3 runs done, 1 incomplete, 1 misplaced, 1 not started")
      #expect(!watch.isOver, "one run has not started")
    }
  }

  @Test func `an ended run is read once, and again when it resumes`() throws {
    try withTemporaryFolder { root in
      let (folder, log) = try begin(plan(16), in: root)
      try log.append(row(5))
      try folder.write(RunStatus(.interrupted, seconds: 1, metrics: log.metrics))
      var watch = try RunWatch([root], style: .quiet)
      #expect(watch.isOver && watch.summary == "0 of 1 runs done, 1 interrupted")
      // Only the status is read, so this damage is not detected.
      let rows = try Data(contentsOf: folder.file("metrics.jsonl"))
      try Data().write(to: folder.file("metrics.jsonl"))
      _ = try watch.poll()
      #expect(watch.summary == "0 of 1 runs done, 1 interrupted")
      try rows.write(to: folder.file("metrics.jsonl"))
      try folder.write(RunStatus(.running))
      _ = try watch.poll()
      #expect(!watch.isOver && watch.summary == "0 of 1 runs done, 1 running")
    }
  }

  @Test func `a folder without runs is refused`() throws {
    try withTemporaryFolder { root in
      let path = root.relativePath
      #expect(throws: WatchError.noRuns(path: path)) { try RunWatch([root], style: .quiet) }
      let absent = root.appendingPathComponent("absent")
      #expect(throws: WatchError.noFolder(path: absent.relativePath)) {
        try RunWatch([absent], style: .quiet)
      }
    }
  }
}
