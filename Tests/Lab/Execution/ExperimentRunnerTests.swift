// Whole experiments on small images: training, kept runs, and records.

import Foundation
import Synchronization
import TestSupport
import Testing
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerOParallelism
import ZerORecords
import ZerOTraining

@Suite struct ExperimentRunnerTests {
  private func experiment(_ name: String, runs: String, epochs: Int = 2) throws -> Experiment {
    try Experiment(
      yaml: """
        name: \(name)
        data: small
        training: {epochs: \(epochs), batch_size: 20, test_batch_size: 7}
        measure: {every: 2}
        runs: \(runs)
        """, path: "\(name).yaml")
  }

  /// Runs experiments and returns the events that were reported of each run.
  private func run(
    _ experiments: [Experiment], in folder: URL, jobs: Int = 2, images count: Int = 96,
    hearing observe: @escaping @Sendable (RunUpdate) -> Void = { _ in }
  ) async throws -> [String: [String]] {
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    try writeSmallDataset(to: images, train: count)
    let data = try Dataset(folder: images, name: "small")
    let runner = ExperimentRunner(
      output: folder.appendingPathComponent("results"), pool: WorkerPool(threads: jobs),
      commit: "test")
    let news = Mutex<[String: [String]]>([:])
    try await runner(experiments, data: ["small": data]) { update in
      observe(update)
      let word: String? =
        switch update.news {
        case .started: "started"
        case .kept: "kept"
        case .ended(let status): status.status.rawValue
        case .movedAside: "moved aside"
        case .leftOut: "left out"
        case .measured, .tested, .snapshot, .resumed, .restarted: nil
        }
      if let word { news.withLock { $0[update.plan.identifier, default: []].append(word) } }
    }
    return news.withLock { $0 }
  }

  private func folder(_ index: Int, of experiment: Experiment, in folder: URL) -> RunFolder {
    ExperimentFolder(folder.appendingPathComponent("results/\(experiment.name)"))
      .run(experiment.plans[index])
  }

  /// Removes the last row of a finished run.
  private func cut(_ run: RunFolder) throws {
    let file = run.file("metrics.jsonl")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    try Data(lines.dropLast().map { $0 + "\n" }.joined().utf8).write(to: file)
  }

  private func contents(_ file: String, of experiment: Experiment, in folder: URL) throws -> [Data]
  {
    let results = ExperimentFolder(
      folder.appendingPathComponent("results").appendingPathComponent(experiment.name))
    return try experiment.plans.map { try Data(contentsOf: results.run($0).file(file)) }
  }

  @Test func `a shared run is trained once and recorded in both experiments`() async throws {
    let left = try experiment("left", runs: "[{init: ZerO, width: [8, 16]}]")
    let right = try experiment("right", runs: "[{init: [OnE, ZerO], width: 16}]")
    try await withTemporaryFolder { folder in
      let news = try await run([left, right], in: folder)
      #expect(news.count == 3 && news.values.allSatisfy { $0 == ["started", "done"] })
      let shared = try (
        contents("metrics.jsonl", of: left, in: folder)[1],
        contents("metrics.jsonl", of: right, in: folder)[1]
      )
      #expect(shared.0 == shared.1)
      let again = try await run([right, left], in: folder)
      #expect(again.values.allSatisfy { $0 == ["kept"] }, "nothing is trained twice")
    }
  }

  @Test func `runs in folders with the names of version 0.1 are kept, or made there`() async throws
  {
    let experiment = try experiment(
      "old", runs: "[{init: ZerO, width: [8, 30], symmetry: [dense, reduced]}]")
    try await withTemporaryFolder { url in
      _ = try await run([experiment], in: url)
      let rows = try contents("metrics.jsonl", of: experiment, in: url)
      let runs = url.appendingPathComponent("results/old/runs")
      let former = experiment.plans.map { runs.appendingPathComponent($0.recordIdentifier) }
      #expect(former[1].lastPathComponent == "ZerO-w8-m0-s1-e2-b20-tb7-exact-every2-on-small")
      for (index, place) in former.enumerated() {
        try FileManager.default.moveItem(at: folder(index, of: experiment, in: url).url, to: place)
      }
      // One of them is not finished.
      try RunFolder(former[3]).write(RunStatus(.running))
      let news = try await run([experiment], in: url)
      let words = experiment.plans.map { news[$0.identifier] }
      #expect(words == [["kept"], ["kept"], ["kept"], ["done"]], "nothing is trained twice")
      #expect(try contents("metrics.jsonl", of: experiment, in: url) == rows)
      let names = try FileManager.default.contentsOfDirectory(atPath: runs.path)
      #expect(names.sorted() == former.map(\.lastPathComponent).sorted(), "no folder is added")
    }
  }

  @Test func `results do not depend on the number of jobs`() async throws {
    let experiment = try experiment(
      "jobs", runs: "[{init: [Random, ZerO, Spray], width: [8, 30]}]")
    try await withTemporaryFolder { one in
      try await withTemporaryFolder { two in
        _ = try await run([experiment], in: one, jobs: 1)
        _ = try await run([experiment], in: two, jobs: 2)
        #expect(
          try contents("metrics.jsonl", of: experiment, in: one)
            == contents("metrics.jsonl", of: experiment, in: two))
      }
    }
  }

  @Test func `a diverging run keeps its records, and the others finish`() async throws {
    let experiment = try experiment(
      "diverging", runs: "[{init: ZerO, width: 8, learning_rate: [0.1, 1.0e+30]}]")
    try await withTemporaryFolder { folder in
      let news = try await run([experiment], in: folder)
      #expect(Set(news.values.map { $0.last }) == ["done", "diverged"])
      let results = ExperimentFolder(folder.appendingPathComponent("results/diverging"))
      let record = try RunRecord(results.run(experiment.plans[1]))
      #expect(record.status.status == .diverged && record.trainRows.count == 1)
      #expect(record.status.message?.contains("use a learning rate below 1e+30") == true)
    }
  }

  @Test func `a run whose weights overflow at a measured update diverges and keeps its loss`()
    async throws
  {
    let experiment = try experiment(
      "overflow", runs: "[{init: Random, width: 8, learning_rate: 1.0e+38}]")
    try await withTemporaryFolder { folder in
      _ = try await run([experiment], in: folder)
      let results = ExperimentFolder(folder.appendingPathComponent("results/overflow"))
      let record = try RunRecord(results.run(experiment.plans[0]))
      #expect(record.status.status == .diverged && record.trainRows.count == 1)
    }
  }

  @Test func `two plans with one folder are rejected, and no record changes`() async throws {
    let one = try experiment("same", runs: "[{init: ZerO, width: 8}]")
    let other = try Experiment(
      yaml: one.source.replacing("{every: 2}", with: "{every: 2, quantities: [rank]}"), path: "x")
    try await withTemporaryFolder { folder in
      let home = ExperimentFolder(folder.appendingPathComponent("results/same")).run(one.plans[0])
      let expected = RecordError.otherPlan(path: home.url.path, key: "quantities")
      await #expect(throws: expected) { try await run([one, other], in: folder) }
      _ = try await run([one], in: folder)
      let before = try contents("metrics.jsonl", of: one, in: folder)
      // The other experiment's own folder is free, but the shared one must be checked as well.
      let elsewhere = try Experiment(
        yaml: other.source.replacing("name: same", with: "name: elsewhere"), path: "y")
      await #expect(throws: expected) { try await run([elsewhere, other], in: folder) }
      #expect(try contents("metrics.jsonl", of: one, in: folder) == before)
    }
  }

  @Test func `a finished run on different data is not silently kept`() async throws {
    let experiment = try experiment("changed", runs: "[{init: ZerO, width: 8}]")
    try await withTemporaryFolder { folder in
      _ = try await run([experiment], in: folder)
      await #expect(throws: RecordError.self) {
        try await run([experiment], in: folder, images: 80)
      }
    }
  }

  @Test func `records contain plan, provenance and status`() async throws {
    let experiment = try experiment("provenance", runs: "[{init: ZerO, width: 8}]")
    try await withTemporaryFolder { folder in
      _ = try await run([experiment], in: folder)
      let results = ExperimentFolder(folder.appendingPathComponent("results/provenance"))
      let record = try RunRecord(results.run(experiment.plans[0]))
      #expect(record.provenance.commit == "test" && record.provenance.ended != nil)
      #expect(record.provenance.data.inputDimension == 12 && record.provenance.data.classCount == 5)
      #expect(record.provenance.data.sha256.count == 4 && !record.provenance.blasKernel.isEmpty)
      #expect(record.trainRows.count == 6 && record.testRows.count == 2)
      #expect(
        record.ceiling == CeilingRow(tensors: ["l3.weight": 8], fromIdentity: ["l3.weight"]))
      #expect(
        record.trainRows.allSatisfy { $0.quantities.keys.sorted() == ["rank", "rank_from_start"] })
      #expect(
        try String(contentsOf: results.file("experiment.yaml"), encoding: .utf8)
          == experiment.source)
    }
  }

  @Test func `a plan that does not fit its data stops the experiment before training`()
    async throws
  {
    let experiment = try experiment("large", runs: "[{init: ZerO, width: 8, batch_size: [20, 97]}]")
    try await withTemporaryFolder { folder in
      await #expect(throws: PlanError.batchLargerThanData(batchSize: 97, count: 96)) {
        try await run([experiment], in: folder)
      }
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("results/large/runs").path))
    }
  }

  @Test func `a finished run without its last rows is moved aside and repeated in every folder`()
    async throws
  {
    let left = try experiment("left", runs: "[{init: ZerO, width: [8, 16]}]")
    let right = try experiment("right", runs: "[{init: ZerO, width: 16}]")
    try await withTemporaryFolder { url in
      _ = try await run([left, right], in: url)
      let rows = try contents("metrics.jsonl", of: left, in: url)
      for run in [folder(1, of: left, in: url), folder(0, of: right, in: url)] {
        try cut(run)
        let news = try await self.run([left, right], in: url)
        #expect(news[left.plans[0].identifier] == ["kept"])
        #expect(news[left.plans[1].identifier]?.contains("moved aside") == true)
        #expect(try contents("metrics.jsonl", of: left, in: url) == rows)
        #expect(try contents("metrics.jsonl", of: right, in: url) == [rows[1]])
        let old = run.url.deletingLastPathComponent().appendingPathComponent(
          run.url.lastPathComponent + ".before-1")
        #expect(throws: RecordError.self, "nothing is lost") { try RunRecord(RunFolder(old)) }
        #expect(
          FileManager.default.fileExists(atPath: old.appendingPathComponent("plan.json").path))
      }
    }
  }

  @Test(arguments: ["status.json", "provenance.json", "plan.json"])
  func `one damaged file is reported and does not stop other runs`(name: String)
    async throws
  {
    let experiment = try experiment("sweep", runs: "[{init: ZerO, width: [8, 16]}]")
    try await withTemporaryFolder { url in
      _ = try await run([experiment], in: url)
      let (damaged, other) = (
        folder(0, of: experiment, in: url), folder(1, of: experiment, in: url)
      )
      try Data("{".utf8).write(to: damaged.file(name))
      try FileManager.default.removeItem(at: other.url)
      let news = try await run([experiment], in: url)
      #expect(news[experiment.plans[0].identifier] == ["left out"])
      #expect(news[experiment.plans[1].identifier] == ["started", "done"])
      #expect(try Data(contentsOf: damaged.file(name)) == Data("{".utf8), "it is unchanged")
    }
  }

  @Test func `a run that another process executes is postponed, and the others are made`()
    async throws
  {
    let experiment = try experiment("held", runs: "[{init: ZerO, width: [8, 16]}]")
    try await withTemporaryFolder { url in
      let held = folder(1, of: experiment, in: url)
      let lock = Mutex<FolderLock?>(try held.lock())
      // The lock is released after the other run has finished.
      let news = try await run([experiment], in: url, jobs: 1) { update in
        if case .ended = update.news { lock.withLock { $0 = nil } }
      }
      #expect(news.values.allSatisfy { $0 == ["started", "done"] } && news.count == 2)

      try FileManager.default.removeItem(at: held.url)
      lock.withLock { $0 = try? held.lock() }
      let again = try await run([experiment], in: url)
      #expect(again[experiment.plans[0].identifier] == ["kept"])
      #expect(again[experiment.plans[1].identifier] == ["left out"])
    }
  }

  @Test func `only one process executes a whole experiment, but several may execute its tasks`()
    async throws
  {
    let experiment = try experiment("alone", runs: "[{init: ZerO, width: 8}]")
    try await withTemporaryFolder { url in
      let results = ExperimentFolder(url.appendingPathComponent("results/alone"))
      let task = try results.join()
      await #expect(throws: RecordError.locked(path: results.url.path)) {
        try await run([experiment], in: url)
      }
      #expect(throws: RecordError.locked(path: results.url.path)) {
        try results.join(isAlone: true)
      }
      _ = try results.join()
      withExtendedLifetime(task) {}
    }
  }

  @Test func `moving results away during a run ends it, and creates no new folder`()
    async throws
  {
    let experiment = try experiment("moved", runs: "[{init: ZerO, width: 8}]", epochs: 3)
    try await withTemporaryFolder { url in
      let run = folder(0, of: experiment, in: url)
      let (results, away) = (
        url.appendingPathComponent("results"), url.appendingPathComponent("away")
      )
      let rows = run.file("metrics.jsonl").path
      await #expect(throws: RecordError.gone(path: rows)) {
        try await self.run([experiment], in: url) { update in
          if case .tested = update.news { try? FileManager.default.moveItem(at: results, to: away) }
        }
      }
      #expect(!FileManager.default.fileExists(atPath: results.path))
      // Moved back, the run resumes.
      try FileManager.default.moveItem(at: away, to: results)
      #expect(try await self.run([experiment], in: url).values.allSatisfy { $0.last == "done" })
    }
  }

  @Test func `a link out of the results is not followed`() async throws {
    let experiment = try experiment("links", runs: "[{init: ZerO, width: [8, 9]}]")
    try await withTemporaryFolder { url in
      let run = folder(0, of: experiment, in: url)
      let outside = url.appendingPathComponent("outside")
      let precious = outside.appendingPathComponent("model.safetensors")
      let files = FileManager.default
      try files.createDirectory(at: outside, withIntermediateDirectories: true)
      try Data("precious".utf8).write(to: precious)
      let runs = run.url.deletingLastPathComponent()
      try files.createDirectory(at: runs, withIntermediateDirectories: true)
      try files.createSymbolicLink(at: run.url, withDestinationURL: outside)
      let errors = Mutex<[RecordError]>([])
      let note: @Sendable (RunUpdate) -> Void = { update in
        if case .leftOut(let error) = update.news { errors.withLock { $0.append(error) } }
      }
      let other = experiment.plans[1].identifier
      let first = try await self.run([experiment], in: url, hearing: note)
      #expect(first[other] == ["started", "done"], "the other run is made")
      #expect(try files.contentsOfDirectory(atPath: outside.path) == ["model.safetensors"])
      try files.removeItem(at: run.url)
      try files.createDirectory(at: run.url, withIntermediateDirectories: true)
      // A symbolic link as lock is rejected; a file that is replaced as a whole replaces the link.
      try files.createSymbolicLink(at: run.file(".lock"), withDestinationURL: precious)
      #expect(try await self.run([experiment], in: url, hearing: note)[other] == ["kept"])
      #expect(
        errors.withLock { $0 } == [
          .isLink(path: run.url.path), .isLink(path: run.file(".lock").path),
        ])
      try files.removeItem(at: run.file(".lock"))
      for name in ["plan.json", "status.json", "metrics.jsonl", "provenance.json"] {
        try files.createSymbolicLink(at: run.file(name), withDestinationURL: precious)
      }
      try files.removeItem(at: run.file("plan.json"))
      #expect(
        try await self.run([experiment], in: url)[experiment.plans[0].identifier]?.last == "done")
      #expect(try Data(contentsOf: precious) == Data("precious".utf8))
      #expect(try RunRecord(run).testRows.count == 2)
    }
  }
}
