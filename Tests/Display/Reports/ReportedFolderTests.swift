// The selection of records for reports.

import Foundation
import TestSupport
import Testing
import ZerOExperiments
import ZerOMessages
import ZerORecords
import ZerOTraining

@testable import ZerOReports

@Suite struct ReportedFolderTests {
  /// Writes a completed run of 51 updates, measured after the first and the last.
  private func makeRun(
    _ plan: TrainingPlan, in folder: RunFolder, images: Int = 51 * 64, checksum: String = "a"
  ) throws {
    let data = Provenance.Data(
      name: "small", sha256: ["images": checksum], inputDimension: 12, classCount: 5,
      counts: [images, 20])
    let log = try folder.begin(plan, Provenance(data: data, commit: "test", started: .now))
    for (step, rank) in [(0, 1.0), (50, 2)] {
      let quantities = plan.quantities.map { ($0, ["l3.weight": rank]) }
      try log.append(
        .train(
          TrainingStep(
            epoch: 1, step: step, iteration: step, samples: 64 * step, loss: 1, runningAccuracy: 0,
            learningRate: 0.1, quantities: Dictionary(uniqueKeysWithValues: quantities))))
    }
    try log.append(.test(EpochTest(epoch: 1, loss: 0.5, correct: 15, total: 20)))
    try folder.write(RunStatus(.done, seconds: 1, metrics: log.metrics))
  }

  private func makeExperiment(_ name: String, in results: URL) throws {
    let experiment = try Experiment(
      yaml: "name: \(name)\nruns: [{init: ZerO, width: 8}]\n", path: name)
    let folder = ExperimentFolder(results.appendingPathComponent(name))
    try RecordFiles.write(Array(experiment.source.utf8), to: folder.file("experiment.yaml"))
    try makeRun(experiment.plans[0], in: folder.run(experiment.plans[0]))
  }

  /// The reports of a folder without failures.
  private func reports(in url: URL) throws -> [ReportedFolder] {
    let findings = ReportedFolder.all(in: url)
    if let error = findings.failures.first { throw error }
    return findings.folders
  }

  @Test func `an unreadable folder does not prevent other reports`() throws {
    try withTemporaryFolder { results in
      for name in ["a", "b", "c"] { try makeExperiment(name, in: results) }
      let file = results.appendingPathComponent("a/experiment.yaml")
      try Data("{\n".utf8).write(to: file)
      // A single run in its folder, and a run on other data than the other runs in its folder.
      let alone = results.appendingPathComponent("alone/one/plan.json")
      try RecordFiles.write(Array("{".utf8), to: alone)
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      try makeRun(plan, in: RunFolder(results.appendingPathComponent("mixed/one")))
      plan.seed = 2
      let other = RunFolder(results.appendingPathComponent("mixed/two"))
      try makeRun(plan, in: other)
      let provenance = other.file("provenance.json")
      let text = try String(contentsOf: provenance, encoding: .utf8).replacing(
        "\"class_count\" : 5", with: "\"class_count\" : 6")
      try Data(text.utf8).write(to: provenance)

      let findings = ReportedFolder.all(in: results)
      #expect(findings.folders.map(\.report.experiment.name) == ["b", "c"])
      #expect(findings.failures.count == 3)
      let paths = [file.path, alone.path, other.url.path]
      for (error, path) in zip(findings.failures, paths) {
        #expect("\(error)".hasPrefix(path), "\(error)")
      }
    }
  }

  @Test func `runs on several subsets of a data set have one report, if its files are the same`()
    throws
  {
    try withTemporaryFolder { results in
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      for (name, subset) in [("all", 0), ("some", 3200)] {
        plan.trainImages = subset
        let images = subset == 0 ? 51 * 64 : 51 * 64 - 1
        try makeRun(plan, in: RunFolder(results.appendingPathComponent(name)), images: images)
      }
      #expect(try reports(in: results)[0].report.results.count == 2)
      plan.seed = 2
      for (images, checksum) in [(51 * 64, "a"), (51 * 64 - 1, "b")] {
        let other = RunFolder(results.appendingPathComponent("third"))
        try makeRun(plan, in: other, images: images, checksum: checksum)
        let findings = ReportedFolder.all(in: results)
        let expected = RecordError.otherPlan(path: other.url.path, key: "the contents of mnist")
        #expect(findings.failures.first as? RecordError == expected)
        try FileManager.default.removeItem(at: other.url)
      }
    }
  }

  @Test func `of two copies of a run the usable one is reported`() throws {
    try withTemporaryFolder { results in
      let plan = TrainingPlan(initializer: "ZerO", width: 8)
      let folders = ["1", "2", "3"].map { RunFolder(results.appendingPathComponent($0)) }
      for folder in folders { try makeRun(plan, in: folder) }
      try Data().write(to: folders[0].file("metrics.jsonl"))
      try folders[1].write(RunStatus(.running))
      let found = try reports(in: results)[0]
      #expect(found.report.results.map(\.state) == ["done"])
      #expect(
        found.copies == [
          "1 is left out: the same settings as 3", "2 is left out: the same settings as 3",
        ])
      try FileManager.default.removeItem(at: folders[2].url)
      #expect(try reports(in: results)[0].report.results.map(\.state) == ["running"])
    }
  }

  @Test func `a link to another folder of results is followed only if it is named`() throws {
    try withTemporaryFolder { root in
      let files = FileManager.default
      let (own, foreign) = (
        root.appendingPathComponent("own"), root.appendingPathComponent("foreign")
      )
      try makeExperiment("a", in: own)
      try makeExperiment("b", in: foreign)
      let out = foreign.appendingPathComponent("out")
      try files.createSymbolicLink(at: out, withDestinationURL: own.appendingPathComponent("a"))
      // Links within the folder and links to files add nothing.
      for (name, target) in [("again", "b"), ("file", "b/experiment.yaml"), ("gone", "nothing")] {
        try files.createSymbolicLink(
          at: foreign.appendingPathComponent(name),
          withDestinationURL: foreign.appendingPathComponent(target))
      }
      let findings = ReportedFolder.all(in: foreign)
      #expect(findings.folders.map(\.report.experiment.name) == ["b"])
      #expect(findings.failures as? [RecordError] == [.isLink(path: out.path)])
      #expect(try reports(in: out).map(\.report.experiment.name) == ["a"])
      // No report is written into the target of a link.
      let plan = TrainingPlan(initializer: "Spray", width: 8)
      let run = root.appendingPathComponent("elsewhere/run")
      try makeRun(plan, in: RunFolder(run))
      let compared = root.appendingPathComponent("compared")
      try files.createDirectory(at: compared, withIntermediateDirectories: true)
      try files.createSymbolicLink(
        at: compared.appendingPathComponent("run"), withDestinationURL: run)
      let found = try reports(in: compared)
      #expect(found.map(\.folder.url.lastPathComponent) == ["compared"])
      #expect(found[0].report.results.count == 1)
    }
  }

  @Test func `the folder of an experiment, or of several`() throws {
    try withTemporaryFolder { results in
      for name in ["b", "a"] { try makeExperiment(name, in: results) }
      let one = try reports(in: results.appendingPathComponent("b"))
      #expect(one.map(\.report.experiment.name) == ["b"])
      let both = try reports(in: results)
      #expect(both.map(\.report.experiment.name) == ["a", "b"])
      #expect(both[0].report.commands == ["zerolab run experiment.yaml"])
      // Runs of the train command count as one more report; results that were moved aside are ignored.
      try makeExperiment("a.before-1", in: results)
      let plan = TrainingPlan(initializer: "Spray", width: 8)
      try makeRun(plan, in: RunFolder(results.appendingPathComponent("train/one")))
      let all = try reports(in: results)
      #expect(all.map(\.report.experiment.name) == ["a", "b", "train"])
    }
  }

  @Test func `runs of the train command, one or several`() throws {
    try withTemporaryFolder { results in
      var plan = TrainingPlan(initializer: "Random", width: 8)
      plan.modelSeed = 7
      plan.data = "my images"
      let folder = results.appendingPathComponent("mine")
      try makeRun(plan, in: RunFolder(folder.appendingPathComponent("first")))
      plan.bias = nil
      plan.quantities = ["rank"]
      try makeRun(plan, in: RunFolder(folder.appendingPathComponent("second")))
      let all = try reports(in: folder)
      #expect(all.count == 1 && all[0].report.results.count == 2)
      #expect(
        all[0].report.commands == [
          "zerolab train --init Random --width 8 --model-seed 7 --data 'my images'",
          "zerolab train --init Random --width 8 --model-seed 7 --no-bias --data 'my images' "
            + "--measure rank",
        ])
      #expect(all[0].report.experiment.figures.first?.quantity == "rank")
      // A run without measurements does not remove the charts of other runs.
      plan.quantities = []
      plan.seed = 9
      try makeRun(plan, in: RunFolder(folder.appendingPathComponent("third")))
      let three = try reports(in: folder)[0].report
      #expect(three.results.count == 3 && three.experiment.figures.first?.quantity == "rank")
      let names = try all[0].report.write(to: all[0].folder)
      #expect(names.contains("report.html"))
      let one = try reports(in: folder.appendingPathComponent("first"))
      #expect(one[0].report.results.map(\.plan.modelSeed) == [7])
    }
  }

  @Test func `runs without measurements, or with different ones`() throws {
    try withTemporaryFolder { results in
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      plan.quantities = []
      try makeRun(plan, in: RunFolder(results.appendingPathComponent("none")))
      #expect(try reports(in: results)[0].report.experiment.figures.isEmpty)
      for (seed, quantity) in [(2, "rank"), (3, "rank_from_start")] as [(UInt64, String)] {
        plan.seed = seed
        plan.quantities = [quantity]
        try makeRun(plan, in: RunFolder(results.appendingPathComponent(quantity)))
      }
      #expect(try reports(in: results)[0].report.results.count == 3)
    }
  }

  @Test func `copies of a run count once, and runs on other data are distinguished`() throws {
    try withTemporaryFolder { results in
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      for name in ["one", "copy"] {
        try makeRun(plan, in: RunFolder(results.appendingPathComponent(name)))
      }
      #expect(try reports(in: results)[0].report.results.count == 1)
      plan.seed = 2
      let other = RunFolder(results.appendingPathComponent("other"))
      try makeRun(plan, in: other)
      let file = other.file("provenance.json")
      let text = try String(contentsOf: file, encoding: .utf8).replacing(
        "\"class_count\" : 5", with: "\"class_count\" : 6")
      try Data(text.utf8).write(to: file)
      let findings = ReportedFolder.all(in: results)
      #expect(findings.folders.isEmpty)
      #expect(
        findings.failures as? [RecordError] == [
          .otherPlan(path: other.url.path, key: "the contents of mnist")
        ])
    }
  }

  @Test func `an experiment without started runs does not hide others`() throws {
    try withTemporaryFolder { results in
      try makeExperiment("begun", in: results)
      let waiting = results.appendingPathComponent("waiting/experiment.yaml")
      try RecordFiles.write(Array("name: w\nruns: [{init: ZerO, width: 8}]\n".utf8), to: waiting)
      // A run next to them counts as one more report.
      try makeRun(
        TrainingPlan(initializer: "OnE", width: 8),
        in: RunFolder(results.appendingPathComponent("single")))
      let all = try reports(in: results)
      #expect(all.map(\.report.results.count) == [1, 1, 0])
    }
  }

  @Test func `the command of a random run always contains its seed`() {
    let random = TrainingPlan(initializer: "Random", width: 8)
    #expect(random.trainCommand == "zerolab train --init Random --width 8 --model-seed 0")
    let fixed = TrainingPlan(initializer: "ZerO", width: 8)
    #expect(fixed.trainCommand == "zerolab train --init ZerO --width 8")
  }

  @Test func `an empty folder, and an experiment without started runs, are refused`() throws {
    try withTemporaryFolder { results in
      #expect(
        ReportedFolder.all(in: results).failures as? [ReportError] == [
          .noExperiment(path: results.relativePath)
        ])
      try Data("name: a\nruns: [{init: ZerO, width: 8}]\n".utf8)
        .write(to: results.appendingPathComponent("experiment.yaml"))
      #expect(
        ReportedFolder.all(in: results).failures as? [ReportError] == [
          .noRuns(path: results.relativePath)
        ])
    }
  }

  @Test func `experiments are found two levels deep`() throws {
    try withTemporaryFolder { root in
      try makeExperiment("a", in: root.appendingPathComponent("project/results"))
      let plan = TrainingPlan(initializer: "Spray", width: 8)
      try makeRun(
        plan, in: RunFolder(root.appendingPathComponent("other/results/train/one")))
      let all = try reports(in: root)
      #expect(all.map(\.report.experiment.name) == ["train", "a"])
    }
  }

  /// Writes an experiment with one claim about two runs, and replaces a file of one run.
  private func report(
    damaging name: String, in root: URL, _ change: (Data) -> Data
  ) throws -> ExperimentReport {
    let experiment = try Experiment(
      yaml: """
        name: two
        runs: [{init: ZerO, width: [8, 9]}]
        claims: [{runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: 12}]
        """, path: "two.yaml")
    let folder = ExperimentFolder(root)
    for plan in experiment.plans { try makeRun(plan, in: folder.run(plan)) }
    #expect(try ExperimentReport(experiment, in: folder).isConfirmed)
    let file = folder.run(experiment.plans[1]).file(name)
    try change(try Data(contentsOf: file)).write(to: file)
    return try ExperimentReport(experiment, in: folder)
  }

  @Test(arguments: [
    ("metrics.jsonl", "incomplete"), ("status.json", "damaged"), ("provenance.json", "damaged"),
    ("plan.json", "damaged"),
  ])
  func `a run with a truncated file is named and decides no claim`(
    file: String, state: String
  ) throws {
    try withTemporaryFolder { root in
      let report = try report(damaging: file, in: root) { $0.dropLast(40) }
      #expect(report.results.map(\.state) == ["done", state] && !report.isConfirmed)
      #expect(report.results[1].reason?.contains("runs/ZerO-w9-m0-s1") == true)
      #expect(report.verdicts[0].outcome == .undecided)
      #expect(
        report.verdicts[0].statement.hasSuffix("because the run ZerO-w9-m0-s1 is \(state)."))
      #expect(report.runs.rows[1].contains(state))
      #expect(report.overview.rows.map(\.last) == ["done", state])
      #expect(report.figures[0].curves.count == 1, "it is not drawn")
      let page = try report.page()
      #expect(page.contains("<td>\(state)</td>") && page.contains("1 of 2 runs are done"))
      #expect(page.contains("ZerO-w9-m0-s1 \(state): "))
    }
  }

  @Test func `changed rows are detected`() throws {
    try withTemporaryFolder { root in
      let report = try report(damaging: "metrics.jsonl", in: root) { data in
        Data(String(decoding: data, as: UTF8.self).replacing(":2}", with: ":3}").utf8)
      }
      #expect(report.results.map(\.state) == ["done", "damaged"])
      #expect(report.verdicts[0].outcome == .undecided)
    }
  }

  @Test func `a run of another plan in a run's folder is named`() throws {
    try withTemporaryFolder { root in
      let report = try report(damaging: "plan.json", in: root) { data in
        Data(String(decoding: data, as: UTF8.self).replacing("0.7", with: "0.6").utf8)
      }
      #expect(report.results.map(\.state) == ["done", "misplaced"])
      #expect(report.results[1].reason?.contains("another 'gamma'") == true)
    }
  }

  @Test func `among single runs, one without a plan is named and the others are reported`() throws {
    try withTemporaryFolder { root in
      let plan = TrainingPlan(initializer: "ZerO", width: 8)
      try makeRun(plan, in: RunFolder(root.appendingPathComponent("one")))
      try RecordFiles.write(Array("{".utf8), to: root.appendingPathComponent("two/plan.json"))
      let report = try reports(in: root)[0].report
      #expect(report.results.count == 1 && report.unreadable.count == 1 && !report.isConfirmed)
      #expect(try report.page().contains("two/plan.json: not a record of a run"))
    }
  }
}
