// zerolab watch: the progress of runs of other processes.

import ArgumentParser
import Foundation
import ZerOMessages
import ZerOReports
import ZerOTerminal

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow the runs of other processes or of a cluster.",
    discussion: """
      The command only reads the runs' records, so it works on any machine that can read the folder. It ends when \
      every run has ended or is damaged, or at Ctrl-C. The exit code is 0 if all runs are done and 1 otherwise. It \
      checks the size of a finished run's rows; 'report' checks their content. Ranks count singular values \
      above 1e-4.
      """)

  @Argument(
    help: "Folders of runs or experiments, or folders that contain them.", completion: .directory)
  var folders: [String] = ["results"]

  @Flag(help: "Print one plain table of all runs and exit; the exit code is 0 in any state.")
  var once = false

  @Flag(help: "Print plain progress lines, even on a terminal.")
  var plain = false

  func run() async throws {
    let style = ProgressStyle(isPlain: plain, environment: ProcessInfo.processInfo.environment)
    var watch = try RunWatch(folders.map { URL(fileURLWithPath: $0) }, style: style)
    if once {
      let table = watch.table.fitting(80, dropping: ["updates", "loss", "test"]).table
      let note =
        table.headings.contains("rank")
        ? "rank: singular values above 1e-4, compared with the input dimension\n" : ""
      print(table.aligned + note + "\n" + watch.summary)
      for damage in watch.damagedRuns { standardError(damage + "\n") }
      return
    }
    while !watch.isOver {
      standardError(try watch.poll())
      for _ in 0..<10 {
        try await Task.sleep(for: .milliseconds(100))
        standardError(watch.redraw())
      }
    }
    standardError(watch.finish())
    for damage in watch.damagedRuns { standardError(damage + "\n") }
    print(watch.summary)
    if !watch.isDone { throw ExitCode(Failure.Code.failed.rawValue) }
  }
}
