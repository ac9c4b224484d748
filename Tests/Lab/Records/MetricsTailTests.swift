import Foundation
import TestSupport
import Testing
import ZerOTraining

@testable import ZerORecords

@Suite struct MetricsTailTests {
  private func row(_ iteration: Int) -> String {
    """
    {"epoch":1,"iteration":\(iteration),"kind":"train","learning_rate":0.1,"loss":1,\
    "running_accuracy":0,"samples":0,"step":\(iteration)}

    """
  }

  private func append(_ text: String, to folder: RunFolder) throws {
    let handle = try FileHandle(forWritingTo: folder.file("metrics.jsonl"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  /// The iteration of the latest measurement, and whether the rows began again.
  private func look(_ tail: inout MetricsTail) throws -> [Int?] {
    let news = try tail.next()
    return [news.train?.iteration, news.isFromStart ? 1 : 0]
  }

  @Test func `each look gives the latest row since the last, a torn one when it is whole`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      var tail = MetricsTail(folder)
      #expect(throws: RecordError.incomplete(path: url.path, reason: "without metrics.jsonl")) {
        try tail.next()
      }
      try Data((row(0) + row(1)).utf8).write(to: folder.file("metrics.jsonl"))
      #expect(try look(&tail) == [1, 1])
      #expect(try look(&tail) == [nil, 0])
      try append(row(2) + row(3).prefix(20), to: folder)
      #expect(try look(&tail) == [2, 0])
      try append(String(row(3).dropFirst(20)), to: folder)
      #expect(try look(&tail) == [3, 0])
    }
  }

  @Test func `snapshots and what is no row are passed over, however many lie behind the last row`()
    throws
  {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let test = #"{"correct":15,"epoch":1,"kind":"test","loss":0.125,"total":20}"#
      let snapshot = #"{"kind":"snapshot","map":1}"# + "\n"
      let many = String(repeating: snapshot, count: (1 << 19) / snapshot.utf8.count)
      let text = row(0) + snapshot + "nonsense\n" + test + "\n" + row(1) + many
      try Data(text.utf8).write(to: folder.file("metrics.jsonl"))
      var tail = MetricsTail(folder)
      let news = try tail.next()
      #expect(news.train?.iteration == 1)
      #expect(news.test == EpochTest(epoch: 1, loss: 0.125, correct: 15, total: 20))
      try append(row(2), to: folder)
      #expect(try look(&tail) == [2, 0])
    }
  }

  @Test func `a file that was cut back or replaced is read from its start`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let file = folder.file("metrics.jsonl")
      try Data((row(0) + row(1) + row(2)).utf8).write(to: file)
      var tail = MetricsTail(folder)
      #expect(try look(&tail) == [2, 1])
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: UInt64(row(0).utf8.count))
      try handle.close()
      #expect(try look(&tail) == [0, 1])
      try RecordFiles.write(Array((row(5) + row(6)).utf8), to: file)
      #expect(try look(&tail) == [6, 1])
    }
  }

  @Test func `a line longer than any row is refused, and no line number is made up`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let file = folder.file("metrics.jsonl")
      let text = String(repeating: "x", count: 2 << 18)
      try Data((row(0) + text).utf8).write(to: file)
      var tail = MetricsTail(folder, limit: 1000)
      #expect(
        throws: RecordError.malformed(
          path: file.path, line: nil,
          reason: "longer than the 0 MiB that a row has at most")
      ) { try tail.next() }
    }
  }

  @Test func `a lock says who has it, and looking takes none`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      #expect(folder.lockHolder == nil)
      let lock = try folder.lock()
      withExtendedLifetime(lock) {
        #expect(folder.lockHolder == .current && folder.lockHolder?.isAlive == true)
      }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "exit 0"]
      try process.run()
      process.waitUntilExit()
      let gone = LockHolder(host: LockHolder.current.host, process: process.processIdentifier)
      #expect(gone.isAlive == false)
      #expect(LockHolder(host: "elsewhere.example", process: 1).isAlive == nil)
      #expect(LockHolder(host: LockHolder.current.host, process: -1).isAlive == nil)
    }
  }
}
