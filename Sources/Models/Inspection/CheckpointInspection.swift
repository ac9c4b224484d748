// Every matrix of a checkpoint, with all cores and little memory.

public import Checkpoints
import Initializers
public import Parallelism
import Synchronization

/// The ranks of a checkpoint's matrices.
public struct CheckpointInspection: Sendable {
  /// The tensors, in the order of the file.
  public let tensors: [TensorInspection]

  /// The file.
  public let path: String

  /// The question.
  public let settings: InspectionSettings

  /// Whether the file is of a run with exact ties that isn't done: a unit is a class of copies.
  public let isOfClasses: Bool

  /// What a reader of the ranks should know about how the checkpoint was read, a sentence each.
  public let notes: [String]

  /// Computes the ranks of some tensors.
  ///
  /// A tensor is read, its rank is computed, and it is forgotten. Those of more than about half the largest one's
  /// size are taken one at a time, by all threads together, the others side by side: so the memory is that of the
  /// largest matrix in double precision, twice or a little more, whatever the size of the model. Of stacked matrices,
  /// such as those of experts, each is a tensor of its own; a stack in an archive, or in Fortran's order, is in memory as
  /// a whole.
  ///
  /// - Parameters:
  ///   - archive: The checkpoint.
  ///   - names: Which tensors; all others are passed over.
  ///   - settings: What is asked.
  ///   - pool: Takes part.
  ///   - observe: Hears, from any thread, which share of the work is done.
  /// - Throws: `InspectionError.nothingMatches`; what is wrong with one tensor is its outcome, and the rest goes on.
  public init(
    _ archive: TensorArchive, _ names: TensorSelection, _ settings: InspectionSettings,
    on pool: WorkerPool, observe: @escaping @Sendable (_ share: Double) -> Void = { _ in }
  ) async throws {
    let subjects = try Self.subjects(of: archive, names, settings)
    let costs = subjects.map { Self.cost($0.decision) }
    let total = max(1, costs.reduce(0, +))
    let state = Mutex<(done: Double, results: [TensorInspection?])>(
      (0, Array(repeating: nil, count: subjects.count)))
    @Sendable func take(_ group: InspectionGroup, _ team: ThreadTeam) {
      let first = subjects[group.places[0]].tensor
      let stack = group.stack.map { _ in
        Result { try StackInMemory(of: first, settings.baseline) }
      }
      for index in group.places {
        let subject = subjects[index]
        let result = TensorInspection(
          subject.tensor, subject.decision, settings, made: subject.made, stack: stack, team: team)
        let done = state.withLock { state in
          state.results[index] = result
          state.done += costs[index]
          return state.done
        }
        observe(done / total)
      }
    }
    let order = InspectionGroup.all(of: subjects, settings.baseline)
      .map { group in (group, group.places.reduce(0) { $0 + costs[$1] }) }
      .sorted { $0.1 > $1.1 }.map(\.0)
    let limit = ((order.map(\.size).max() ?? 0) + Self.allowance) / pool.threads
    let alone = order.filter { $0.size > limit }
    let together = order.filter { $0.size <= limit }
    try await pool.run([{ team in for group in alone { take(group, team) } }])
    try await pool.run(together.map { group in { team in take(group, team) } })
    let tensors = state.withLock { $0.results.compactMap(\.self) }
    self.tensors = tensors
    path = archive.path
    isOfClasses = archive.metadata["ties"] == "exact"
    self.settings = settings
    notes = Self.notes(on: tensors, of: archive, settings)
  }

  /// Elements beyond the largest tensor's that may be in memory besides: 16 MiB in double precision.
  private static let allowance = 1 << 21

  /// Operations, roughly: those of the Gram matrix and of its eigenvalues, which are slower.
  private static func cost(_ decision: MatrixReading.Decision) -> Double {
    guard case .matrix(let reading) = decision else { return 0 }
    let (shorter, longer) = (
      Double(min(reading.rows, reading.columns)), Double(max(reading.rows, reading.columns))
    )
    return longer * shorter * shorter + 6 * shorter * shorter * shorter + 100 * longer * shorter
  }

  /// Tensors whose rank could not be computed.
  public var failures: [TensorInspection] {
    tensors.filter { if case .failed = $0.outcome { true } else { false } }
  }

  /// Matrices whose rank was computed.
  public var matrices: [TensorInspection] { tensors.filter { $0.findings != nil } }

  /// Why there is no matrix whose rank was taken, which would pass for a clean result; `nil` where there is one.
  public var reasonForNothing: String? {
    guard matrices.isEmpty else { return nil }
    guard !tensors.isEmpty else { return "no tensor was looked at" }
    var reasons: [String: Int] = [:]
    for tensor in tensors {
      if case .leftOut(let reason) = tensor.outcome { reasons[reason, default: 0] += 1 }
    }
    let parts = reasons.sorted { $0.key < $1.key }.map { "\($0.value) left out, \($0.key)" }
    return (parts + (failures.isEmpty ? [] : ["\(failures.count) could not be ranked"]))
      .joined(separator: "; ")
  }

  /// Whether a matrix's rank depends on where its outputs are: turning two dimensions changes none.
  public func dependsOnLayout(_ tensor: TensorInspection) -> Bool {
    guard tensor.findings != nil, let reading = tensor.reading, reading.kind != .attention else {
      return false
    }
    if case .initializer = settings.baseline, !settings.baseline.isIdentity { return true }
    return reading.kind == .convolution
  }

  /// Matrices that were taken as in x out since their names tell so, and whose rank depends on it.
  public var turnedMatrices: [TensorInspection] {
    tensors.filter { settings.layouts.exceptions[$0.tensorName] == .jax && dependsOnLayout($0) }
  }

  /// Matrices whose rank is below a share of the highest possible one.
  public func deficient(below ratio: Double) -> [TensorInspection] {
    tensors.filter { $0.findings.map { $0.ratio < ratio } ?? false }
  }
}
