// A checkpoint of a series while its matrices are ranked.

import ZerOCheckpoints
import ZerOInspection
import ZerOMessages

/// An open checkpoint: its headers, and the matrices to rank.
struct OpenCheckpoint: Sendable {
  /// Its index among the selected checkpoints.
  let index: Int

  /// The checkpoint.
  let checkpoint: SeriesCheckpoint

  /// The digest of its files.
  let identity: String

  /// The index of the checkpoint before it that could be opened, and the digest of its files.
  let previous: (index: Int, identity: String)?

  /// The names of its matrices, in the order of the file.
  let names: [String]

  /// The matrices by name.
  let subjects: [String: InspectionSubject]

  /// The number of files that are open.
  let fileCount: Int

  /// Remarks on how its tensors were read.
  let notes: [String]

  /// The names of the matrices to rank.
  var missing: Set<String> = []

  /// Reads the headers of a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint.
  ///   - index: Its index among the selected checkpoints.
  ///   - settings: The settings of the series.
  ///   - record: A checkpoint whose metadata describe the initial values; `nil` to use those of this checkpoint.
  ///   - previous: The checkpoint before it that could be opened.
  /// - Throws: `TensorFileError`; `InspectionError` for a pattern that matches nothing.
  init(
    _ checkpoint: SeriesCheckpoint, index: Int, _ settings: SeriesSettings, record: TensorArchive?,
    previous: OpenCheckpoint?
  ) throws {
    let archive = try checkpoint.open()
    let inspection = try InspectionSettings(
      rule: settings.rule, baseline: settings.baseline, layouts: settings.layouts(archive))
    let all = try CheckpointInspection.subjects(
      of: archive, settings.selection, inspection, record: record)
    let subjects = all.filter { $0.dimensions != nil }
    self.index = index
    self.checkpoint = checkpoint
    self.previous = previous.map { ($0.index, $0.identity) }
    identity = try FileIdentity.digest(of: archive, name: checkpoint.name)
    names = archive.isArray ? subjects.map { _ in "array" } : Self.names(of: subjects)
    self.subjects = Dictionary(zip(names, subjects)) { first, _ in first }
    fileCount = Set(archive.tensors.map(\.path)).count
    notes =
      archive.notes
      + CheckpointInspection.onUndividedWeights(
        among: Set(subjects.map(\.tensor.name)), of: archive, inspection.layouts)
      + Self.notesOnLeftOut(all)
  }

  /// The tensors of two or more dimensions that are left out, by reason; vectors have no rank in any model.
  private static func notesOnLeftOut(_ subjects: [InspectionSubject]) -> [String] {
    let tensors = subjects.map(\.tensor)
    let reasons = zip(subjects.map(\.reasonToLeaveOut), tensors).compactMap { reason, tensor in
      tensor.shape.count > 1 ? reason.map { ($0, [tensor.name]) } : nil
    }
    return Dictionary(reasons, uniquingKeysWith: +).sorted { $0.key < $1.key }
      .map { "left out, \($0.key): \(firstOf($0.value))" }
  }

  /// The names without the prefixes of training tools; a name that would occur twice is kept whole.
  static func names(of subjects: [InspectionSubject]) -> [String] {
    let plain = subjects.map { subject in
      let whole = subject.tensor.origin?.name ?? subject.tensor.name
      return TensorName(whole).plain + subject.tensor.name.dropFirst(whole.count)
    }
    let counts = Dictionary(plain.map { ($0, 1) }, uniquingKeysWith: +)
    return zip(plain, subjects).map { counts[$0] == 1 ? $0 : $1.tensor.name }
  }
}
