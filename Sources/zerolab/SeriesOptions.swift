// Options of rank --over-steps.

import ArgumentParser
import Foundation
import ZerOCheckpoints
import ZerOSeries

/// The options of `rank` for a series of checkpoints.
struct SeriesOptions: ParsableArguments {
  @Flag(
    help: """
      Read the paths as the checkpoints of one training run: a folder that contains them, or several files and \
      folders. Rank each matrix in every checkpoint, in the order of their steps.
      """)
  var overSteps = false

  @Option(
    help: """
      Steps of the checkpoints, such as 0,100,200: in the order of the arguments, or of the sorted names in the \
      folder. Default: from names, such as checkpoint-500 and epoch=0-step=10.ckpt, or from the contents.
      """,
    transform: StepSelection.parseNumbers)
  var steps: StepSelection?

  @Option(
    help: "Rank only checkpoints with these steps, such as 0,1000,2000-8000.",
    transform: StepSelection.parse)
  var onlySteps: StepSelection?

  @Option(
    help: """
      Draw matrices whose names match as one curve, the median with a band from minimum to maximum. Default: \
      matrices whose names differ only in numbers, if there are more than 8 curves.
      """)
  var group: [String] = []

  @Option(
    help:
      "Show this quantity; may be repeated. Default: effective_rank, stable_rank, energy_rank_90.",
    completion: .list(SeriesQuantity.catalog.map(\.key)))
  var quantity: [String] = []

  @Option(
    parsing: .unconditional,
    help: "Compare the subspaces of this many leading singular vectors with those of the start.")
  var overlap: Int?

  @Option(
    help:
      """
      Folder of the results, which a later call continues: table, figure, page, CSV, JSON lines and TensorBoard events. \
      Default: ranks/NAME, as the run's folder, or ranks/NAME-minus-X with --minus X.
      """,
    completion: .directory)
  var out: String?

  @Flag(
    help: "Follow a training under way until Ctrl-C: rank each new checkpoint when it is complete.")
  var watch = false

  func validate() throws {
    guard overSteps else {
      let given: [(name: String, isGiven: Bool)] = [
        ("--steps", steps != nil), ("--only-steps", onlySteps != nil), ("--group", !group.isEmpty),
        ("--quantity", !quantity.isEmpty), ("--overlap", overlap != nil), ("--out", out != nil),
        ("--watch", watch),
      ]
      if let option = given.first(where: \.isGiven) {
        throw ValidationError("\(option.name) needs --over-steps")
      }
      return
    }
    if steps != nil, watch { throw ValidationError("--steps and --watch cannot be combined") }
    if let overlap, overlap < 1 {
      throw ValidationError("--overlap is \(overlap); it must be at least 1")
    }
    if overlap == nil, quantity.contains("overlap_with_start") {
      throw ValidationError("--quantity overlap_with_start needs --overlap")
    }
    if let unknown = quantity.first(where: { SeriesQuantity.named($0) == nil }) {
      let names = SeriesQuantity.catalog.map(\.key).joined(separator: ", ")
      throw ValidationError("--quantity is '\(unknown)'; it must be one of \(names)")
    }
  }

  /// The quantities of table and figure.
  var quantities: [SeriesQuantity] {
    quantity.isEmpty ? SeriesQuantity.standard : quantity.compactMap(SeriesQuantity.named)
  }

  /// The folder of the run: results of another run are not continued.
  func run(of paths: [String]) -> String {
    let first = URL(fileURLWithPath: paths.first ?? ".").standardizedFileURL
    let isRun = paths.count == 1 && first.hasDirectoryPath
    return (isRun ? first : first.deletingLastPathComponent()).resolvingSymlinksInPath().path
  }

  /// The folder of the results.
  func folder(for paths: [String], minus: String?) -> URL {
    if let out { return URL(fileURLWithPath: out) }
    let names = ([paths.first ?? "."] + (minus.map { [$0] } ?? [])).map { path in
      let url = URL(fileURLWithPath: path).standardizedFileURL
      return (url.hasDirectoryPath ? url : url.deletingPathExtension()).lastPathComponent
    }
    return URL(fileURLWithPath: "ranks").appendingPathComponent(names.joined(separator: "-minus-"))
  }
}

extension StepSelection {
  /// Parses numbers and ranges.
  ///
  /// - Throws: `ValidationError`.
  static func parse(_ argument: String) throws -> StepSelection {
    guard let selection = StepSelection(argument) else {
      throw ValidationError("it must be numbers and ascending ranges, such as 0,1000,2000-8000")
    }
    return selection
  }

  /// Parses numbers without ranges.
  ///
  /// - Throws: `ValidationError`.
  static func parseNumbers(_ argument: String) throws -> StepSelection {
    guard let selection = StepSelection(argument),
      selection.ranges.allSatisfy({ $0.lowerBound == $0.upperBound })
    else { throw ValidationError("it must be numbers, such as 0,100,200") }
    return selection
  }
}
