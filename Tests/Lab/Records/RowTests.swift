// A record is refused unless its rows are the rows that the run wrote.

import Foundation
import TestSupport
import Testing
import ZerOTraining

@testable import ZerORecords

@Suite struct RowTests {
  /// Two epochs of three updates; the first and the last of each are measured.
  private static let plan: TrainingPlan = {
    var plan = TrainingPlan(initializer: "ZerO", width: 8)
    plan.batchSize = 32
    plan.epochs = 2
    plan.measureEvery = 2
    return plan
  }()

  private static let provenance = Provenance(
    data: Provenance.Data(
      name: "small", sha256: [:], inputDimension: 12, classCount: 5, counts: [96, 20]),
    commit: "abc", started: Date(timeIntervalSince1970: 1_700_000_000))

  private static func train(_ epoch: Int, _ step: Int) -> MetricsRow {
    .train(
      TrainingStep(
        epoch: epoch, step: step, iteration: 3 * (epoch - 1) + step, samples: 32 * step, loss: 1,
        runningAccuracy: 0, learningRate: 0.1,
        quantities: ["rank": ["l3.weight": 5], "rank_from_start": ["l3.weight": 5]]))
  }

  private static let rows: [MetricsRow] = [
    .ceiling(CeilingRow(tensors: ["l3.weight": 8], fromIdentity: [])), train(1, 0), train(1, 2),
    .test(EpochTest(epoch: 1, loss: 1, correct: 1, total: 20)), train(2, 0), train(2, 2),
    .test(EpochTest(epoch: 2, loss: 1, correct: 1, total: 20)),
  ]

  /// A finished run, and the lines of its rows.
  private func withRun(_ body: (RunFolder, [String]) throws -> Void) throws {
    try withTemporaryFolder { url in
      let run = RunFolder(url)
      let log = try run.begin(Self.plan, Self.provenance)
      for row in Self.rows { try log.append(row) }
      try run.write(RunStatus(.done, metrics: log.metrics))
      let text = try String(contentsOf: run.file("metrics.jsonl"), encoding: .utf8)
      #expect(log.metrics.rows == 7 && log.metrics.bytes == text.utf8.count)
      try body(run, text.split(separator: "\n").map(String.init))
    }
  }

  private func write(_ lines: [String], to run: RunFolder) throws {
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: run.file("metrics.jsonl"))
  }

  private func holding(_ run: RunFolder) throws -> RunFolder.Holding {
    try run.holding(of: Self.plan, on: Self.provenance.data)
  }

  private enum Fault { case incomplete, notThisRuns, malformed }

  private func fault(of error: (any Error)?) -> Fault? {
    switch error as? RecordError {
    case .incomplete: .incomplete
    case .notThisRuns: .notThisRuns
    case .malformed: .malformed
    default: nil
    }
  }

  @Test func `rows as they were written are accepted, with and without a checksum`() throws {
    try withRun { run, _ in
      #expect(try holding(run) == .finished)
      #expect(try RunRecord(run).trainRows.count == 4)
      try run.write(RunStatus(.done))
      #expect(try holding(run) == .finished)
      #expect(try RunRecord(run).trainRows.count == 4)
    }
  }

  private static let damages: [(String, Fault, @Sendable (inout [String]) -> Void)] = [
    ("the end is lost", .incomplete, { $0.removeLast(3) }),
    ("the last test pass is lost", .incomplete, { $0.removeLast() }),
    ("nothing is left", .incomplete, { $0 = [] }),
    ("a measurement is missing", .incomplete, { $0.remove(at: 2) }),
    ("a test pass is missing", .incomplete, { $0.remove(at: 3) }),
    ("a row is doubled", .notThisRuns, { $0.insert($0[2], at: 2) }),
    ("a test pass is doubled", .notThisRuns, { $0.insert($0[3], at: 3) }),
    ("two rows are out of order", .incomplete, { $0.swapAt(4, 5) }),
    ("the ceiling comes late", .notThisRuns, { $0.swapAt(0, 1) }),
    ("another update", .notThisRuns, { $0[2].replace(#""step":2"#, with: #""step":1"#) }),
    (
      "another batch size", .notThisRuns,
      { $0[2].replace(#""samples":64"#, with: #""samples":128"#) }
    ),
    ("another layer", .notThisRuns, { $0[2].replace("l3", with: "l4") }),
    ("another quantity", .notThisRuns, { $0[2].replace(#""rank":"#, with: #""copy_distance":"#) }),
    (
      "a quantity is missing", .notThisRuns,
      { $0[2].replace(#""rank":{"l3.weight":5},"#, with: "") }
    ),
    (
      "nothing is measured", .notThisRuns,
      { lines in
        for quantity in ["rank", "rank_from_start"] {
          lines[2].replace(#""\#(quantity)":{"l3.weight":5},"#, with: "")
        }
      }
    ),
    ("another test set", .notThisRuns, { $0[3].replace(#""total":20"#, with: #""total":10"#) }),
    (
      "a text for numbers", .malformed,
      { $0[2].replace(#""rank":{"l3.weight":5}"#, with: #""rank":"x""#) }
    ),
    (
      "a text for a number", .malformed,
      { $0[2].replace(#"{"l3.weight":5}"#, with: #"{"l3.weight":"x"}"#) }
    ),
    ("no JSON", .malformed, { $0[2] = "{" }),
  ]

  @Test(arguments: damages.indices)
  func `a finished run whose rows are not those that it wrote is refused`(index: Int) throws {
    let (name, expected, damage) = Self.damages[index]
    try withRun { run, lines in
      var lines = lines
      damage(&lines)
      try write(lines, to: run)
      // By its rows alone, as in records of earlier versions.
      let status = try run.status
      try run.write(RunStatus(.done))
      #expect(
        fault(of: #expect(throws: RecordError.self) { try RunRecord(run) }) == expected, "\(name)")
      guard case .damaged = try holding(run) else { return #expect(Bool(false), "\(name)") }
      // By their size or checksum.
      try run.write(status)
      #expect(throws: RecordError.self, "\(name)") { try RunRecord(run) }
      guard case .damaged = try holding(run) else { return #expect(Bool(false), "\(name)") }
    }
  }

  @Test func `a value that was changed is found by the checksum`() throws {
    try withRun { run, lines in
      var lines = lines
      lines[5].replace(#""l3.weight":5"#, with: #""l3.weight":6"#)
      try write(lines, to: run)
      let expected = RecordError.notThisRuns(
        path: run.file("metrics.jsonl").path, line: nil,
        reason: "its SHA-256 is not the one that status.json states")
      #expect(throws: expected) { try RunRecord(run) }
      #expect(try holding(run) == .damaged(expected))
      try run.check(try run.status, of: Self.plan, on: Self.provenance.data)
      lines.removeLast()
      try write(lines, to: run)
      #expect(throws: RecordError.self) {
        try run.check(try run.status, of: Self.plan, on: Self.provenance.data)
      }
    }
  }

  @Test func `rows and status of another run are not this run's`() throws {
    try withRun { run, _ in
      try withTemporaryFolder { url in
        var plan = Self.plan
        plan.seed = 2
        let other = RunFolder(url)
        _ = try other.begin(plan, Self.provenance)
        var status = try run.status
        status.metrics?.run = Self.plan.digest(on: Self.provenance.data)
        try run.write(status)
        #expect(try holding(run) == .finished)
        for name in ["metrics.jsonl", "status.json"] {
          try Data(contentsOf: run.file(name)).write(to: other.file(name))
        }
        let expected = RecordError.notThisRuns(
          path: other.file("status.json").path, line: nil,
          reason: "it is the status of another run")
        #expect(try other.holding(of: plan, on: Self.provenance.data) == .damaged(expected))
        #expect(throws: expected) { try RunRecord(other) }
        #expect(throws: expected) {
          try other.check(status, of: plan, on: Self.provenance.data)
        }
        // Other data make another run too; records of earlier versions state no run.
        #expect(throws: RecordError.self) {
          try run.check(
            status, of: Self.plan,
            on: Provenance.Data(
              name: "small", sha256: ["a": "b"], inputDimension: 12, classCount: 5,
              counts: [96, 20]))
        }
        status.metrics?.run = nil
        try other.write(status)
        #expect(try other.holding(of: plan, on: Self.provenance.data) == .finished)
      }
    }
  }

  @Test func `the digest of a run is the same in every version`() {
    #expect(
      Self.plan.digest(
        on: Provenance.Data(
          name: "small", sha256: ["b": "2", "a": "1"], inputDimension: 12, classCount: 5,
          counts: [96, 20])) == "cbad4bb8c98f9e58554b5ea8867277f8b12bdf0c44795f0c9a5efcae2280d555")
  }

  @Test func `a folder's name is short whatever the plan, and tells plans apart`() {
    var plan = TrainingPlan(initializer: "ZerO", width: 8)
    #expect(plan.folderName == "ZerO-w8-m0-s1-b2aaf067c895")
    plan.quantities = []
    #expect(plan.folderName == "ZerO-w8-m0-s1-b2aaf067c895", "what is measured names no run")
    let long = ["a", "b"].map { end in
      var plan = plan
      plan.data = "/a/" + String(repeating: "größe/", count: 100) + end
      return plan
    }
    #expect(long.allSatisfy { $0.folderName.utf8.count <= 93 && $0.formerFolderName == nil })
    #expect(long[0].folderName != long[1].folderName)
    #expect(long[0].folderName.hasPrefix("ZerO-w8-m0-s1-on-_a_größe_"))
    let alike = ["a/b", "a-b"].map { path in
      var plan = plan
      plan.data = path
      return plan
    }
    #expect(
      alike[0].identifier == alike[1].identifier && alike[0].folderName != alike[1].folderName)
  }

  @Test func `a run is found under the name of version 0.1, and under its own name first`() throws {
    try withTemporaryFolder { url in
      let folder = ExperimentFolder(url)
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      plan.symmetry = .reduced
      func begin(_ name: String) throws -> RunFolder {
        let run = RunFolder(url.appendingPathComponent("runs/\(name)"))
        _ = try run.begin(plan, Self.provenance)
        return run
      }
      #expect(folder.run(plan).url.lastPathComponent == plan.folderName)
      _ = try begin("ZerO-w8-m0-s1")
      #expect(folder.run(plan).url.lastPathComponent == plan.folderName, "another plan's")
      let former = try begin("ZerO-w8-m0-s1-exact")
      #expect(folder.run(plan).url.path == former.url.path)
      var other = plan
      other.quantities = []
      #expect(
        folder.run(other).url.lastPathComponent == other.folderName, "what it measures differs")
      _ = try begin(plan.folderName)
      #expect(folder.run(plan).url.lastPathComponent == plan.folderName)
    }
  }

  @Test func `rows of a run that was interrupted are held against its status too`() throws {
    try withRun { run, lines in
      try write(lines.dropLast(2), to: run)
      let log = try MetricsLog(run.file("metrics.jsonl"), keeping: lines[0].utf8.count + 1)
      #expect(log.metrics.rows == 1 && log.metrics.bytes == lines[0].utf8.count + 1)
      try log.append(Self.rows[1])
      try run.write(RunStatus(.interrupted, metrics: log.metrics))
      #expect(try RunRecord(run).trainRows.count == 1)
      try write([lines[0]], to: run)
      #expect(fault(of: #expect(throws: RecordError.self) { try RunRecord(run) }) == .incomplete)
    }
  }

  @Test func `a status is read without a look at the rows`() throws {
    try withRun { run, _ in
      try Data("nonsense\n".utf8).write(to: run.file("metrics.jsonl"))
      #expect(try run.status.status == .done)
    }
  }

  @Test func `what a reader of rows doesn't keep is not kept`() throws {
    try withRun { run, _ in
      let record = try RunRecord(run) { if case .test = $0 { $0 } else { nil } }
      #expect(record.testRows.count == 2 && record.trainRows.isEmpty && record.ceiling == nil)
    }
  }

  @Test func `snapshots that nobody wants are not decoded where a checksum answers for them`()
    throws
  {
    try withRun { run, lines in
      var lines = lines
      lines.insert(#"{"kind":"snapshot","no snapshot":0}"#, at: 1)
      try write(lines, to: run)
      var status = try run.status
      status.metrics = try MetricsSum(RecordInput(run.file("metrics.jsonl"))).metrics
      try run.write(status)
      let record = try RunRecord(run, withSnapshots: false)
      #expect(record.trainRows.count == 4 && record.snapshots.isEmpty)
      #expect(fault(of: #expect(throws: RecordError.self) { try RunRecord(run) }) == .malformed)
      // Without a checksum every row is read.
      try run.write(RunStatus(.done))
      #expect(throws: RecordError.self) { try RunRecord(run, withSnapshots: false) }
      // And one that was changed is found by the checksum, read or not.
      try run.write(status)
      lines[1] = #"{"kind":"snapshot","no snapshot":1}"#
      try write(lines, to: run)
      let error = #expect(throws: RecordError.self) { try RunRecord(run, withSnapshots: false) }
      #expect(fault(of: error) == .notThisRuns)
    }
  }

  @Test func `a line longer than any row is refused by its length, little of it read`() throws {
    try withTemporaryFolder { url in
      let file = url.appendingPathComponent("metrics.jsonl")
      let long = [UInt8](repeating: UInt8(ascii: " "), count: 4 * RecordInput.pieceSize)
      try Data("first\n".utf8 + long + Array("\n".utf8)).write(to: file)
      var lines = LineReader(try RecordInput(file), limit: 1000)
      #expect(try lines.next() == Array("first".utf8))
      #expect {
        try lines.next()
      } throws: { error in
        guard case .malformed(file.path, 2, _)? = error as? RecordError else { return false }
        return true
      }
      #expect(lines.sum.bytes == RecordInput.pieceSize)
      var all = LineReader(try RecordInput(file), limit: long.count)
      #expect(try all.next()?.count == 5)
      #expect(try all.next() == long)
      #expect(try all.next() == nil)
    }
  }

  @Test func `a line that is too long is named by its own number, whole or not`() throws {
    try withTemporaryFolder { url in
      let file = url.appendingPathComponent("metrics.jsonl")
      for end in ["", "\n"] {
        try Data("first\nsecond, too long\(end)".utf8).write(to: file)
        var lines = LineReader(try RecordInput(file), limit: 10)
        #expect(try lines.next()?.count == 5)
        #expect {
          try lines.next()
        } throws: { error in
          guard case .malformed(_, let line, _)? = error as? RecordError else { return false }
          return line == 2
        }
      }
    }
  }

  @Test func `a missing file and one that is no file are named`() throws {
    try withRun { run, _ in
      try FileManager.default.removeItem(at: run.file("metrics.jsonl"))
      #expect(
        throws: RecordError.incomplete(path: run.url.path, reason: "without metrics.jsonl")
      ) { try RunRecord(run) }
      try FileManager.default.createDirectory(
        at: run.file("metrics.jsonl"), withIntermediateDirectories: true)
      #expect {
        try RunRecord(run)
      } throws: { error in
        guard case .unreadable? = error as? RecordError else { return false }
        return "\(error)".hasSuffix("check its permissions and the disk")
      }
    }
  }

  @Test func `a run of an initializer that this build lacks is read`() throws {
    try withTemporaryFolder { url in
      var plan = Self.plan
      plan.initializer = "Newest"
      let run = RunFolder(url)
      let log = try run.begin(plan, Self.provenance)
      for row in Self.rows { try log.append(row) }
      try run.write(RunStatus(.done, metrics: log.metrics))
      #expect(try RunRecord(run).plan == plan)
      // Names that a page, a table or a command would have to quote are none.
      for name in ["", "x; y", "=1+1", "<b>", "none"] {
        plan.initializer = name
        try JSONEncoder().encode(plan).write(to: run.file("plan.json"))
        #expect(throws: RecordError.self, "\(name)") { try run.plan }
        plan.initializer = "Newest"
        plan.quantities = [name]
        try JSONEncoder().encode(plan).write(to: run.file("plan.json"))
        #expect(throws: RecordError.self, "\(name)") { try run.plan }
        plan.quantities = ["rank"]
      }
      // A plan that is invalid for another reason is an error.
      plan.epochs = -2
      try JSONEncoder().encode(plan).write(to: run.file("plan.json"))
      #expect(throws: RecordError.self) { try RunRecord(run) }
    }
  }

  @Test(arguments: [
    (#"{"status":"done""#, "not JSON: Unexpected end of file during JSON parse"),
    (#"{"seconds":1}"#, "the key 'status' is missing"),
    (
      #"{"status":"done","metrics":{"rows":1,"bytes":"x","sha256":""}}"#,
      "'metrics.bytes' is a string, not a number"
    ),
  ])
  func `damaged JSON is told by file, key and place`(text: String, reason: String) throws {
    try withRun { run, _ in
      let file = run.file("status.json")
      try Data(text.utf8).write(to: file)
      #expect(throws: RecordError.malformed(path: file.path, line: nil, reason: reason)) {
        try run.status
      }
    }
  }
}
