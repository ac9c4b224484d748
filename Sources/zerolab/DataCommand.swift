// zerolab data: lists, verifies and downloads data sets.

import ArgumentParser
import Foundation
import ZerODatasets
import ZerOMessages

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "List, verify or download data sets.",
    subcommands: [List.self, Verify.self, Fetch.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List data sets and the folders where they are installed.")

    func run() throws {
      let rows = DatasetSource.catalog.map { source in
        [source.name, source.installedFolder?.path ?? "not installed", source.summary]
      }
      print(
        TextTable(headings: ["name", "folder", "contents"], rows: rows).aligned, terminator: "")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare data sets with their published checksums.")

    @Argument(
      help: "Names, folders or .npz files; by default every installed data set.",
      completion: .names(DatasetSource.catalog.map(\.name), orFiles: ["npz"]))
    var names: [String] = []

    func run() throws {
      let installed = DatasetSource.catalog.filter { $0.installedFolder != nil }.map(\.name)
      for name in names.isEmpty ? installed : names {
        let data = try Dataset.load(name, verifyingContents: true)
        print(
          "\(name): \(data.train.count) training and \(data.test.count) test images of "
            + "\(data.train.shape.map(String.init).joined(separator: " x ")), "
            + "\(data.classCount) classes")
        for file in data.files { print("  \(file.name)  sha256 \(file.sha256)") }
      }
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download a data set with curl and compare it with its published checksums.")

    @Argument(help: "The data set's name.", completion: .list(DatasetSource.catalog.map(\.name)))
    var name: String

    @Option(
      name: .customLong("out"), help: "Destination folder; by default one that zerolab searches.",
      completion: .directory)
    var output: String?

    @Option(help: "URL of a mirror to use instead of the known ones; may be repeated.")
    var from: [String] = []

    func run() throws {
      let source = try DatasetSource.named(name)
      try source.fetch(
        into: output.map { URL(fileURLWithPath: $0) } ?? source.userFolder,
        from: from.isEmpty ? source.mirrors : from, report: { print($0) })
    }
  }
}
