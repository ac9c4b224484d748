// All runs together: which are under way, how far everything is, and how long it will still take.

import Execution
import Foundation
import Records
import Training

/// The state of many runs, by whatever tells them apart.
struct ProgressBoard<Key: Hashable & Sendable>: Sendable {
  /// Every run.
  private(set) var runs: [Key: RunProgress]

  /// The runs under way, in the order in which they began.
  private(set) var running: [Key] = []

  /// Floating-point operations a second that one core is good for, and the number of threads at work;
  /// `nil` where the work is elsewhere.
  let machine: Machine?

  private var begun: Double?
  private var lastReport = 0.0

  /// What the speed is held against.
  struct Machine: Sendable {
    let operationsPerSecond: Double
    let threads: Int
  }

  init(runs: [Key: RunProgress], machine: Machine? = nil) {
    self.runs = runs
    self.machine = machine
  }

  /// Changes a run, or adds one.
  mutating func set(_ key: Key, _ run: RunProgress, at time: Double) {
    runs[key] = run
    lastReport = time
    if run.state == .running {
      begun = begun ?? time
      if !running.contains(key) { running.append(key) }
    } else {
      running.removeAll { $0 == key }
    }
  }

  /// Forgets the runs that are not among some.
  mutating func keep(_ keys: Set<Key>) {
    runs = runs.filter { keys.contains($0.key) }
    running.removeAll { !keys.contains($0) }
  }

  /// The threads that a run has, on average: those without a run of their own help the others.
  private var threadsPerRun: Double? {
    machine.map { max(1, Double($0.threads) / Double(max(1, running.count))) }
  }

  /// The speed of a run as a share of what its threads could do in products alone.
  func shareOfPeak(_ run: RunProgress) -> Double? {
    guard let machine, let threadsPerRun, let speed = run.operationsPerSecond else { return nil }
    return speed / (machine.operationsPerSecond * threadsPerRun)
  }

  /// Everything in one.
  struct Overall: Equatable, Sendable {
    var ended = 0
    var count = 0
    var fraction = 0.0
    var imagesPerSecond: Double?
    var shareOfPeak: Double?
    var timeLeft: Double?
  }

  /// How far everything is.
  ///
  /// Runs count by their cost. Time left comes from what the session has done since it began, and is never
  /// less than that of a single run.
  func overall(at time: Double) -> Overall {
    let all = Array(runs.values)
    var overall = Overall(ended: all.count(where: \.isFinished), count: all.count)
    let total = all.reduce(0) { $0 + $1.plan.cost }
    overall.fraction = all.reduce(0) { $0 + $1.plan.cost * $1.fraction } / max(total, 1)
    let speeds = running.compactMap { runs[$0]?.imagesPerSecond }
    if !speeds.isEmpty { overall.imagesPerSecond = speeds.reduce(0, +) }
    if let machine {
      let operations = running.compactMap { runs[$0]?.operationsPerSecond }
      if !operations.isEmpty {
        overall.shareOfPeak =
          operations.reduce(0, +) / (machine.operationsPerSecond * Double(machine.threads))
      }
    }
    let longest = running.compactMap { runs[$0]?.timeLeft(at: time) }.max()
    let open = all.filter { !$0.isOver }
    let left = open.reduce(0) { $0 + $1.plan.cost * (1 - $1.fraction) }
    let paid = all.reduce(0) { sum, run in
      let share = run.total > 0 ? Double(run.done - run.earlier) / Double(run.total) : 0
      return sum + run.plan.cost * share
    }
    if let begun, lastReport > begun, paid > 0.01 * (paid + left) {
      let seconds = left / (paid / (lastReport - begun)) - (time - lastReport)
      overall.timeLeft = max(seconds, longest ?? 0, 0)
    }
    return overall
  }

  /// How the runs stand, in words: `3 of 8 runs done, 2 running, 1 failed`.
  var sentence: String {
    let words = runs.values.map(\.stateWord)
    let others = ["running", "abandoned", "interrupted", "diverged", "failed", "not begun"]
    let counts = others.compactMap { word -> String? in
      let count = words.count { $0 == word }
      return count > 0 ? "\(count) \(word)" : nil
    }
    let done = "\(words.count { $0 == "done" }) of \(words.count) runs done"
    return ([done] + counts).joined(separator: ", ")
  }
}

extension RunProgress {
  /// How it stands, in a word or two.
  var stateWord: String {
    switch state {
    case .waiting: "not begun"
    case .running: "running"
    case .abandoned: "abandoned"
    case .ended(let status): status.status.rawValue
    }
  }
}
