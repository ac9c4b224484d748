// zerolab init: initial values for one weight or for a whole model.

import ArgumentParser
import Foundation
import ZerOCheckpoints
import ZerOExecution
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMessages
import ZerONamePatterns
import ZerORandomness
import ZerORecords
import ZerOReinitialization
import ZerOReports
import ZerOTerminal

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write initial values for one weight or a whole model to a file.",
    discussion: """
      --shape writes one weight; the extension determines the format: .npy for NumPy, .safetensors for any \
      framework. --like reads a model of safetensors or PyTorch and writes new weights with the same names, shapes, \
      types and order, as .safetensors or, for torch.load(path, weights_only=True), as .pt, .pth, .bin or .ckpt.
      An existing file is replaced only when the new one is complete, and Ctrl-C removes an incomplete one. A killed \
      process leaves '.NAME.UUID.part' in the folder; later runs don't remove it, since another process may own it.
      \(NamePattern.syntax)
      """)

  @Option(
    name: .customLong("init"), help: "The initializer; see 'zerolab list'.",
    completion: .list(InitializerCatalog.builtIn.names))
  var initializer: String

  @Option(
    help: "Outputs x inputs, such as 1024x784; for a convolution 64x32x3x3.", transform: Self.shape)
  var shape: LayerShape?

  @OptionGroup(title: "A whole model") var model: ModelOptions

  @Option(
    parsing: .unconditional,
    help: "Seed of a random initializer; by default chosen and printed.",
    transform: Seed.parse)
  var seed: UInt64?

  @Option(
    name: .customLong("out"),
    help: """
      Output file: .npy or .safetensors; with --like .safetensors, .pt, .pth, .bin or .ckpt; or - for safetensors on \
      standard output.
      """,
    completion: .file(extensions: ["npy", "safetensors", "pt", "pth", "bin", "ckpt"]))
  var output: String?

  func validate() throws {
    guard (shape == nil) != (model.like == nil) else {
      throw ValidationError("give either --shape 1024x784 or --like MODEL.safetensors")
    }
    if output == nil, !model.explain { throw ValidationError("give --out, the output file") }
    let endings =
      shape == nil ? ModelFormat.allCases.flatMap(\.extensions) : [".npy", ".safetensors"]
    if let output, output != "-", !endings.contains(where: output.hasSuffix) {
      throw ValidationError(
        "--out is '\(output)'; its extension must be \(endings.joined(separator: " or "))")
    }
  }

  func run() throws {
    let entry = try InitializerCatalog.builtIn.entry(named: initializer)
    let chosen = seed ?? entry.chosenSeed()
    if let path = model.like {
      try model.write(path, entry, seed: chosen, to: output)
    } else if let shape, let output {
      try write(shape, entry, seed: chosen, to: output)
    }
    if seed == nil, !model.explain { entry.report(chosenSeed: chosen, option: "--seed") }
  }

  private func write(
    _ shape: LayerShape, _ entry: InitializerEntry, seed: UInt64, to output: String
  ) throws {
    try Memory.check(
      Double(shape.count) * Double(entry.initializer.bytesPerElement),
      for: "a weight of \(shape) by \(entry.name)")
    var streams = RandomStreams(seed: seed)
    let weight = try shape.tensor(of: entry.initializer, using: &streams)
    let bytes =
      output.hasSuffix(".npy")
      ? NPYFile.encode(shape: weight.shape, values: weight.values)
      : try Safetensors.encode([weight])
    guard output != "-" else {
      do {
        return try FileHandle.standardOutput.write(contentsOf: bytes)
      } catch {
        throw OutputError()
      }
    }
    let place = Self.place(output)
    try RecordFiles.write(bytes, toNamed: URL(fileURLWithPath: output))
    print("\(place): \(initializer), \(shape)")
  }

  /// The output file, for a message; `replaced` if it exists.
  static func place(_ output: String) -> String {
    FileManager.default.fileExists(atPath: output) ? "\(output), replaced" : output
  }

  private static func shape(_ text: String) throws -> LayerShape {
    guard let shape = LayerShape(text) else {
      throw ValidationError(
        "'\(text)' is not a shape; give 2 to 5 dimensions with at most 2^30 elements, such as 1024x784 or "
          + "64x32x3x3")
    }
    return shape
  }
}

/// The shape of a dense layer or a convolution, which has more than two dimensions.
enum LayerShape: CustomStringConvertible {
  case dense(WeightShape)
  case convolution(KernelShape)

  init?(_ text: String) {
    if let shape = WeightShape(text) {
      self = .dense(shape)
    } else if let shape = KernelShape(text) {
      self = .convolution(shape)
    } else {
      return nil
    }
  }

  /// The number of elements.
  var count: Int {
    switch self {
    case .dense(let shape): shape.outputs * shape.inputs
    case .convolution(let shape): shape.dimensions.reduce(1, *)
    }
  }

  var description: String {
    switch self {
    case .dense(let shape): shape.description
    case .convolution(let shape): shape.description
    }
  }

  func tensor(of initializer: any Initializer, using streams: inout RandomStreams) throws
    -> NamedTensor
  {
    switch self {
    case .dense(let shape):
      NamedTensor(name: "weight", matrix: try initializer.weight(shape, using: &streams))
    case .convolution(let shape):
      NamedTensor(
        name: "weight", shape: shape.dimensions,
        values: try initializer.kernel(shape, using: &streams))
    }
  }
}

/// Options of `zerolab init --like`.
struct ModelOptions: ParsableArguments {
  @Option(
    help:
      "Model to reinitialize: a file of safetensors or PyTorch, an index of several, or a folder.",
    completion: .models)
  var like: String?

  @Option(
    help: """
      Key of the model in a PyTorch file of nested dictionaries. Default: a usual key, such as model or state_dict, \
      or the only one.
      """)
  var key: String?

  @Option(
    help: """
      Rules for a family of models: \(RuleSet.names.joined(separator: ", ")). Default: detected from the names.
      """,
    completion: .list(RuleSet.names))
  var rules: String?

  @Option(help: "Initialize tensors with these names as matrices.")
  var matrix: [String] = []

  @Option(
    help: """
      Initialize tensors with these names as transposed convolutions, inputs x outputs x k. Those with a bias are \
      recognized without this option.
      """)
  var transposed: [String] = []

  @Option(help: "Set tensors with these names to the partial identity.")
  var identity: [String] = []

  @Option(
    help: """
      Set W_Q = I and W_K = W_V = 0 in tensors with these names, which concatenate Q, K and V: '*.qkv.weight'.
      """)
  var attention: [String] = []

  @Option(help: "Set tensors with these names to 0.")
  var zero: [String] = []

  @Option(help: "Set tensors with these names to 1.")
  var ones: [String] = []

  @Option(
    help: "Keep tensors with these names. If several patterns match, the most specific one applies."
  )
  var keep: [String] = []

  @Flag(
    help: """
      Give every weight the initializer's values, even if a family's rules set W_Q = I, W_K = W_V = 0 or a residual \
      branch to 0: for a baseline.
      """)
  var plain = false

  @Option(
    help: """
      Position of a weight's outputs: torch (first), mlx (first, with a convolution's inputs last) or jax (last). \
      Default: from the file's metadata, or torch.
      """)
  var layout: TensorLayout?

  @Flag(help: "Print the new values of every tensor and the reason; write nothing.")
  var explain = false

  func validate() throws {
    let isUsed =
      rules != nil || layout != nil || key != nil || explain || plain || !overrides.rules.isEmpty
    if like == nil, isUsed {
      throw ValidationError(
        "--key, --rules, --layout, --plain, --explain and name patterns require --like MODEL.safetensors"
      )
    }
  }

  /// Writes the new model, or prints its plan.
  func write(_ path: String, _ entry: InitializerEntry, seed: UInt64, to output: String?) throws {
    let plan = try ReinitializationPlan(
      try TensorArchive(path, key: key), initializer: entry, rules: try rules.map(RuleSet.named),
      overrides: overrides, layout: layout, isPlain: plain)
    let choice =
      rules != nil
      ? "requested" : plan.rules.name == "generic" ? "no known family" : "detected"
    if explain {
      let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
      print("\(plan.archive.path): rules '\(plan.rules.name)' (\(choice))")
      print(
        plan.table.aligned(
          within: columns, dropping: ["type", "rule", "shape"],
          elsewhere: "a wider window shows them"), terminator: "")
    } else if let output {
      let place = InitCommand.place(output)
      try write(plan, to: output, seed: seed)
      if output != "-" {
        print("\(place): like \(plan.archive.path), rules '\(plan.rules.name)' (\(choice))")
        print(plan.counts.aligned, terminator: "")
      }
    }
    plan.archive.notes.forEach { note("note: \($0)") }
    plan.remarks.forEach { note("note: \($0)") }
  }

  /// Prints a remark to standard error, wrapped to the terminal.
  private func note(_ remark: String) {
    let text = remark.inOneLine
    let columns = TerminalWindow(behind: STDERR_FILENO)?.columns
    let lines = columns.map { text.wrapped(to: $0, indent: 2) } ?? [text]
    standardError(lines.joined(separator: "\n") + "\n")
  }

  /// Writes the new model; Ctrl-C stops and removes the incomplete file.
  private func write(_ plan: ReinitializationPlan, to output: String, seed: UInt64) throws {
    let cancellation = Cancellation()
    let listener = SignalListener(cancellation, stopping: "after this tensor") {
      standardError("\n\($0)\n")
    }
    defer { withExtendedLifetime(listener) {} }
    do {
      let format = ModelFormat(path: output) ?? .safetensors
      try plan.write(to: output, as: format, seed: seed) { _ in try cancellation.check() }
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
