// The progress of many runs together: which are running, the fraction done, the time left.

import Foundation
import ZerOExecution
import ZerORecords
import ZerOReports
import ZerOTraining

/// The state of many runs, each under a unique key.
struct ProgressBoard<Key: Hashable & Sendable>: Sendable {
  /// Every run.
  private(set) var runs: [Key: RunProgress]

  /// The running runs, in the order in which they started.
  private(set) var running: [Key] = []

  /// The machine that executes the runs; `nil` for runs of other processes.
  let machine: Machine?

  /// The number of finished runs.
  private(set) var finished = 0

  /// Seconds, as far as reports show, during which a run was running.
  private var busy = 0.0
  private var lastReport: Double?

  /// The reference for the speed of runs.
  struct Machine: Sendable {
    /// Floating-point operations per second of one core in matrix products.
    let operationsPerSecond: Double

    /// The number of threads that execute the runs.
    let threads: Int
  }

  init(runs: [Key: RunProgress], machine: Machine? = nil) {
    self.runs = runs
    self.machine = machine
    finished = runs.values.count(where: \.isFinished)
  }

  /// Updates or adds a run.
  mutating func set(_ key: Key, _ run: RunProgress, at time: Double) {
    let last = lastReport ?? time
    if !running.isEmpty { busy += max(0, time - last) }
    lastReport = max(last, time)
    let earlier = runs.updateValue(run, forKey: key)
    finished += (run.isFinished ? 1 : 0) - (earlier?.isFinished == true ? 1 : 0)
    if run.state == .running {
      if !running.contains(key) { running.append(key) }
    } else if earlier?.state == .running {
      running.removeAll { $0 == key }
    }
  }

  /// Removes all runs but some.
  mutating func keep(_ keys: Set<Key>) {
    runs = runs.filter { keys.contains($0.key) }
    finished = runs.values.count(where: \.isFinished)
    running.removeAll { !keys.contains($0) }
  }

  /// The average number of threads per run; threads without a run help the others.
  private var threadsPerRun: Double? {
    machine.map { max(1, Double($0.threads) / Double(max(1, running.count))) }
  }

  /// The speed of a run as a fraction of the speed of its threads in matrix products alone.
  func fractionOfPeak(_ run: RunProgress) -> Double? {
    guard let machine, let threadsPerRun, let speed = run.operationsPerSecond else { return nil }
    return speed / (machine.operationsPerSecond * threadsPerRun)
  }

  /// The total of all runs.
  struct Overall: Equatable, Sendable {
    var ended = 0
    var count = 0

    /// Whether no run is running.
    var isIdle = false
    var fraction = 0.0
    var imagesPerSecond: Double?
    var fractionOfPeak: Double?
    var timeLeft: Double?
  }

  /// The total progress.
  ///
  /// Runs are weighted by their cost. A finished run counts as complete, even if it failed. The time left is
  /// extrapolated from the work done while runs were running, and is at least the longest time left of a single
  /// run. It is `nil` while no run is running.
  func overall(at time: Double) -> Overall {
    var overall = Overall(ended: finished, count: runs.count, isIdle: running.isEmpty)
    var (total, done, left, paid) = (0.0, 0.0, 0.0, 0.0)
    for run in runs.values {
      total += run.cost
      done += run.cost * (run.isFinished ? 1 : run.fraction)
      if !run.isOver { left += run.cost * (1 - run.fraction) }
      if run.total > 0 { paid += run.cost * Double(run.done - run.earlier) / Double(run.total) }
    }
    overall.fraction = done / max(total, 1)
    let under = running.compactMap { runs[$0] }
    let speeds = under.compactMap(\.imagesPerSecond)
    if !speeds.isEmpty { overall.imagesPerSecond = speeds.reduce(0, +) }
    if let machine {
      let operations = under.compactMap(\.operationsPerSecond)
      if !operations.isEmpty {
        overall.fractionOfPeak =
          operations.reduce(0, +) / (machine.operationsPerSecond * Double(machine.threads))
      }
    }
    let longest = under.compactMap { $0.timeLeft(at: time) }.max()
    if !under.isEmpty, busy > 0, paid > 0.01 * (paid + left), let lastReport {
      let seconds = left / (paid / busy) - (time - lastReport)
      overall.timeLeft = max(seconds, longest ?? 0, 0)
    }
    return overall
  }

  /// The number of runs in each state: `3 of 8 runs done, 2 running, 1 failed`.
  var summary: String {
    let counts = Dictionary(runs.values.map { ($0.stateWord, 1) }, uniquingKeysWith: +)
    let order = ["running", "abandoned", "interrupted", "diverged", "failed"]
    let others = counts.keys.filter { $0 != "done" && $0 != "not started" && !order.contains($0) }
    let words = (order + others.sorted() + ["not started"]).compactMap { word in
      counts[word].map { "\($0) \(word)" }
    }
    return (["\(counts["done"] ?? 0) of \(runs.count) runs done"] + words).joined(separator: ", ")
  }
}

extension ProgressBoard {
  /// The moving lines of a terminal: a heading, the running runs, and the total.
  ///
  /// - Parameters:
  ///   - window: The terminal's window.
  ///   - time: Now.
  /// - Returns: Fewer lines than the window has, each narrower than the window.
  func lines(in window: TerminalWindow, at time: Double) -> [[ColoredText]] {
    let room = window.rows - 1
    var rows = running.compactMap { runs[$0] }.map {
      ProgressRow($0, fractionOfPeak: fractionOfPeak($0), hasPeak: machine != nil, at: time)
    }
    let isOver = runs.values.allSatisfy(\.isOver)
    let footer = runs.count > 1 && room > 1 && !isOver ? [ProgressRow(overall(at: time))] : []
    guard !(rows.isEmpty && footer.isEmpty), room > 0, window.columns > 1 else { return [] }
    let table = ProgressTable(rows + footer, width: window.columns - 1)
    let heading = !rows.isEmpty && rows.count + footer.count < room ? [table.heading] : []
    var hidden: [[ColoredText]] = []
    let places = room - footer.count
    if rows.count > places {
      let shown = max(1, places - 1)
      let more = "… and \(rows.count - shown) more"
      if places > 1 { hidden = [[ColoredText(String(more.prefix(window.columns - 1)), .faint)]] }
      rows = Array(rows.prefix(shown))
    }
    return heading + rows.map(table.line) + hidden + footer.map(table.line)
  }
}
