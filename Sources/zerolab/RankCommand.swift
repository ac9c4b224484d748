// zerolab rank: which matrices of a checkpoint are rank-deficient.

import ArgumentParser
import Checkpoints
import Foundation
import Initializers
import Inspection
import Messages
import Records
import Reports
import Spectra
import Terminal

struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Take the rank of every matrix of a checkpoint.",
    discussion: """
      Files of any framework: .safetensors, one or several with their index, .npy and .npz. A model is read \
      tensor by tensor and never held as a whole. Convolutions count as matrices of out x in·k. By default a \
      singular value counts above NumPy's tolerance, σ₁·max(m, n)·ε. Ends with 1 where a tensor holds a NaN or \
      an infinity, or a rank is below --fail-below.
      """)

  @Argument(
    help: "Checkpoints, or folders of models.",
    completion: .file(extensions: ["safetensors", "json", "npy", "npz"]))
  var files: [String]

  @Option(help: "Count singular values above this number.")
  var tol: Double?

  @Option(help: "Count singular values above this share of the largest.")
  var rtol: Double?

  @Option(
    help: """
      Take this off each matrix first: 'identity', an initialiser without randomness, or a checkpoint whose \
      tensors have the same names.
      """,
    completion: .names(Baseline.names, orFiles: "safetensors"))
  var minus: String?

  @Option(help: "Where a weight has its outputs: torch (first) or jax (last).")
  var layout: TensorLayout = .torch

  @Option(help: "Look at tensors of these names alone; * is any text.")
  var select: [String] = []

  @Option(help: "Pass over tensors of these names.")
  var skip: [String] = []

  @Option(help: "End with 1 where a rank is below this share of the shorter extent.")
  var failBelow: Double?

  @Flag(help: "Print JSON, singular values included.")
  var json = false

  @Flag(help: "Print comma-separated values.")
  var csv = false

  @Option(help: "Write a page with every spectrum.", completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Show no progress.")
  var quiet = false

  @OptionGroup var jobs: JobOptions

  func validate() throws {
    if tol != nil, rtol != nil { throw ValidationError("--tol and --rtol exclude each other") }
    for (name, value) in [("--tol", tol), ("--rtol", rtol), ("--fail-below", failBelow)] {
      if let value, !(value >= 0 && value.isFinite) {
        throw ValidationError("\(name) is \(value); it must be 0 or more")
      }
    }
    if json, csv { throw ValidationError("--json and --csv exclude each other") }
    if html != nil, files.count > 1 { throw ValidationError("--html takes one checkpoint") }
  }

  func run() async throws {
    let settings = try InspectionSettings(
      rule: tol.map { .absolute($0) } ?? rtol.map { .relative($0) } ?? .numPy,
      baseline: try minus.map { try Baseline($0) } ?? .nothing, layout: layout)
    let selection = TensorSelection(
      selected: select.map(NamePattern.init), skipped: skip.map(NamePattern.init))
    var hasPassed = true
    // All are opened before any is worked on.
    for archive in try files.map({ try TensorArchive($0) }) {
      let progress = ShareDisplay(archive.path, isQuiet: quiet)
      let inspection = try await CheckpointInspection(
        archive, selection, settings, on: jobs.pool, observe: progress.show)
      progress.end()
      try show(inspection)
      if let html {
        try RecordFiles.write(Array(try inspection.page().utf8), to: URL(fileURLWithPath: html))
      }
      let deficient = failBelow.map { inspection.deficient(below: $0) } ?? []
      for tensor in deficient {
        standardError(
          "\(archive.path): the rank of '\(tensor.name.inOneLine)' is below \(failBelow ?? 0)\n")
      }
      hasPassed = hasPassed && inspection.failures.isEmpty && deficient.isEmpty
    }
    if !hasPassed { throw ExitCode(Failure.Code.failed.rawValue) }
  }

  private func show(_ inspection: CheckpointInspection) throws {
    if json { return print(try inspection.json(), terminator: "") }
    if csv { return print(inspection.fullTable.commaSeparated, terminator: "") }
    let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
    print(
      "\(inspection.path): ranks of \(settings(inspection))\n"
        + inspection.table.aligned(
          within: columns, dropping: CheckpointInspection.columnsToDrop, elsewhere: "--csv has all"),
      terminator: "")
    for line in inspection.remarks.flatMap({ $0.inOneLine.wrapped(to: columns, indent: 2) }) {
      print(line)
    }
  }

  private func settings(_ inspection: CheckpointInspection) -> String {
    "\(inspection.settings.baseline.description), \(inspection.settings.rule)"
  }
}
