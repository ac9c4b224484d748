// The command line's root. Commands are a file each; they ask the library and print, and decide
// nothing.

import ArgumentParser
import Foundation
import LinearAlgebra

@main
struct Zerolab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zerolab",
    abstract: "How does the initialisation of weights bound the rank that training can reach?",
    version: "0.1.0",
    subcommands: [
      RunCommand.self, WatchCommand.self, ReportCommand.self, TrainCommand.self, InitCommand.self,
      CeilingCommand.self, RankCommand.self, ListCommand.self, DataCommand.self,
    ])

  static func main() async {
    BLAS.restartOnSuitableKernel()
    Allocator.keepFreedMemory()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      // What a full disk took of the output is noticed here or never.
      guard fflush(nil) == 0 else { throw OutputError() }
    } catch {
      guard let failure = Failure(error) else { exit(withError: error) }
      failure.exit()
    }
  }
}
