import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOTraining

@testable import ZerORecords

@Suite struct RunFolderTests {
  private let plan = TrainingPlan(initializer: "ZerO", width: 8)

  private let provenance = Provenance(
    data: Provenance.Data(
      name: "small", sha256: ["file": "00"], inputDimension: 12, classCount: 5, counts: [96, 20]),
    commit: "abc", started: Date(timeIntervalSince1970: 1_700_000_000))

  private let rows: [MetricsRow] = [
    .ceiling(CeilingRow(tensors: ["l3.weight": 12], fromIdentity: ["l3.weight"])),
    .train(
      TrainingStep(
        epoch: 1, step: 0, iteration: 0, samples: 0, loss: 2.302585092994046, runningAccuracy: 0.01,
        learningRate: 0.1,
        quantities: ["rank": ["l3.weight": 9, "l3.bias": 8], "rank_from_start": ["l3.weight": 7]])),
    .test(EpochTest(epoch: 1, loss: 0.125, correct: 15, total: 20)),
    .snapshot(
      SnapshotRow(
        updates: 1, tensor: "l3.weight", shape: [8, 8],
        spectra: [
          "identity": SnapshotRow.Spectrum(
            tolerance: 1e-4, rank: 1, smallestAbove: 0.5, largestBelow: 0, stableRank: 1,
            effectiveRank: 1, values: [0.5, 0])
        ],
        map: SnapshotRow.Map(Matrix(rows: 1, columns: 2, elements: [0.1, -1])))),
  ]

  /// A finished run in a folder.
  private func record(in folder: RunFolder) throws {
    let log = try folder.begin(plan, provenance)
    for row in rows { try log.append(row) }
    try folder.write(RunStatus(.done, seconds: 1.5))
  }

  @Test func `a run is read back as it was written`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url.appendingPathComponent("run"))
      try record(in: folder)
      let record = try RunRecord(folder)
      #expect(record.plan == plan && record.provenance == provenance)
      #expect(record.status == RunStatus(.done, seconds: 1.5))
      let read =
        [record.ceiling].compactMap { $0 }.map { MetricsRow.ceiling($0) }
        + record.trainRows.map { MetricsRow.train($0) } + record.testRows.map { .test($0) }
        + record.snapshots.map { .snapshot($0) }
      #expect(read == rows)
      #expect(record.series("rank", of: "l3.weight").map(\.updates) == [1])
      #expect(record.series("rank", of: "l9.weight").isEmpty)
    }
  }

  @Test func `each row is a line with the documented keys`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try record(in: folder)
      let text = try String(contentsOf: folder.file("metrics.jsonl"), encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count == 5 && lines[4].isEmpty)
      #expect(
        lines[0]
          == #"{"from_identity":["l3.weight"],"kind":"ceiling","tensors":{"l3.weight":12}}"#)
      #expect(
        lines[1] == """
          {"epoch":1,"iteration":0,"kind":"train","learning_rate":0.1,"loss":2.302585092994046,\
          "rank":{"l3.bias":8,"l3.weight":9},"rank_from_start":{"l3.weight":7},"running_accuracy":0.01,\
          "samples":0,"step":0}
          """)
      #expect(
        lines[2] == #"{"correct":15,"epoch":1,"kind":"test","loss":0.125,"total":20}"#)
      #expect(
        lines[3] == """
          {"kind":"snapshot","map":{"columns":2,"rows":1,"values":[0.1,-1]},"shape":[8,8],\
          "spectra":{"identity":{"effective_rank":1,"largest_below":0,"rank":1,\
          "singular_values":[0.5,0],"smallest_above":0.5,"stable_rank":1,"tolerance":0.0001}},\
          "tensor":"l3.weight","updates":1}
          """)
    }
  }

  @Test func `a finished run of the same plan is known again, an unfinished one is not`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url.appendingPathComponent("run"))
      #expect(try folder.holding(of: plan, on: provenance.data) != .finished)
      _ = try folder.begin(plan, provenance)
      #expect(try folder.holding(of: plan, on: provenance.data) != .finished)
      try record(in: folder)
      #expect(try folder.holding(of: plan, on: provenance.data) == .finished)
    }
  }

  @Test func `another plan in the folder is refused by its first different key`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try record(in: folder)
      var other = plan
      other.quantities = ["rank"]
      other.testBatchSize = 10
      #expect(throws: RecordError.otherPlan(path: url.path, key: "test_batch_size")) {
        try folder.holding(of: other, on: provenance.data)
      }
      var unbiased = plan
      unbiased.bias = nil
      #expect(throws: RecordError.otherPlan(path: url.path, key: "bias")) {
        try folder.holding(of: unbiased, on: provenance.data)
      }
    }
  }

  @Test(arguments: [
    (#"{"l3.weight":12}"#, #"{"l3.weight":-1}"#, 1), (#""rows":1"#, #""rows":3"#, 4),
    (#""rows":1"#, #""rows":-1"#, 4),
    (#""rows":1"#, #""rows":4611686018427387905"#, 4), (#""rank":1,"s"#, #""rank":3,"s"#, 4),
    (#""rank":1,"s"#, #""rank":-9223372036854775808,"s"#, 4),
    (#""iteration":0"#, #""iteration":9223372036854775807"#, 2),
    (#""iteration":0"#, #""iteration":-1"#, 2),
    (#""epoch":1,"kind":"test""#, #""epoch":9223372036854775807,"kind":"test""#, 3),
    (#""total":20"#, #""total":0"#, 3), (#""correct":15"#, #""correct":21"#, 3),
    (
      #""columns":2,"rows":1,"values":[0.1,-1]"#,
      #""columns":0,"rows":4611686018427387904,"values":[]"#, 4
    ),
    (#""identity""#, #""other""#, 4), (#""shape":[8,8]"#, #""shape":[]"#, 4),
    (#"[0.5,0]"#, #"[0,0.5]"#, 4), (#""updates":1"#, #""updates":-1"#, 4),
  ])
  func `counts that can't be are refused`(truth: String, lie: String, line: Int) throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try record(in: folder)
      let file = folder.file("metrics.jsonl")
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains(truth))
      try Data(text.replacing(truth, with: lie).utf8).write(to: file)
      #expect {
        try RunRecord(folder)
      } throws: { error in
        guard case .malformed(file.path, line, _)? = error as? RecordError else { return false }
        return true
      }
    }
  }

  @Test(arguments: [
    ("provenance.json", "60000", "9223372036854775807"), ("provenance.json", ": 12,", ": -12,"),
    ("plan.json", #""batch_size" : 64"#, #""batch_size" : 0"#),
    ("plan.json", #""epochs" : 1"#, #""epochs" : 9223372036854775807"#),
  ])
  func `plans and data that can't be are refused`(file: String, truth: String, lie: String) throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try record(in: folder)
      let path = folder.file(file)
      let text = try String(contentsOf: path, encoding: .utf8).replacing("96", with: "60000")
      #expect(text.contains(truth), "\(text)")
      try Data(text.replacing(truth, with: lie).utf8).write(to: path)
      #expect {
        try RunRecord(folder)
      } throws: { error in
        guard case .malformed(path.path, nil, _)? = error as? RecordError else { return false }
        return true
      }
    }
  }

  @Test func `a damaged line is named`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try record(in: folder)
      let file = folder.file("metrics.jsonl")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data((text + "{\"kind\":\"train\"").utf8).write(to: file)
      #expect(throws: RecordError.incomplete(path: url.path, reason: "the last row is incomplete"))
      {
        try RunRecord(folder)
      }
      try folder.write(RunStatus(.running))
      #expect(try RunRecord(folder).testRows.count == 1, "half a line is what a kill leaves")
      try Data((text + "{\"kind\":\"train\"\n").utf8).write(to: file)
      #expect {
        try RunRecord(folder)
      } throws: { error in
        guard case .malformed(file.path, 5, _)? = error as? RecordError else { return false }
        return true
      }
    }
  }

  @Test func `a place that can't be written is named`() throws {
    try withTemporaryFolder { url in
      // A file where a folder should be: refused to every user, the superuser included.
      let file = url.appendingPathComponent("file")
      try Data().write(to: file)
      #expect {
        _ = try RunFolder(file.appendingPathComponent("run")).begin(plan, provenance)
      } throws: { error in
        guard case .unwritable(let path, _)? = error as? RecordError else { return false }
        return path.hasPrefix(file.path)
      }
    }
  }

  @Test func `an experiment that somebody is at work on is not moved aside`() throws {
    try withTemporaryFolder { url in
      let folder = ExperimentFolder(url.appendingPathComponent("results"))
      #expect(try folder.moveAside() == nil, "there is nothing to move")
      let (one, two) = (try folder.join(), try folder.join())
      #expect(throws: RecordError.locked(path: folder.url.path)) { try folder.moveAside() }
      withExtendedLifetime((one, two)) {}
      _ = consume one
      _ = consume two
      #expect(try folder.moveAside()?.lastPathComponent == "results.before-1")
      _ = try folder.join()
    }
  }

  @Test func `a finished run whose status can't be read is no unfinished one`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url.appendingPathComponent("run"))
      try record(in: folder)
      try Data("{".utf8).write(to: folder.file("status.json"))
      #expect(throws: RecordError.self) {
        try folder.holding(of: plan, on: provenance.data)
      }
    }
  }

  @Test func `what is in the way is moved aside, never over something else`() throws {
    try withTemporaryFolder { url in
      let target = url.appendingPathComponent("results")
      #expect(try RecordFiles.moveAside(target) == nil)
      for number in 1...3 {
        try RecordFiles.write([UInt8(number)], to: target.appendingPathComponent("file"))
        let moved = try #require(try RecordFiles.moveAside(target))
        #expect(moved.lastPathComponent == "results.before-\(number)")
        #expect(try Data(contentsOf: moved.appendingPathComponent("file")) == Data([UInt8(number)]))
      }
    }
  }

  @Test func `links that lead out of a folder are refused, those inside it are not`() throws {
    try withTemporaryFolder { url in
      let files = FileManager.default
      let folder = ExperimentFolder(url.appendingPathComponent("results"))
      let (inner, outer) = (folder.file("inner"), url.appendingPathComponent("outer"))
      for place in [inner, outer] {
        try files.createDirectory(at: place, withIntermediateDirectories: true)
      }
      let runs = folder.file("runs")
      try folder.refuseLinks(to: runs.appendingPathComponent("a"))
      try files.createSymbolicLink(at: runs, withDestinationURL: inner)
      try folder.refuseLinks(to: runs.appendingPathComponent("a"))
      try files.removeItem(at: runs)
      try files.createSymbolicLink(at: runs, withDestinationURL: outer)
      #expect(throws: RecordError.isLink(path: runs.path)) {
        try folder.refuseLinks(to: runs.appendingPathComponent("a"))
      }
      // The folder itself may be one: it was named.
      let named = ExperimentFolder(url.appendingPathComponent("named"))
      try files.createSymbolicLink(at: named.url, withDestinationURL: outer)
      try named.refuseLinks(to: named.file("runs"))
    }
  }

  @Test func `what is written into a folder that has gone doesn't make it anew`() throws {
    try withTemporaryFolder { url in
      let run = RunFolder(url.appendingPathComponent("run"))
      let log = try run.begin(plan, provenance)
      let away = url.appendingPathComponent("away")
      try FileManager.default.moveItem(at: run.url, to: away)
      let rows = run.file("metrics.jsonl").path
      #expect(throws: RecordError.gone(path: rows)) { try log.append(self.rows[1]) }
      #expect(throws: RecordError.gone(path: rows)) { try log.synchronize() }
      #expect(throws: RecordError.gone(path: run.file("status.json").path)) {
        try run.write(RunStatus(.failed))
      }
      #expect(throws: RecordError.self) { try run.writeCheckpoint([1]) }
      #expect(!FileManager.default.fileExists(atPath: run.url.path))
      // Another file under the name is not this one.
      try FileManager.default.createDirectory(at: run.url, withIntermediateDirectories: true)
      try Data().write(to: run.file("metrics.jsonl"))
      #expect(throws: RecordError.gone(path: rows)) { try log.append(self.rows[1]) }
    }
  }

  @Test func `a folder that can't be looked into is not one where nothing has begun`() throws {
    try withTemporaryFolder { url in
      // A name that is too long for any file is one that can't be looked at, to the superuser, too.
      let run = RunFolder(url.appendingPathComponent(String(repeating: "a", count: 300)))
      #expect(run.holdsRun)
      #expect {
        try run.plan
      } throws: { error in
        guard case .unreadable? = error as? RecordError else { return false }
        return "\(error)".hasSuffix("(File name too long); check its permissions and the disk")
      }
      #expect(!RunFolder(url.appendingPathComponent("none")).holdsRun)
    }
  }
}
