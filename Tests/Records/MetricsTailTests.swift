import Foundation
import TestSupport
import Testing
import Training

@testable import Records

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

  private func iterations(_ tail: inout MetricsTail) throws -> (rows: [Int], isFromStart: Bool) {
    let (rows, isFromStart) = try tail.next()
    return (
      rows.compactMap { if case .train(let row) = $0 { row.iteration } else { nil } }, isFromStart
    )
  }

  @Test func `each row is read once, a torn one when it is whole`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      var tail = MetricsTail(folder)
      #expect(try iterations(&tail) == ([], false), "there is no file yet")
      try Data(row(0).utf8).write(to: folder.file("metrics.jsonl"))
      #expect(try iterations(&tail) == ([0], true))
      #expect(try iterations(&tail) == ([], false))
      try append(row(1) + row(2).prefix(20), to: folder)
      #expect(try iterations(&tail) == ([1], false))
      try append(String(row(2).dropFirst(20)), to: folder)
      #expect(try iterations(&tail) == ([2], false))
    }
  }

  @Test func `snapshots and what is no row are passed over`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let test = #"{"correct":15,"epoch":1,"kind":"test","loss":0.125,"total":20}"#
      let text = row(0) + #"{"kind":"snapshot","map":1}"# + "\nnonsense\n" + test + "\n" + row(1)
      try Data(text.utf8).write(to: folder.file("metrics.jsonl"))
      var tail = MetricsTail(folder)
      let rows = try tail.next().rows
      #expect(rows.count == 3)
      #expect(rows[1] == .test(TestRow(epoch: 1, loss: 0.125, correct: 15, total: 20)))
    }
  }

  @Test func `a file that was cut back or replaced is read from its start`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let file = folder.file("metrics.jsonl")
      try Data((row(0) + row(1) + row(2)).utf8).write(to: file)
      var tail = MetricsTail(folder)
      #expect(try iterations(&tail) == ([0, 1, 2], true))
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: UInt64(row(0).utf8.count))
      try handle.close()
      #expect(try iterations(&tail) == ([0], true))
      try RecordFiles.write(Array((row(5) + row(6)).utf8), to: file)
      #expect(try iterations(&tail) == ([5, 6], true))
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
