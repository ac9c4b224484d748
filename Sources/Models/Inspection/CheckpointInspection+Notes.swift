// How a checkpoint was read, where nobody has said how: what no number shows.

import Checkpoints
import Initializers
import Messages

extension CheckpointInspection {
  /// What a reader of the ranks should know, a sentence each.
  static func notes(
    on tensors: [TensorInspection], of archive: TensorArchive, _ settings: InspectionSettings
  ) -> [String] {
    var notes = archive.notes
    if case .archive(let other) = settings.baseline {
      notes += other.notes.map { "\(other.path): \($0)" }
      notes += onNames(of: tensors, besides: other)
    }
    let format = archive.metadata["format"] ?? ""
    if settings.layouts.source == .metadata {
      notes.append(
        "layout \(settings.layouts.usual.rawValue), as the file's metadata say (format: \(format)); --layout "
          + "overrides it")
    }
    func names(_ isMeant: (TensorInspection) -> Bool) -> [String] {
      var names: [String] = []
      for tensor in tensors where isMeant(tensor) && names.last != tensor.tensorName {
        names.append(tensor.tensorName)
      }
      return names
    }
    let readings: [(names: [String], text: String)] = [
      (names { $0.name != $0.tensorName }, "stacked matrices, each ranked by itself"),
      (
        names { $0.reading?.kind == .attention }, "attention, in x heads*width or heads*width x out"
      ),
      (
        names { $0.reading?.layout == .transposed },
        "transposed convolutions, as their biases tell: in x out*k"
      ),
    ]
    notes += readings.filter { !$0.names.isEmpty }.map { "\($0.text): \(firstOf($0.names))" }
    return notes + settings.baseline.notes(on: tensors, of: archive)
  }

  /// The additions of training tools that were left out of names to find them in the other checkpoint.
  private static func onNames(of tensors: [TensorInspection], besides other: TensorArchive)
    -> [String]
  {
    var additions: Set<String> = []
    for tensor in tensors where tensor.reading != nil && other[tensor.tensorName] == nil {
      guard let counterpart = other.counterpart(of: tensor.tensorName) else { continue }
      let (own, others) = (TensorName(tensor.tensorName), TensorName(counterpart.name))
      additions.formUnion(Set(own.additions).symmetricDifference(others.additions))
    }
    guard !additions.isEmpty else { return [] }
    let texts = additions.sorted().map { "'\($0)'" }.joined(separator: " and ")
    return ["names are compared without \(texts), which training tools add"]
  }
}

extension Baseline {
  /// What `init` did to the tensors, where this is the initializer by which it made the model.
  func record(in archive: TensorArchive) -> InitializationRecord? {
    guard case .initializer(let entry) = self,
      let record = InitializationRecord(metadata: archive.metadata),
      record.initializer == entry.name
    else { return nil }
    return record
  }

  /// What the file's record says about the start of the ranked tensors.
  func notes(on tensors: [TensorInspection], of archive: TensorArchive) -> [String] {
    guard case .initializer(let entry) = self,
      archive.metadata[InitializationRecord.metadataKey] != nil
    else { return [] }
    guard let record = InitializationRecord(metadata: archive.metadata) else {
      return [
        "the record of init in the file's metadata ('\(InitializationRecord.metadataKey)') is damaged, so every tensor "
          + "is compared with \(entry.name)"
      ]
    }
    guard record.initializer == entry.name else {
      return ["init made this model by \(record.initializer), as the file's metadata say"]
    }
    var counts: [String: Int] = [:]
    for tensor in tensors where tensor.reading != nil {
      guard let treatment = record.treatments[tensor.tensorName],
        !["matrix", "convolution"].contains(treatment)
      else { continue }
      counts[treatment, default: 0] += 1
    }
    guard !counts.isEmpty else { return [] }
    let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key): \($0.value)" }
    return [
      "as the file's metadata say, init made some tensors otherwise, and they are compared with that, not with "
        + "\(entry.name) (\(parts.joined(separator: ", ")))"
    ]
  }
}
