// zerolab init --like: new weights for a whole model.

import ArgumentParser
import Checkpoints
import Execution
import Foundation
import Initializers
import Messages
import Reinitialization
import Reports
import Terminal

/// Which model, and what becomes of its tensors.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "A .safetensors file, an index of several, or a folder with a model.",
    completion: .file(extensions: ["safetensors", "json"]))
  var like: String?

  @Option(
    help: """
      Rules for a family of models: \(RuleSet.names.joined(separator: ", ")). By default those that the names tell.
      """,
    completion: .list(RuleSet.names))
  var rules: String?

  @Option(help: "Initialize tensors of these names as a matrix; * is any text.")
  var matrix: [String] = []

  @Option(
    help: """
      Initialize tensors of these names as kernels of transposed convolutions, inputs x outputs x k. A bias beside them \
      tells the same.
      """)
  var transposed: [String] = []

  @Option(help: "Make tensors of these names the partial identity.")
  var identity: [String] = []

  @Option(
    help: """
      W_Q = I and W_K = W_V = 0 in tensors of these names, which hold Q, K and V one after another: '*.qkv.weight'.
      """)
  var attention: [String] = []

  @Option(help: "Make tensors of these names 0.")
  var zero: [String] = []

  @Option(help: "Make tensors of these names 1.")
  var ones: [String] = []

  @Option(
    help: "Leave tensors of these names as they are. Of several patterns the most exact one holds.")
  var keep: [String] = []

  @Flag(
    help: """
      Give every weight the initializer's values, also where a family's rules have W_Q = I, W_K = W_V = 0 or a residual \
      branch of 0: for a baseline.
      """)
  var plain = false

  @Option(
    help: """
      Where a weight has its outputs: torch (first), mlx (first, and a kernel's inputs last) or jax (last). By default \
      what the file's metadata name, or torch.
      """)
  var layout: TensorLayout?

  @Flag(help: "Print what becomes of every tensor, and write nothing.")
  var explain = false

  func validate() throws {
    let isUsed =
      rules != nil || layout != nil || explain || plain || !overrides.rules.isEmpty
    if like == nil, isUsed {
      throw ValidationError(
        "--rules, --layout, --plain, --explain and patterns of names go with --like MODEL.safetensors"
      )
    }
  }

  /// Writes the new model, or says what would be in it.
  func write(_ path: String, _ entry: InitializerEntry, seed: UInt64, to output: String?) throws {
    let plan = try ReinitializationPlan(
      try TensorArchive(path), initializer: entry, rules: try rules.map(RuleSet.named),
      overrides: overrides, layout: layout, isPlain: plain)
    let choice =
      rules != nil
      ? "as asked"
      : plan.rules.name == "generic" ? "since its names tell no family" : "which its names tell"
    if explain {
      let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
      print("\(plan.archive.path): rules '\(plan.rules.name)', \(choice)")
      print(
        plan.table.aligned(
          within: columns, dropping: ["type", "rule", "shape"],
          elsewhere: "a wider window has them"), terminator: "")
    } else if let output {
      let place = InitCommand.place(output)
      try write(plan, to: output, seed: seed)
      print("\(place): like \(plan.archive.path), rules '\(plan.rules.name)', \(choice)")
      print(plan.counts.aligned, terminator: "")
    }
    plan.remarks.forEach(note)
  }

  /// A line on standard error, or several where a terminal is too narrow.
  private func note(_ remark: PlanRemark) {
    let text = "note: \(remark)".inOneLine
    let columns = TerminalWindow(behind: STDERR_FILENO)?.columns
    let lines = columns.map { text.wrapped(to: $0, indent: 2) } ?? [text]
    standardError(lines.joined(separator: "\n") + "\n")
  }

  /// Ctrl-C leaves nothing of a file that isn't whole.
  private func write(_ plan: ReinitializationPlan, to output: String, seed: UInt64) throws {
    let cancellation = Cancellation()
    let listener = SignalListener(cancellation, stopping: "after this tensor") {
      standardError("\n\($0)\n")
    }
    defer { withExtendedLifetime(listener) {} }
    do {
      try plan.write(to: output, seed: seed) { _ in try cancellation.check() }
    } catch let error as Interrupted {
      standardError("zerolab: stopped; \(output) was not written\n")
      throw ExitCode(128 + error.signal)
    }
  }

  private var overrides: Overrides {
    let patterns: [([String], Treatment)] = [
      (matrix, .matrix), (identity, .identity), (attention, .stacked([.identity, .zeros, .zeros])),
      (zero, .zeros), (ones, .ones), (keep, .keep),
    ]
    return Overrides(
      patterns.flatMap { names, treatment in names.map { TensorRule($0, treatment) } }
        + transposed.map { TensorRule($0, .convolution, layout: .transposed) })
  }
}
