// Which arrays of a checkpoint have a rank, and what is known of them before they are read.

import Checkpoints

/// A tensor, or a matrix of a stack, that is to be inspected.
struct InspectionSubject: Sendable {
  /// In its file.
  let tensor: StoredTensor

  /// As which matrix it is taken, or why it is left out.
  let decision: MatrixReading.Decision

  /// What `init` did to it, as the file's record says; `nil` where that is unknown or of no use.
  let treatment: String?
}

extension CheckpointInspection {
  /// The arrays of some tensors, in the order of the file.
  ///
  /// - Throws: `InspectionError.nothingMatches` for a pattern that is no tensor's.
  static func subjects(
    of archive: TensorArchive, _ names: TensorSelection, _ settings: InspectionSettings
  ) throws(InspectionError) -> [InspectionSubject] {
    let layouts = settings.layouts
    if let pattern = archive.unmatched(among: layouts.stacks + layouts.convolutions) {
      throw .nothingMatches(pattern)
    }
    let arrays = archive.tensors.flatMap(layouts.arrays)
    let parts = arrays.filter { $0.origin != nil }.map(\.name)
    if let pattern = archive.unmatched(among: names.selected + names.skipped, besides: parts) {
      throw .nothingMatches(pattern)
    }
    let treatments = settings.baseline.treatments(in: archive)
    return names.tensors(of: arrays).map { tensor in
      let treatment = treatments[tensor.origin?.name ?? tensor.name]
      var decision = MatrixReading.decide(tensor, layouts, bias: archive.bias(of: tensor))
      if case .matrix = decision, treatment == StartingWeight.kept {
        decision = .leftOut(
          reason: "kept by init, so \(settings.baseline.name) is not its start (--minus FILE "
            + "compares with the model before training)")
      }
      return InspectionSubject(tensor: tensor, decision: decision, treatment: treatment)
    }
  }
}
