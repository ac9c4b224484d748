// The work of a series: which rows are missing, and their computation matrix by matrix.

import Foundation
import Synchronization
import ZerOCheckpoints
import ZerOInspection
import ZerOParallelism

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds the missing rows of a series and computes them.
///
/// Checkpoints are opened one by one. Those with missing rows stay open and are ranked together, as many as the process
/// may have files open.
struct SeriesWork {
  /// Checkpoints that could not be read.
  private(set) var skipped: [SeriesInspection.Skipped] = []

  /// Remarks on how checkpoints were read.
  private(set) var notes: [String] = []

  /// Rows by place, of checkpoints that exist.
  private(set) var rows: [SeriesStore.Place: SeriesRow] = [:]

  /// Names of the matrices, in the order of their first appearance.
  private(set) var matrices: [String] = []

  /// The digest of each open checkpoint's files, by its name.
  private(set) var identities: [String: String] = [:]

  /// Rows that are not in the store, because another call may not meet their defect.
  private(set) var unstored: Set<SeriesStore.Place> = []

  /// The number of rows that the store already had.
  private(set) var reusedCount = 0

  /// An error that another checkpoint would meet as well.
  private(set) var failure: (any Error)?

  /// The difference as a formula.
  let difference: String

  /// The checkpoint that is subtracted or compared with.
  let start: MatrixSeries.Start?

  /// The first checkpoint, if it records initial values that differ from those of the subtracted initializer alone.
  private var record: TensorArchive?

  /// Rows of the store at the beginning.
  let stored: [SeriesStore.Place: SeriesRow]

  /// The digests of checkpoints that no longer exist.
  private let lost: Set<String>

  private let settings: SeriesSettings
  private let store: SeriesStore
  private let count: Int
  private var known: Set<String> = []
  private var noted: Set<String> = []
  private var batch: [OpenCheckpoint] = []
  private var last: OpenCheckpoint?
  private var added = 0

  /// Opens the start and reads the store.
  ///
  /// - Throws: `TensorFileError` if the start can't be read; `SeriesError.lostStart`.
  init(_ series: CheckpointSeries, _ settings: SeriesSettings, _ store: SeriesStore) throws {
    self.settings = settings
    self.store = store
    count = series.checkpoints.count
    stored = store.rows
    let (names, steps) = (Set(series.all.map(\.name)), Set(series.all.map(\.step)))
    lost = Set(
      stored.values.filter { !names.contains($0.checkpoint) && !steps.contains($0.step) }
        .map(\.identity.checkpoint))
    switch settings.start {
    case .baseline(.archive(let archive)):
      // A checkpoint of the series keeps its name there: minus itself, it is the start.
      let own = series.all.first {
        archive.isRead(from: $0.path) || archive.isRead(from: $0.path + "/.metadata")
      }
      start = MatrixSeries.Start(
        archive: archive,
        identity: try FileIdentity.digest(of: archive, name: own?.name ?? archive.path))
      difference = settings.baseline.description
      notes = ["W₀ is \(archive.path)"]
    case .baseline(let baseline):
      difference = baseline.description
      // Training programs save the weights without the record of `init`, which only the first checkpoint then has.
      var first: MatrixSeries.Start?
      if case .initializer = baseline { first = try Self.start(at: series.first) }
      if let first, baseline.hasRecord(in: first.archive) {
        start = first
        record = first.archive
      } else {
        start = settings.overlap == nil ? nil : try first ?? Self.start(at: series.first)
      }
    case .first:
      let first = try Self.start(at: series.first)
      // The rows of another start are replaced only if they can be computed again.
      let own = stored.values.filter { row in
        row.identity.start == row.identity.checkpoint && row.identity.start != first.identity
          && !names.contains(row.checkpoint)
      }.map(\.checkpoint).min()
      if let own { throw SeriesError.lostStart(path: store.folder.path, checkpoint: own) }
      start = first
      difference = "W - W_0"
      notes = ["W₀ is \(series.first.name)"]
    }
  }

  private static func start(at checkpoint: SeriesCheckpoint) throws(TensorFileError)
    -> MatrixSeries.Start
  {
    let archive = try checkpoint.open()
    return MatrixSeries.Start(
      archive: archive, identity: try FileIdentity.digest(of: archive, name: checkpoint.name))
  }

  /// Opens a checkpoint and finds its missing rows; one that can't be read is skipped.
  mutating func add(_ checkpoint: SeriesCheckpoint, index: Int) {
    added = index + 1
    var open: OpenCheckpoint
    do {
      open = try OpenCheckpoint(
        checkpoint, index: index, settings, record: record, previous: last)
    } catch let error as TensorFileError {
      skipped.append(SeriesInspection.Skipped(checkpoint: checkpoint, reason: "\(error)"))
      return
    } catch {
      failure = error
      return
    }
    identities[checkpoint.name] = open.identity
    // A remark that several checkpoints have, with other numbers such as the step, is about the first.
    notes += open.notes.filter { noted.insert($0.filter { !$0.isNumber }).inserted }
      .map { "\(checkpoint.name): \($0)" }
    for name in open.names where known.insert(name).inserted { matrices.append(name) }
    let identity = SeriesRow.Identity(
      checkpoint: open.identity, previous: open.previous?.identity, start: start?.identity)
    for name in open.names {
      let place = SeriesStore.Place(checkpoint, matrix: name)
      if let row = stored[place], isCurrent(row, identity) {
        rows[place] = row
        reusedCount += 1
      } else {
        open.missing.insert(name)
      }
    }
    if !open.missing.isEmpty {
      if let last, batch.last?.index != last.index { batch.append(last) }
      batch.append(open)
    }
    last = open
  }

  /// Whether a row was computed from the present files; a comparison with a deleted checkpoint stays.
  private func isCurrent(_ row: SeriesRow, _ identity: SeriesRow.Identity) -> Bool {
    let own = row.identity
    return own.checkpoint == identity.checkpoint && own.start == identity.start
      && (own.previous == identity.previous || own.previous.map(lost.contains) ?? false)
  }

  /// Whether no more checkpoints may stay open.
  var isFull: Bool { batch.reduce(0) { $0 + $1.fileCount } > Self.openFiles }

  /// The number of files that may stay open, with some left for everything else.
  private static let openFiles: Int = {
    var limits = rlimit()
    #if canImport(Glibc)
      let resource = Int32(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard unsafe getrlimit(resource, &limits) == 0 else { return 64 }
    return max(1, Int(clamping: limits.rlim_cur) / 2 - 64)
  }()

  /// Computes the missing rows of the open checkpoints and closes these.
  ///
  /// - Throws: `SeriesError` if the store can't be written; the error of `check`.
  mutating func run(
    on pool: WorkerPool, check: @escaping @Sendable () throws -> Void,
    observe: @escaping @Sendable (_ fraction: Double) -> Void
  ) async throws {
    let jobs = jobs
    let total = max(1, jobs.reduce(0) { $0 + $1.cost })
    let before = Double(added - batch.count) / Double(count)
    let part = Double(batch.count) / Double(count)
    let state = Mutex<(done: Double, rows: [(row: SeriesRow, isFinal: Bool)])>((0, []))
    let (batch, settings, start, store) = (batch, settings, start, store)
    @Sendable func process(_ job: Job, _ team: ThreadTeam) throws {
      var matrix = MatrixSeries(job.name, settings, start: start, team: team)
      for place in job.places {
        try check()
        let checkpoint = batch[place]
        let isBefore = place > 0 && batch[place - 1].index == checkpoint.previous?.index
        let isNeeded =
          job.places.contains(place + 1) && batch[place + 1].previous?.index == checkpoint.index
        guard
          let (row, isFinal) = matrix.row(
            of: checkpoint, before: isBefore ? batch[place - 1] : nil, keepingWeight: isNeeded)
        else { continue }
        if isFinal { try store.append(row) }
        let done = state.withLock { state in
          state.rows.append((row.withoutSingularValues, isFinal))
          state.done += job.cost / Double(job.places.count)
          return state.done
        }
        observe(before + part * done / total)
      }
    }
    // One large matrix at a time is in memory. Small ones are ranked beside it, so no thread waits.
    let limit = ((jobs.map(\.size).max() ?? 0) + Self.allowance) / pool.threads
    let large = jobs.filter { $0.size > limit }
    let small = jobs.filter { $0.size <= limit && $0.size * pool.threads <= Self.allowance }
    let medium = jobs.filter { $0.size <= limit && $0.size * pool.threads > Self.allowance }
    let each = { (job: Job) in
      { @Sendable (team: ThreadTeam) in try process(job, team) }
    }
    try await pool.run(
      [{ team in for job in large { try process(job, team) } }] + small.map(each))
    try await pool.run(medium.map(each))
    for (row, isFinal) in state.withLock({ $0.rows }) {
      rows[SeriesStore.Place(row)] = row
      if !isFinal { unstored.insert(SeriesStore.Place(row)) }
    }
    self.batch = []
    // It is opened again beside the next checkpoint, which is compared with it.
    last?.missing = []
  }

  /// Elements that may be in memory besides the largest matrix: 16 MiB in double precision.
  private static let allowance = 1 << 21

  /// A matrix to rank in some of the open checkpoints.
  private struct Job: Sendable {
    /// Its name.
    let name: String

    /// The places of the checkpoints in the batch.
    let places: [Int]

    /// The number of elements.
    let size: Int

    /// The approximate number of operations.
    let cost: Double
  }

  /// The matrices with missing rows, the most expensive first.
  private var jobs: [Job] {
    matrices.compactMap { name in
      let places = batch.indices.filter { batch[$0].missing.contains(name) }
      let sizes = places.compactMap { batch[$0].subjects[name]?.dimensions }
      guard let largest = sizes.max(by: { $0.rows * $0.columns < $1.rows * $1.columns }) else {
        return nil
      }
      let cost = sizes.reduce(0) {
        $0 + CheckpointInspection.cost(rows: $1.rows, columns: $1.columns)
      }
      return Job(name: name, places: places, size: largest.rows * largest.columns, cost: cost)
    }.sorted { $0.cost > $1.cost }
  }
}
