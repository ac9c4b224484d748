// Computes the rank of every matrix in a checkpoint.

import Synchronization
public import ZerOCheckpoints
import ZerOInitializers
import ZerOMessages
import ZerONamePatterns
public import ZerOParallelism

/// The ranks of a checkpoint's matrices.
public struct CheckpointInspection: Sendable {
  /// The inspected tensors, in the order of the file.
  public let tensors: [TensorInspection]

  /// The checkpoint's file.
  public let path: String

  /// The settings of the inspection.
  public let settings: InspectionSettings

  /// Whether the checkpoint belongs to an unfinished run with symmetry reduction, in which one unit
  /// represents a class of identical units.
  public let isSymmetryReduced: Bool

  /// Remarks on how the checkpoint was read, one sentence each.
  public let notes: [String]

  /// Computes the ranks of selected tensors.
  ///
  /// Each tensor is read, ranked and released. Tensors larger than about half of the largest one
  /// are processed one at a time by all threads together, all others in parallel. The process
  /// therefore needs about twice the memory of the largest matrix in double precision, for a model
  /// of any size.
  ///
  /// In a stack, such as expert weights, each matrix is ranked separately. A stack in an archive or
  /// in column-major order is held in memory as a whole.
  ///
  /// - Parameters:
  ///   - archive: The checkpoint.
  ///   - names: The tensors to inspect.
  ///   - settings: The tolerance rule, the baseline and the layouts.
  ///   - pool: Runs the work.
  ///   - observe: Called from any thread with the completed fraction of the work.
  /// - Throws: `InspectionError.unmatchedPattern` and `.stackAndConvolution`. An error of a single
  ///   tensor becomes its outcome, and the others are still inspected.
  public init(
    _ archive: TensorArchive, _ names: TensorSelection, _ settings: InspectionSettings,
    on pool: WorkerPool, observe: @escaping @Sendable (_ fraction: Double) -> Void = { _ in }
  ) async throws {
    let subjects = try Self.subjects(of: archive, names, settings)
    let costs = subjects.map { Self.cost($0.decision) }
    let total = max(1, costs.reduce(0, +))
    let state = Mutex<(done: Double, results: [TensorInspection?])>(
      (0, Array(repeating: nil, count: subjects.count)))
    @Sendable func process(_ group: InspectionGroup, _ team: ThreadTeam) {
      let first = subjects[group.indices[0]].tensor
      let stack = group.stack.map { _ in
        Result { try StackInMemory(of: first, settings.baseline) }
      }
      for index in group.indices {
        let result = TensorInspection(subjects[index], settings, stack: stack, team: team)
        let done = state.withLock { state in
          state.results[index] = result
          state.done += costs[index]
          return state.done
        }
        observe(done / total)
      }
    }
    let order = InspectionGroup.all(of: subjects, settings.baseline)
      .map { group in (group, group.indices.reduce(0) { $0 + costs[$1] }) }
      .sorted { $0.1 > $1.1 }.map(\.0)
    let limit = ((order.map(\.size).max() ?? 0) + Self.allowance) / pool.threads
    let alone = order.filter { $0.size > limit }
    let together = order.filter { $0.size <= limit }
    try await pool.run([{ team in for group in alone { process(group, team) } }])
    try await pool.run(together.map { group in { team in process(group, team) } })
    let tensors = state.withLock { $0.results.compactMap(\.self) }
    self.tensors = tensors
    path = archive.path
    isSymmetryReduced = archive.metadata["ties"] == "exact"
    self.settings = settings
    notes = Self.notes(on: tensors, of: archive, settings)
  }

  /// Elements that may be in memory besides the largest tensor: 16 MiB in double precision.
  private static let allowance = 1 << 21

  /// Approximate operation count: the Gram matrix, and its eigenvalues at a lower speed.
  private static func cost(_ decision: MatrixReading.Decision) -> Double {
    guard case .matrix(let reading) = decision else { return 0 }
    return cost(rows: reading.rows, columns: reading.columns)
  }

  /// Approximate operation count of a matrix.
  package static func cost(rows: Int, columns: Int) -> Double {
    let (shorter, longer) = (Double(min(rows, columns)), Double(max(rows, columns)))
    return longer * shorter * shorter + 6 * shorter * shorter * shorter + 100 * longer * shorter
  }

  /// Tensors whose rank could not be computed.
  public var failures: [TensorInspection] {
    tensors.filter { if case .failed = $0.outcome { true } else { false } }
  }

  /// Matrices whose rank was computed.
  public var matrices: [TensorInspection] { tensors.filter { $0.findings != nil } }

  /// Why no matrix was ranked, since an empty inspection must not pass; `nil` if one was.
  public var reasonForNothing: String? {
    guard matrices.isEmpty else { return nil }
    guard !tensors.isEmpty else { return "no tensor was selected" }
    var reasons: [String: Int] = [:]
    for tensor in tensors {
      if case .leftOut(let reason) = tensor.outcome { reasons[reason, default: 0] += 1 }
    }
    let parts = reasons.sorted { $0.key < $1.key }.map { "\($0.value) left out, \($0.key)" }
    return (parts + (failures.isEmpty ? [] : ["\(failures.count) could not be ranked"]))
      .joined(separator: "; ")
  }

  /// Whether the rank of a matrix depends on its layout; transposing a matrix doesn't change its
  /// rank.
  public func dependsOnLayout(_ tensor: TensorInspection) -> Bool {
    guard tensor.findings != nil, let reading = tensor.reading, reading.kind != .attention else {
      return false
    }
    if case .initializer = settings.baseline, !settings.baseline.isIdentity { return true }
    return reading.kind == .convolution
  }

  /// Matrices read as in × out because of their names, whose rank depends on that.
  public var turnedMatrices: [TensorInspection] {
    tensors.filter { settings.layouts.exceptions[$0.tensorName] == .jax && dependsOnLayout($0) }
  }

  /// Matrices whose rank is below a fraction of min(m, n).
  public func deficient(below ratio: Double) -> [TensorInspection] {
    tensors.filter { $0.findings.map { $0.ratio < ratio } ?? false }
  }
}

extension CheckpointInspection {
  /// Remarks on how a checkpoint was read, one sentence each.
  static func notes(
    on tensors: [TensorInspection], of archive: TensorArchive, _ settings: InspectionSettings
  ) -> [String] {
    var notes = archive.notes
    if let addend = settings.addend { notes += addend.notes.map { "\(addend.path): \($0)" } }
    if case .archive(let other) = settings.baseline {
      notes += other.notes.map { "\(other.path): \($0)" }
      notes += onNames(of: tensors, besides: other)
    }
    let format = archive.metadata["format"] ?? ""
    if settings.layouts.source == .metadata {
      notes.append(
        "layout \(settings.layouts.usual.rawValue), from the file's metadata (format: \(format)); --layout "
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
      (names { $0.isOfStack }, "stacked matrices, ranked separately"),
      (
        names { $0.isOfFusedWeight },
        "fused weights, ranked layer by layer (--whole ranks each as one matrix)"
      ),
      (
        names { $0.reading?.kind == .attention },
        "attention weights, read as in x heads*width or heads*width x out"
      ),
      (
        names { $0.reading?.layout == .transposed },
        "transposed convolutions by their biases, read as in x out*k"
      ),
    ]
    notes += readings.filter { !$0.names.isEmpty }.map { "\($0.text): \(firstOf($0.names))" }
    notes += onUndividedWeights(
      among: Set(tensors.map(\.tensorName)), of: archive, settings.layouts)
    return notes + settings.baseline.notes(on: tensors, of: archive)
  }

  /// Fused weights that could not be divided, by reason.
  package static func onUndividedWeights(
    among names: Set<String>, of archive: TensorArchive, _ layouts: TensorLayouts
  ) -> [String] {
    let fused = FusedWeights(archive)
    var undivided: [String: [String]] = [:]
    for tensor in archive.tensors where names.contains(tensor.name) {
      guard case .unknown(let reason) = layouts.parts(of: tensor, fused: fused) else {
        continue
      }
      undivided[reason, default: []].append(tensor.name)
    }
    return undivided.sorted { $0.key < $1.key }.map { reason, names in
      "fused weights, each ranked as one matrix (\(reason)): \(firstOf(names))"
    }
  }

  /// The affixes of training tools that were ignored to match names with the other checkpoint.
  private static func onNames(of tensors: [TensorInspection], besides other: TensorArchive)
    -> [String]
  {
    var affixes: Set<String> = []
    for tensor in tensors where tensor.reading != nil && other[tensor.tensorName] == nil {
      guard let counterpart = other.counterpart(of: tensor.tensorName) else { continue }
      let (own, others) = (TensorName(tensor.tensorName), TensorName(counterpart.name))
      affixes.formUnion(Set(own.affixes).symmetricDifference(others.affixes))
    }
    guard !affixes.isEmpty else { return [] }
    let texts = affixes.sorted().map { "'\($0)'" }.joined(separator: " and ")
    return ["names are matched without \(texts), which training tools add"]
  }
}

extension Baseline {
  /// Whether the metadata of a checkpoint describe the initial values that this initializer gave its weights.
  package func hasRecord(in archive: TensorArchive) -> Bool { record(in: archive) != nil }

  /// The record of `init` in a checkpoint, if it was made by the same initializer.
  func record(in archive: TensorArchive) -> InitializationRecord? {
    guard case .initializer(let entry) = self,
      let record = InitializationRecord(metadata: archive.metadata),
      record.initializer == entry.name
    else { return nil }
    return record
  }

  /// Remarks from the record of `init` about the ranked tensors.
  func notes(on tensors: [TensorInspection], of archive: TensorArchive) -> [String] {
    guard case .initializer(let entry) = self,
      archive.metadata[InitializationRecord.metadataKey] != nil
    else { return [] }
    guard let record = InitializationRecord(metadata: archive.metadata) else {
      return [
        "the record of init in the file's metadata ('\(InitializationRecord.metadataKey)') is damaged, so "
          + "\(entry.name) is subtracted from every tensor"
      ]
    }
    guard record.initializer == entry.name else {
      return ["the file's metadata say that init used \(record.initializer)"]
    }
    var counts: [String: Int] = [:]
    for name in Set(tensors.filter { $0.reading != nil }.map(\.tensorName)) {
      guard let treatment = record.treatments[name],
        !["matrix", "convolution"].contains(treatment)
      else { continue }
      counts[treatment, default: 0] += 1
    }
    guard !counts.isEmpty else { return [] }
    let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key): \($0.value)" }
    return [
      "the file's metadata list other initial values for some tensors, which are subtracted instead of "
        + "\(entry.name) (\(parts.joined(separator: ", ")))"
    ]
  }
}

extension CheckpointInspection {
  /// The tensors and stacked matrices to inspect, in the order of the file.
  ///
  /// - Parameters:
  ///   - archive: The checkpoint.
  ///   - names: The tensors to inspect.
  ///   - settings: The baseline and the layouts.
  ///   - record: A checkpoint whose metadata describe the initial values; `nil` to use those of `archive`.
  /// - Returns: The subjects, with those that are left out.
  /// - Throws: `InspectionError.unmatchedPattern` and `.stackAndConvolution`.
  package static func subjects(
    of archive: TensorArchive, _ names: TensorSelection, _ settings: InspectionSettings,
    record: TensorArchive? = nil
  ) throws(InspectionError) -> [InspectionSubject] {
    let layouts = settings.layouts.resolved(among: Set(archive.tensors.map(\.name)))
    if let pattern = archive.unmatched(among: layouts.stacks + layouts.convolutions) {
      throw .unmatchedPattern(pattern)
    }
    let ambiguous = archive.tensors.first { tensor in
      tensor.shape.count > 2 && layouts.stacks.contains { $0.matches(tensor.name) }
        && layouts.convolutions.contains { $0.matches(tensor.name) }
    }
    if let ambiguous {
      throw .stackAndConvolution(tensor: ambiguous.name, path: archive.path)
    }
    let fused = FusedWeights(archive)
    let arrays = archive.tensors.flatMap { layouts.arrays(of: $0, fused: fused) }
    let parts = arrays.filter { $0.origin != nil }.map(\.name)
    if let pattern = archive.unmatched(among: names.selected + names.skipped, besides: parts) {
      throw .unmatchedPattern(pattern)
    }
    let record = settings.baseline.record(in: record ?? archive)
    return names.tensors(of: arrays).map { tensor in
      let decision = MatrixReading.decide(tensor, layouts, bias: archive.bias(of: tensor))
      guard case .matrix(let reading) = decision,
        case .initializer(let entry) = settings.baseline, let record,
        let treatment = record.treatments[tensor.origin?.name ?? tensor.name]
      else { return InspectionSubject(tensor: tensor, decision: decision, made: nil) }
      guard let made = InitialWeight(entry.initializer, of: tensor, reading, record) else {
        let reason =
          "init ('\(treatment)') gave it other initial values than \(entry.name) (--minus FILE subtracts the model "
          + "before training)"
        return InspectionSubject(tensor: tensor, decision: .leftOut(reason: reason), made: nil)
      }
      return InspectionSubject(tensor: tensor, decision: decision, made: made)
    }
  }
}
