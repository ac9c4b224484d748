// zerolab run: experiments, their figures and verdicts.

import ArgumentParser
import Foundation
import ZerOClusters
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerOParallelism
import ZerORecords
import ZerOReports
import ZerOTerminal
import ZerOTraining

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run experiments, draw their figures and print the verdicts.",
    discussion:
      "Finished runs are kept and interrupted runs resume, so the command is safe to repeat.")

  @Argument(
    help: "Built-in names (see 'zerolab list') or YAML files.",
    completion: .names(Experiment.builtInNames, orFiles: ["yaml"]))
  var experiments: [String]

  @Option(name: .customLong("out"), help: "Folder of results.", completion: .directory)
  var output = "results"

  @OptionGroup var jobs: JobOptions

  @Option(help: "Number of epochs of every run, instead of the experiment's.")
  var epochs: Int?

  @Option(
    help: "Data set of every run, a name, folder or .npz file, instead of the experiment's.",
    completion: .names(DatasetSource.catalog.map(\.name), orFiles: ["npz"]))
  var data: String?

  @OptionGroup var checkpoints: CheckpointOptions

  @OptionGroup(title: "Clusters") var cluster: ClusterOptions

  @Flag(help: "Write every trained network as model.safetensors.")
  var saveModels = false

  @Flag(help: "List the runs with estimates of time and memory, without running them.")
  var list = false

  @Flag(help: "Print tables and verdicts, but no progress.")
  var quiet = false

  @Flag(help: "Print progress as plain lines, on a terminal too.")
  var plain = false

  func validate() throws {
    if let epochs, epochs < 1 {
      throw ValidationError("--epochs is \(epochs); it must be at least 1")
    }
  }

  func run() async throws {
    let share = try cluster.share()
    let names = experiments
    let experiments = try names.map(load)
    for (index, experiment) in experiments.enumerated() {
      guard let first = experiments.firstIndex(where: { $0.name == experiment.name }), first < index
      else { continue }
      throw ExperimentError.sameName(
        experiment.name, first: names[first], second: names[index])
    }
    var datasets: [String: Dataset] = [:]
    let plans = Experiment.distinctPlans(of: experiments)
    // Gathering reads records only.
    let needsData = !cluster.gather || list
    for name in plans.map(\.data) where needsData && datasets[name] == nil {
      datasets[name] = try Dataset.load(name)
    }

    let cancellation = Cancellation()
    let runner = ExperimentRunner(
      output: URL(fileURLWithPath: output), pool: jobs.pool, commit: Build.commit ?? "unknown",
      checkpointPolicy: checkpoints.policy(endingAt: cancellation), savesModels: saveModels)
    if list {
      let listing = try RunListing(experiments, data: datasets, runner: runner)
      print(listing.text, terminator: "")
      for damage in listing.damagedRuns { standardError(damage + "\n") }
      return
    }
    if checkpoints.isFresh {
      guard share == nil, !cluster.gather else {
        throw ValidationError(
          "--fresh would move the results of other tasks aside; omit --task, --gather or --fresh")
      }
      for experiment in experiments {
        try checkIdle(experiment, in: runner.folder(of: experiment))
      }
      for experiment in experiments {
        if let old = try runner.folder(of: experiment).moveAside(), !quiet {
          standardError("earlier results are now in \(old.relativePath)\n")
        }
      }
    }
    if cluster.engine == .slurm {
      for experiment in experiments {
        try submit(experiment, in: runner.folder(of: experiment), data: datasets)
      }
      return
    }
    if cluster.gather {
      try report(experiments, runner)
      return
    }

    let selection = try share?.plans(of: plans)
    for plan in plans { try plan.validate() }
    var selected = SelectedDatasets(datasets)
    let display = ProgressDisplay(
      style, plans: selection ?? plans, others: plans,
      data: try selected.descriptions(of: selection ?? plans), threads: runner.pool.threads,
      write: standardError)
    let listener = SignalListener(cancellation, say: display.announce)
    defer { withExtendedLifetime(listener) {} }
    let leftOut = try await display.redrawing {
      try await runner(experiments, data: datasets, selection: selection, report: display.show)
    }
    let outcome = Result {
      if let selection {
        try reportTask(selection, experiments, runner)
      } else {
        try report(experiments, runner)
      }
    }
    // All other runs have been executed and reported; the first error decides the exit code.
    if let first = leftOut.first {
      if case .failure(let error) = outcome, let failure = Failure(error) { failure.report() }
      if leftOut.count > 1 { standardError("\(leftOut.count) runs were left out, the first:\n") }
      throw first.error
    }
    try outcome.get()
  }

  private func load(_ name: String) throws -> Experiment {
    var settings: [String: String] = [:]
    if let epochs { settings["epochs"] = String(epochs) }
    if let data { settings["data"] = data }
    return try Experiment.load(name).overriding(settings)
  }

  private var style: ProgressStyle {
    quiet ? .quiet : ProgressStyle(isPlain: plain, environment: ProcessInfo.processInfo.environment)
  }

  /// Writes tables and figures, and prints the verdicts.
  private func report(_ experiments: [Experiment], _ runner: ExperimentRunner) throws {
    var isConfirmed = true
    for experiment in experiments {
      let folder = runner.folder(of: experiment)
      let report = try ExperimentReport(experiment, in: folder)
      guard !report.results.isEmpty else {
        isConfirmed = false
        standardError("\(experiment.name): no run has started in \(folder.url.relativePath)\n")
        continue
      }
      let names = try report.write(to: folder)
      let page = names.first { $0.hasSuffix(".html") }
      isConfirmed = isConfirmed && report.isConfirmed
      let screen = ResultsScreen()
      let heading = [experiment.name, experiment.question].filter { !$0.isEmpty }
      print("\n" + screen.text(heading.joined(separator: ": ")) + "\n")
      print(report.overviewText(columns: screen.columns))
      for verdict in report.verdicts { print(screen.text(verdict)) }
      if let page { print("\nReport: \(folder.file(page).relativePath)") }
      print("Figures and records: \(folder.url.relativePath)")
      let figures = names.filter { $0 != page }
      if !figures.isEmpty { print(screen.list(figures)) }
      let damaged = report.results.filter(\.isDamaged).map { ($0.plan, $0.reason ?? $0.state) }
      let unfinished = try UnfinishedRuns(
        experiment, in: folder, damaged: Dictionary(damaged) { first, _ in first })
      for line in unfinished.lines { standardError(line + "\n") }
    }
    if !isConfirmed { throw ExitCode(Failure.Code.failed.rawValue) }
  }
}
