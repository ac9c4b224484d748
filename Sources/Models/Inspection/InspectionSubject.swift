// Which arrays of a checkpoint have a rank, and what is known of them before they are read.

import Checkpoints
import Initializers

/// A tensor, or a matrix of a stack, that is to be inspected.
struct InspectionSubject: Sendable {
  /// In its file.
  let tensor: StoredTensor

  /// As which matrix it is taken, or why it is left out.
  let decision: MatrixReading.Decision

  /// What `init` made of it, as the file's record says; `nil` where that is unknown or of no use.
  let made: StartingWeight?
}

extension CheckpointInspection {
  /// The arrays of some tensors, in the order of the file.
  ///
  /// - Throws: `InspectionError.nothingMatches` for a pattern that is no tensor's.
  static func subjects(
    of archive: TensorArchive, _ names: TensorSelection, _ settings: InspectionSettings
  ) throws(InspectionError) -> [InspectionSubject] {
    let layouts = settings.layouts.resolved(among: Set(archive.tensors.map(\.name)))
    if let pattern = archive.unmatched(among: layouts.stacks + layouts.convolutions) {
      throw .nothingMatches(pattern)
    }
    let arrays = archive.tensors.flatMap(layouts.arrays)
    let parts = arrays.filter { $0.origin != nil }.map(\.name)
    if let pattern = archive.unmatched(among: names.selected + names.skipped, besides: parts) {
      throw .nothingMatches(pattern)
    }
    let record = settings.baseline.record(in: archive)
    return names.tensors(of: arrays).map { tensor in
      let decision = MatrixReading.decide(tensor, layouts, bias: archive.bias(of: tensor))
      guard case .matrix(let reading) = decision,
        case .initializer(let entry) = settings.baseline, let record,
        let treatment = record.treatments[tensor.origin?.name ?? tensor.name]
      else { return InspectionSubject(tensor: tensor, decision: decision, made: nil) }
      guard let made = StartingWeight(entry.initializer, of: tensor, reading, record) else {
        let reason =
          "by init ('\(treatment)') it had another start than \(entry.name) (--minus FILE compares with the model "
          + "before training)"
        return InspectionSubject(tensor: tensor, decision: .leftOut(reason: reason), made: nil)
      }
      return InspectionSubject(tensor: tensor, decision: decision, made: made)
    }
  }
}
