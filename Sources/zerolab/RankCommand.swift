// zerolab rank: ranks and singular values of a checkpoint's matrices.

import ArgumentParser
import Foundation
import ZerOCheckpoints
import ZerOInitializers
import ZerOInspection
import ZerOMessages
import ZerONamePatterns
import ZerOReinitialization
import ZerOReports
import ZerOSeries
import ZerOSpectra
import ZerOTerminal

struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Compute the rank and spectrum of every matrix in a checkpoint.",
    discussion: """
      Prints one row per matrix: its rank and tolerance, the singular values next to the tolerance, stable and \
      effective rank, and condition number. Reads .safetensors files and files of PyTorch (.pt, .pth, .bin, .ckpt; one, \
      or several with an index), .npy and .npz files, or a folder with one model, tensor by tensor: a model may be \
      larger than the memory. Code in files of PyTorch is never run.
      By default, a singular value counts if it is above NumPy's tolerance s1*max(m, n)*eps, with the largest \
      singular value s1 and eps of the tensor's type, or of F32 for narrower types.
      A convolution is read as a matrix of out x in*k, stacked expert weights (MoE) as one matrix per expert, such \
      as experts.w1[3]. Fused weights (Q, K and V; gate and up; gates of LSTM and GRU) are ranked layer by layer, such \
      as c_attn.weight[q]. The folder of a LoRA adapter (PEFT, MLX) is ranked as alpha/r*B*A per adapted weight.
      A tensor of three dimensions is a convolution if its name contains conv or a bias has one value per output; \
      others are left out, unless --stack or --convolution names them.
      \(NamePattern.syntax)
      Exits with 1 if no matrix was ranked, a tensor contains NaN or infinities, --minus has no counterpart for a \
      tensor, or a rank is below --fail-below. If one of several files can't be read, the others are still ranked, \
      and its error determines the exit code.
      """)

  @Argument(
    help: "Checkpoints, or folders that contain a model.", completion: .models)
  var files: [String]

  @Option(
    help: """
      Key of the model in a PyTorch file of nested dictionaries, with dots between keys: 'ema' or 'state.model'. \
      Default: a usual key, such as model or state_dict, or the only one.
      """)
  var key: String?

  @Option(
    parsing: .unconditional,
    help: """
      Count singular values above this absolute tolerance. With 'noise', count those above the largest one that \
      rounding to the stored type is expected to cause; of a difference, rounding in both checkpoints.
      """,
    completion: .list(["noise"]), transform: ToleranceRule.parse)
  var tol: ToleranceRule?

  @Option(
    parsing: .unconditional,
    help: "Count singular values above this fraction of the largest one, 0 to 1.")
  var rtol: Double?

  @Option(
    help: """
      Subtract this from each matrix first: 'identity' (for a convolution, at its center tap), a deterministic \
      initializer, or a checkpoint with the same tensor names; with --over-steps also 'first', the first checkpoint. \
      Prefixes of training tools (_orig_mod., module., \
      base_model.model.) may differ. In a file of 'init --like' with the same initializer, the recorded initial \
      values of each tensor are subtracted. --key also applies to this checkpoint if it has that key.
      """,
    completion: .names(Baseline.names, orFiles: CompletionKind.modelExtensions))
  var minus: String?

  @Option(
    help: """
      Add the tensors of this checkpoint to each matrix first, for example the base model of an adapter. With --minus, \
      both are applied.
      """,
    completion: .models)
  var plus: String?

  @Option(
    help: """
      Position of a weight's outputs: torch (first), mlx (first, with a convolution's inputs last) or jax (last). \
      Default: from the file's metadata, or torch; Hugging Face's GPT-2 is recognized by its names.
      """)
  var layout: TensorLayout?

  @Option(help: "Rank only tensors with these names.")
  var select: [String] = []

  @Option(help: "Leave out tensors with these names.")
  var skip: [String] = []

  @Flag(
    help: """
      Rank fused weights, such as GPT-2's c_attn, as one matrix each instead of one per layer.
      """)
  var whole = false

  @Option(help: "Rank each matrix of the last two dimensions of these tensors, as NumPy does.")
  var stack: [String] = []

  @Option(help: "Read tensors with these names as convolution kernels.")
  var convolution: [String] = []

  @Option(
    parsing: .unconditional,
    help: "Exit with 1 if a rank is below this fraction of the shorter dimension, 0 to 1.")
  var failBelow: Double?

  @Flag(help: "Print one JSON object per checkpoint, with all singular values.")
  var json = false

  @Flag(
    help: """
      Print comma-separated values; for several checkpoints, with the file in the first column. Names are written \
      unchanged: a spreadsheet may interpret one that begins with =, +, - or @ as a formula, so import the column as \
      text.
      """)
  var csv = false

  @Option(
    help: "Write a page with all spectra to this .html file.",
    completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Show no progress.")
  var quiet = false

  @OptionGroup(title: "Options over steps") var series: SeriesOptions

  @OptionGroup var jobs: JobOptions

  func validate() throws {
    if tol != nil, rtol != nil { throw ValidationError("--tol and --rtol cannot be combined") }
    for (name, value) in [("--rtol", rtol), ("--fail-below", failBelow)] {
      if let value, !(0...1).contains(value) {
        throw ValidationError("\(name) is \(value); it must be a fraction, 0 to 1")
      }
    }
    if json, csv { throw ValidationError("--json and --csv cannot be combined") }
    if minus == SeriesSettings.firstName, !series.overSteps {
      throw ValidationError(
        "--minus first needs --over-steps; otherwise give the path of a checkpoint")
    }
    if series.overSteps, plus != nil {
      throw ValidationError("--plus and --over-steps cannot be combined")
    }
    guard let html else { return }
    if series.overSteps {
      throw ValidationError("--over-steps writes its page to --out; omit --html")
    }
    if files.count > 1 { throw ValidationError("--html accepts only one checkpoint") }
    guard [".html", ".htm"].contains(where: html.hasSuffix) else {
      throw ValidationError("--html is '\(html)'; its extension must be .html")
    }
  }

  /// The rule of the tolerance.
  var rule: ToleranceRule { tol ?? rtol.map { .relative($0) } ?? .numPy }

  func run() async throws {
    if series.overSteps { return try await rankSeries() }
    let settings = try InspectionSettings(
      rule: rule,
      baseline: try minus.map { try Baseline($0, key: key) } ?? .nothing,
      addend: try plus.map { try Baseline.archive($0, key: key) })
    var code: Failure.Code?
    var output = RankOutput(json ? .json : csv ? .csv(ofSeveral: files.count > 1) : .screen)
    for file in files {
      do {
        let inspection = try await inspect(file, settings)
        try output.show(inspection)
        if let html {
          try inspection.writePage(to: URL(fileURLWithPath: html))
          standardError("\(html): a page with all spectra\n")
        }
        if !passes(inspection) { code = code ?? .failed }
      } catch {
        guard error is TensorFileError || error is InspectionError, let failure = Failure(error)
        else { throw error }
        // The results of the other checkpoints are still printed.
        failure.report()
        if case .noModel = error as? TensorFileError, (try? CheckpointSeries([file])) != nil {
          standardError(
            "note: \(file): with --over-steps, its checkpoints are ranked as one series\n")
        }
        code = code.flatMap { $0 == .failed ? nil : $0 } ?? failure.code
      }
    }
    if CheckpointSeries.isNamed(files) {
      standardError(
        "note: the names contain steps; --over-steps ranks the files in order, as one series\n")
    }
    if let code { throw ExitCode(code.rawValue) }
  }
}

extension RankCommand {
  /// Computes the ranks of one checkpoint, unless the page would overwrite a file that is read.
  func inspect(_ file: String, _ settings: InspectionSettings) async throws
    -> CheckpointInspection
  {
    let archive = try TensorArchive(file, key: key).resolvingAdapter()
    if let html,
      archive.isRead(from: html) || settings.baseline.isRead(from: html)
        || settings.addend?.isRead(from: html) ?? false
    {
      throw InspectionError.overwritesCheckpoint(path: html)
    }
    var settings = settings
    settings.layouts = layout.map { TensorLayouts($0) } ?? TensorLayouts(detectedFrom: archive)
    settings.layouts.areFusedWeightsWhole = whole
    settings.layouts.stacks = stack.map(NamePattern.init)
    settings.layouts.convolutions = convolution.map(NamePattern.init)
    let selection = TensorSelection(
      selected: select.map(NamePattern.init), skipped: skip.map(NamePattern.init))
    let progress = ProgressLine(archive.path, isQuiet: quiet)
    defer { progress.end() }
    return try await CheckpointInspection(
      archive, selection, settings, on: jobs.pool, observe: progress.show)
  }

  /// Whether a checkpoint passes; failures are printed to standard error.
  func passes(_ inspection: CheckpointInspection) -> Bool {
    let path = inspection.path
    if json || csv {
      // A program reads standard output; people should see defects all the same.
      for tensor in inspection.failures {
        guard case .failed(let reason) = tensor.outcome else { continue }
        standardError("\(path): '\(tensor.name)': \(reason)".inOneLine + "\n")
      }
    }
    if let reason = inspection.reasonForNothing {
      standardError("\(path): no matrix was ranked: \(reason.inOneLine)\n")
      return false
    }
    guard let failBelow else { return inspection.failures.isEmpty }
    let deficient = inspection.deficient(below: failBelow)
    for tensor in deficient {
      guard let findings = tensor.findings else { continue }
      standardError(
        "\(path): the rank of '\(tensor.name.inOneLine)' is \(findings.rankInWords), below \(failBelow)\n"
      )
    }
    return inspection.failures.isEmpty && deficient.isEmpty
  }
}

/// Prints the ranks of one checkpoint after another.
struct RankOutput {
  /// The output format.
  enum Form {
    /// A table that fits the window, and remarks.
    case screen

    /// One object per line.
    case json

    /// One table; for several checkpoints with the file in the first column.
    case csv(ofSeveral: Bool)
  }

  private let form: Form
  private var isBegun = false

  init(_ form: Form) { self.form = form }

  /// Prints the ranks of a checkpoint.
  mutating func show(_ inspection: CheckpointInspection) throws {
    switch form {
    case .screen: Self.showOnScreen(inspection)
    case .json: print(try inspection.json(), terminator: "")
    case .csv(let isOfSeveral):
      for note in inspection.notes + inspection.remarksForSpreadsheets {
        standardError("note: \(inspection.path): \(note)".inOneLine + "\n")
      }
      let own = inspection.fullTable
      let table = isOfSeveral ? own.preceded(by: "file", inspection.path) : own
      print(isBegun ? table.commaSeparatedRows : table.commaSeparated, terminator: "")
    }
    isBegun = true
  }

  private static func showOnScreen(_ inspection: CheckpointInspection) {
    let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
    print("\(inspection.path): ranks of \(inspection.question)")
    if !inspection.matrices.isEmpty {
      print(
        inspection.table.aligned(
          within: columns, dropping: CheckpointInspection.columnsToDrop,
          elsewhere: "--csv prints all"),
        terminator: "")
    }
    for line in inspection.remarks.flatMap({ $0.inOneLine.wrapped(to: columns, indent: 2) }) {
      print(line)
    }
  }
}

extension TensorLayouts {
  /// The layout that the metadata name, or PyTorch's, with exceptions for weights whose family has
  /// another layout.
  ///
  /// - Parameter archive: The model.
  init(detectedFrom archive: TensorArchive) {
    let tensors = archive.tensors
    let layout = TensorLayout(metadata: archive.metadata) ?? .torch
    let rules = RuleSet.detected(from: tensors, layout: layout)
    let names = Set(tensors.map(\.name))
    let known = tensors.compactMap { tensor in
      rules.layout(of: tensor, among: names).map { (tensor.name, $0) }
    }
    self.init(
      metadata: archive.metadata, exceptions: Dictionary(known) { first, _ in first })
  }
}
