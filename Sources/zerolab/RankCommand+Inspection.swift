// One of the checkpoints of `zerolab rank`: what is read of it, and whether it passes.

import Checkpoints
import Inspection
import Messages
import Reports
import Terminal

extension RankCommand {
  /// Computes the ranks of one checkpoint, once it is known that its page takes the place of nothing that is read.
  func inspect(_ file: String, _ settings: InspectionSettings) async throws
    -> CheckpointInspection
  {
    let archive = try TensorArchive(file)
    if let html, archive.isRead(from: html) || settings.baseline.isRead(from: html) {
      throw InspectionError.overwritesCheckpoint(path: html)
    }
    var settings = settings
    settings.layouts = layout.map { TensorLayouts($0) } ?? TensorLayouts(toldBy: archive)
    settings.layouts.stacks = stack.map(NamePattern.init)
    settings.layouts.convolutions = convolution.map(NamePattern.init)
    let selection = TensorSelection(
      selected: select.map(NamePattern.init), skipped: skip.map(NamePattern.init))
    let progress = ShareDisplay(archive.path, isQuiet: quiet)
    defer { progress.end() }
    return try await CheckpointInspection(
      archive, selection, settings, on: jobs.pool, observe: progress.show)
  }

  /// Whether all is well with a checkpoint; what isn't is said.
  func passes(_ inspection: CheckpointInspection) -> Bool {
    let path = inspection.path
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
