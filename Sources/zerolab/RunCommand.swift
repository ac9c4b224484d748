// zerolab run: experiments, their figures and the verdict.

import ArgumentParser
import Datasets
import Execution
import Experiments
import Foundation
import Records
import Reports
import Terminal
import Training

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run experiments, draw their figures and state the verdict.",
    discussion: "Finished runs of the same plan are kept, so an interrupted call can be repeated.")

  @Argument(help: "Built-in names (see 'zerolab list') or YAML files.")
  var experiments: [String]

  @Option(name: .customLong("out"), help: "The folder of results.")
  var output = "results"

  @OptionGroup var jobs: JobOptions

  @Option(help: "Replaces every run's number of epochs.")
  var epochs: Int?

  @Option(help: "Replaces every run's data set: a name or a folder.")
  var data: String?

  /// What happens to results that are already there.
  enum EarlierResults: String, EnumerableFlag {
    case resume, fresh

    static func help(for value: EarlierResults) -> ArgumentHelp? {
      switch value {
      case .resume: "Keep finished runs; this is the default."
      case .fresh: "Move earlier results aside and run everything again."
      }
    }
  }

  @Flag var earlierResults = EarlierResults.resume

  @Flag(help: "Print the verdict only.")
  var quiet = false

  @Flag(help: "Print plain progress lines on a terminal too.")
  var plain = false

  func validate() throws {
    if let epochs, epochs < 1 {
      throw ValidationError("--epochs is \(epochs); it must be at least 1")
    }
  }

  func run() async throws {
    let experiments = try experiments.map { name in
      var experiment = try Experiment.load(name)
      if let epochs {
        experiment = experiment.changingPlans("epochs: \(epochs)") { $0.epochs = epochs }
      }
      if let data {
        experiment = experiment.changingPlans("data: \(data)") { $0.data = data }
      }
      return experiment
    }
    var datasets: [String: Dataset] = [:]
    let plans = experiments.flatMap(\.plans)
    for name in plans.map(\.data) where datasets[name] == nil {
      datasets[name] = try Dataset.load(name)
    }

    let runner = ExperimentRunner(
      output: URL(fileURLWithPath: output), pool: jobs.pool, commit: Machine.commit())
    if earlierResults == .fresh {
      for experiment in experiments {
        let folder = runner.folder(of: experiment).url
        if let old = try RecordFiles.moveAside(folder), !quiet {
          standardError("earlier results are now in \(old.relativePath)\n")
        }
      }
    }

    let style: ProgressDisplay.Style =
      if quiet { .quiet } else if !plain, let width = TerminalWindow.width {
        .live(width: width)
      } else { .plain }
    let display = ProgressDisplay(style, plans: plans, write: standardError)
    try await runner(experiments, data: datasets, report: display.show)

    var isConfirmed = true
    for experiment in experiments {
      let folder = runner.folder(of: experiment)
      let report = try ExperimentReport(experiment, in: folder)
      let names = try report.write(to: folder)
      isConfirmed = isConfirmed && report.isConfirmed
      print("\n\(experiment.name): \(experiment.question)\n")
      print(report.overview.aligned)
      for verdict in report.verdicts { print(verdict.sentence) }
      print("\nFigures and records: \(folder.url.relativePath)")
      for name in names { print("  \(folder.file(name).relativePath)") }
    }
    if !isConfirmed { throw ExitCode(Failure.Code.failed.rawValue) }
  }
}
