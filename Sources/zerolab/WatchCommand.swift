// zerolab watch: the progress of runs of other processes.

import ArgumentParser
import Foundation
import Messages
import Reports
import Terminal

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow the runs of other processes, or of a cluster.",
    discussion: """
      It reads the runs' records and writes nothing, so it can look on from any machine that sees the folder. It \
      ends when every run has ended or is damaged, with 0 if all are done and with 1 otherwise; Ctrl-C ends it \
      before. It checks the size of a finished run's rows; 'report' checks every one.
      """)

  @Argument(help: "Folders of runs, of experiments, or that hold them.", completion: .directory)
  var folders: [String] = ["results"]

  @Flag(help: "Print one plain table of all runs and end, with 0 however they stand.")
  var once = false

  @Flag(help: "Print plain progress lines on a terminal too.")
  var plain = false

  func run() async throws {
    let style = ProgressStyle(isPlain: plain, environment: ProcessInfo.processInfo.environment)
    var watch = try RunWatch(folders.map { URL(fileURLWithPath: $0) }, style: style)
    if once {
      let table = watch.table.fitting(80, dropping: ["updates", "loss", "test"]).table
      print(table.aligned + "\n" + watch.sentence)
      for damage in watch.damages { standardError(damage + "\n") }
      return
    }
    while !watch.isOver {
      standardError(try watch.look())
      for _ in 0..<10 {
        try await Task.sleep(for: .milliseconds(100))
        standardError(watch.redraw())
      }
    }
    standardError(watch.ending())
    for damage in watch.damages { standardError(damage + "\n") }
    print(watch.sentence)
    if !watch.isDone { throw ExitCode(Failure.Code.failed.rawValue) }
  }
}
