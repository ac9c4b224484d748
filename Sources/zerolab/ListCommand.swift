// zerolab list: all names that options and experiments accept.

import ArgumentParser
import ZerODatasets
import ZerOExperiments
import ZerOInitializers
import ZerOMeasurements
import ZerOMessages
import ZerONetworks
import ZerOOptimizers

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List initializers, models, optimizers, measurements, experiments and data sets.")

  func run() throws {
    let perturbed = ["NAME+SIZE", "any of the above plus SIZE times Random, for example ZerO+1e-6"]
    Self.section(
      "Initializers",
      InitializerCatalog.builtIn.entries.map { [$0.name, $0.summary] } + [perturbed])
    Self.section("Models", ModelFamily.catalog.map { [$0.name, $0.summary] })
    Self.section("Optimizers", OptimizerEntry.catalog.map { [$0.name, $0.summary] })
    let group = [MeasurementCatalog.group, "all of the above that end in _from_start"]
    Self.section(
      "Measurements", MeasurementCatalog.builtIn.entries.map { [$0.name, $0.summary] } + [group])
    Self.section(
      "Experiments",
      try Experiment.builtInNames.map { [$0, try Experiment.load($0).question] })
    Self.section("Data sets", DatasetSource.catalog.map { [$0.name, $0.summary] })
  }

  private static func section(_ title: String, _ rows: [[String]]) {
    print(TextTable(headings: [title, ""], rows: rows).aligned)
  }
}
