// The root of the command line. Each command has its own file; commands call the library and print.

import ArgumentParser
import Foundation
import ZerOFigures
import ZerOLinearAlgebra

@main
struct Zerolab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zerolab",
    abstract: "Predict and measure how initialization bounds the rank that training can reach.",
    version: "0.2.0",
    subcommands: [
      RunCommand.self, WatchCommand.self, ReportCommand.self, TrainCommand.self, TestCommand.self,
      InitCommand.self, CeilingCommand.self, RankCommand.self, ListCommand.self, DataCommand.self,
    ])

  static func main() async {
    BundledFont.use()
    ParentProcess.follow()
    ProcessLimits.check()
    BLAS.restartOnSuitableKernel()
    Memory.keepFreed()
    var ending: (any Error)?
    do {
      var command = try parseAsRoot()
      if BLAS.lacksAVX2, command is TrainCommand || command is RunCommand || command is RankCommand
      {
        standardError(
          "note: OpenBLAS uses its kernel \(BLAS.kernel), without AVX2; the results are as exact, but take longer\n"
        )
      }
      if let remark = ProductLibrary.remark, command is TrainCommand || command is RunCommand {
        standardError("note: \(remark)\n")
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      ending = error
    }
    // Help and completions also end a command by an error.
    if let error = ending, exitCode(for: error) == .success {
      let message = fullMessage(for: error)
      if !message.isEmpty { print(message) }
      ending = nil
    }
    // A truncated result must not pass as a complete one, however the command ended.
    do {
      try OutputError.check()
    } catch {
      if let earlier = ending, let failure = Failure(earlier) { failure.report() }
      ending = error
    }
    guard let error = ending else { return }
    guard let failure = Failure(error) else { exit(withError: error) }
    failure.exit()
  }
}
