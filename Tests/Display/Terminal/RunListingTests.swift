import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerOParallelism
import ZerORecords
import ZerOTraining

@testable import ZerOTerminal

@Suite struct RunListingTests {
  /// The lines of a listing, after a change to the folder of results.
  private func lines(_ runs: String, _ prepare: (Experiment, ExperimentFolder) throws -> Void)
    throws -> (lines: [String], damages: [String])
  {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      let experiment = try Experiment(
        yaml: "name: small\ndata: small\ntraining: {batch_size: 20}\nruns: [\(runs)]\n",
        path: "small.yaml")
      let runner = ExperimentRunner(
        output: folder.appendingPathComponent("results"), pool: WorkerPool(threads: 1),
        commit: "test")
      try prepare(experiment, runner.folder(of: experiment))
      let listing = try RunListing([experiment], data: ["small": data], runner: runner)
      return (listing.text.split(separator: "\n").map(String.init), listing.damagedRuns)
    }
  }

  @Test func `runs with equal initial weights are marked`() throws {
    let lines = try lines("{init: [ZerO, Random, IDInit], width: 8}") { _, _ in }.lines
    #expect(lines[1].hasSuffix("to do") && lines[2].hasSuffix("to do"))
    #expect(
      lines[3].hasSuffix("to do, same initial weights as ZerO-w8-m0-s1-b20-on-small"), "\(lines)")
    #expect(lines.last == "Runs with equal initial weights have equal results.")
  }

  @Test func `a damaged run is named and the others are listed`() throws {
    let (lines, damages) = try lines("{init: ZerO, width: [8, 9]}") { experiment, folder in
      let run = folder.run(experiment.plans[0])
      try RecordFiles.write(Array("{".utf8), to: run.file("plan.json"))
    }
    #expect(lines[1].hasSuffix("-  damaged") && lines[2].hasSuffix("to do"))
    #expect(lines.last?.hasPrefix("1 of 2 runs to do") == true)
    #expect(damages.count == 1 && damages[0].contains("plan.json"))
  }
}
