// zerolab rank: which matrices of a checkpoint are rank-deficient.

import ArgumentParser
import Checkpoints
import Foundation
import Initializers
import Inspection
import Reports
import Spectra

struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Compute the rank of every matrix in a checkpoint.",
    discussion: """
      Files of any framework: .safetensors, one or several with their index, .npy and .npz, or a folder with one \
      model. A model is read tensor by tensor and never held as a whole. Convolutions count as matrices of out x \
      in*k. Of stacked expert weights (MoE) each expert's matrix is ranked by itself, as experts.w1[3]. Three \
      dimensions are a convolution where the name has conv or a bias has one value for each output; others are left \
      out, unless --stack or --convolution names them. By default a singular value counts above NumPy's tolerance, \
      s1*max(m, n)*eps, with the largest one s1 and eps of the tensor's type, of F32 for narrower ones. \
      \(NamePattern.syntax) \
      Ends with 1 where no matrix was ranked, a tensor holds a NaN or an infinity, --minus has nothing to compare it \
      with, or a rank is below --fail-below. Of several files each that can be read is; what is wrong with the \
      others is said, and decides how the command ends.
      """)

  @Argument(
    help: "Checkpoints, or folders of models.",
    completion: .file(extensions: ["safetensors", "json", "npy", "npz"]))
  var files: [String]

  @Option(parsing: .unconditional, help: "Count singular values above this number.")
  var tol: Double?

  @Option(
    parsing: .unconditional,
    help: "Count singular values above this fraction of the largest, 0 to 1.")
  var rtol: Double?

  @Option(
    help: """
      Subtract this from each matrix first: 'identity' (for a convolution, at its center tap), a deterministic \
      initializer, in the tensor's type, or a checkpoint with the same tensor names; prefixes of training tools \
      (_orig_mod., module., base_model.model.) may differ. In a file of 'init --like' by the same initializer, \
      tensors that it made otherwise are compared with what it made.
      """,
    completion: .names(Baseline.names, orFiles: "safetensors"))
  var minus: String?

  @Option(
    help: """
      Where a weight has its outputs: torch (first), mlx (first, and a convolution's inputs last) or jax (last). By \
      default as the file's metadata say, else first, but as the names tell in Hugging Face's GPT-2.
      """)
  var layout: TensorLayout?

  @Option(help: "Look at tensors of these names alone; * is any text.")
  var select: [String] = []

  @Option(help: "Pass over tensors of these names.")
  var skip: [String] = []

  @Option(help: "Rank each matrix of the last two dimensions of these tensors, as NumPy does.")
  var stack: [String] = []

  @Option(help: "Take tensors of these names as convolution kernels.")
  var convolution: [String] = []

  @Option(
    parsing: .unconditional,
    help: "End with 1 where a rank is below this fraction of the shorter dimension, 0 to 1.")
  var failBelow: Double?

  @Flag(help: "Print JSON, singular values included, a line for each checkpoint.")
  var json = false

  @Flag(
    help: """
      Print comma-separated values; of several checkpoints with their files in front. Names are written as they are: \
      a spreadsheet may take one that begins with =, +, - or @ for a formula, so import the column as text.
      """)
  var csv = false

  @Option(
    help: "Write a page with every spectrum to this .html file.",
    completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Show no progress.")
  var quiet = false

  @OptionGroup var jobs: JobOptions

  func validate() throws {
    if tol != nil, rtol != nil { throw ValidationError("--tol and --rtol exclude each other") }
    if let tol, !(tol >= 0 && tol.isFinite) {
      throw ValidationError("--tol is \(tol); it must be a finite number, 0 or more")
    }
    for (name, value) in [("--rtol", rtol), ("--fail-below", failBelow)] {
      if let value, !(0...1).contains(value) {
        throw ValidationError("\(name) is \(value); it is a share, 0 to 1")
      }
    }
    if json, csv { throw ValidationError("--json and --csv exclude each other") }
    guard let html else { return }
    if files.count > 1 { throw ValidationError("--html takes one checkpoint") }
    guard [".html", ".htm"].contains(where: html.hasSuffix) else {
      throw ValidationError("--html is '\(html)'; it must be the name of a page, ending in .html")
    }
  }

  func run() async throws {
    let settings = try InspectionSettings(
      rule: tol.map { .absolute($0) } ?? rtol.map { .relative($0) } ?? .numPy,
      baseline: try minus.map { try Baseline($0) } ?? .nothing)
    var code: Failure.Code?
    var output = RankOutput(json ? .json : csv ? .csv(ofSeveral: files.count > 1) : .screen)
    for file in files {
      do {
        let inspection = try await inspect(file, settings)
        try output.show(inspection)
        if let html {
          try inspection.writePage(to: URL(fileURLWithPath: html))
          standardError("\(html): a page with every spectrum\n")
        }
        if !passes(inspection) { code = code ?? .failed }
      } catch {
        guard error is TensorFileError || error is InspectionError, let failure = Failure(error)
        else { throw error }
        // The others' results are worth having.
        failure.report()
        code = code.flatMap { $0 == .failed ? nil : $0 } ?? failure.code
      }
    }
    if let code { throw ExitCode(code.rawValue) }
  }
}
