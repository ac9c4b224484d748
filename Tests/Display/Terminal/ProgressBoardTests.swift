import Foundation
import Testing
import ZerOExecution
import ZerORecords
import ZerOTraining

@testable import ZerOTerminal

@Suite struct ProgressBoardTests {
  private let data = Provenance.Data(
    name: "small", sha256: [:], inputDimension: 784, classCount: 10, counts: [60_000, 10_000])

  /// A run after some updates, at two updates per second.
  private func run(
    _ plan: TrainingPlan, label: String, updates: Int, rank: Double = 345, earlier: Int = 0
  ) -> RunProgress {
    var run = RunProgress(label: label, plan: plan, data: data)
    run.begin(after: earlier)
    for done in [max(1, updates - 100), updates] {
      run.measure(
        iteration: done - 1, epoch: 1, loss: 0.365503,
        quantities: ["rank": ["l3.weight": rank, "l3.bias": 5000]], at: Double(done - earlier) / 2)
    }
    return run
  }

  private func board(
    widths: [Int] = [1024, 2048], waiting: Int = 2, updates: Int = 469, rank: Double = 345
  ) -> ProgressBoard<TrainingPlan> {
    let plans = (widths + Array(8..<8 + waiting)).map {
      TrainingPlan(initializer: "ZerO", width: $0)
    }
    var board = ProgressBoard(
      runs: Dictionary(
        uniqueKeysWithValues: plans.map {
          ($0, RunProgress(label: "ZerO \($0.width)", plan: $0, data: data))
        }), machine: .init(operationsPerSecond: 1e9, threads: 4))
    for plan in plans.prefix(widths.count) {
      var begun = RunProgress(label: "ZerO \(plan.width)", plan: plan, data: data)
      begun.begin()
      board.set(plan, begun, at: 0)
      board.set(
        plan, run(plan, label: "ZerO \(plan.width)", updates: updates, rank: rank),
        at: Double(updates) / 2)
    }
    return board
  }

  private func text(_ lines: [[ColoredText]]) -> [String] {
    lines.map { $0.map(\.text).joined() }
  }

  @Test func `a window of 80 columns shows all columns`() {
    let lines = text(board().lines(in: TerminalWindow(columns: 80, rows: 24), at: 234.5))
    #expect(
      lines == [
        "run                               updates  images/s  sgemm    loss  rank   left",
        "ZerO 1024    [#####------]  50%   469/938       128    87%  0.3655   345   3:55",
        "ZerO 2048    [#####------]  50%   469/938       128   239%  0.3655   345   3:55",
        "0 of 4 runs  [#####------]  50%                 256   163%                 3:56",
      ])
  }

  @Test(
    arguments: [1, 2, 5, 10, 14, 20, 33, 40, 60, 79, 80, 81, 100, 120, 200], [1, 2, 3, 4, 5, 24])
  func `all lines are narrower than the window, and fewer than it has`(columns: Int, rows: Int) {
    let window = TerminalWindow(columns: columns, rows: rows)
    let lines = text(board(widths: Array(1001...1009)).lines(in: window, at: 240))
    #expect(lines.allSatisfy { $0.count < columns } && lines.count < rows)
    #expect(rows < 2 || columns < 2 || !lines.isEmpty)
    #expect(columns < 14 || rows < 3 || lines.contains { $0.contains("%") })
  }

  @Test func `a narrow window drops columns, the most important ones last`() {
    func heading(_ columns: Int) -> [String] {
      let lines = text(board().lines(in: TerminalWindow(columns: columns, rows: 24), at: 240))
      return lines[0].split(separator: " ").map(String.init)
    }
    #expect(heading(100) == ["run", "updates", "images/s", "sgemm", "loss", "rank", "left"])
    #expect(heading(60) == ["run", "images/s", "loss", "rank", "left"])
    #expect(heading(34) == ["run", "rank", "left"])
    #expect(heading(26) == ["run", "left"])
  }

  @Test func `the largest rank of the layers is shown, with its layer`() {
    var plan = TrainingPlan(initializer: "ZerO", width: 1024)
    plan.depth = 2
    plan.quantities = ["rank_from_start", "rank"]
    var run = RunProgress(label: "deep", plan: plan, data: data)
    run.begin()
    run.measure(
      iteration: 0, epoch: 1, loss: 1,
      quantities: ["rank_from_start": ["l3.weight": 12, "l4.weight": 790]], at: 0)
    #expect(run.rank?.text == "l4 790")
    #expect(
      ProgressRow.plainLine(run, at: 0) == "deep    0%  1/938  loss 1.0000  rank from start l4 790")
    run.measure(iteration: 1, epoch: 1, loss: 1, quantities: [:], at: 1)
    #expect(run.rank == nil, "nothing was measured")
  }

  @Test func `speed and fraction of the peak refer to the threads of a run`() throws {
    let board = board()
    let run = try #require(board.running.first.flatMap { board.runs[$0] })
    #expect(abs(try #require(run.imagesPerSecond) - 2 * 60_000 / 938) < 1e-6)
    // Two runs on four threads have two each.
    let operations = try #require(run.operationsPerSecond)
    #expect(board.fractionOfPeak(run) == operations / 2e9)
    let sum = board.running.compactMap { board.runs[$0]?.operationsPerSecond }.reduce(0, +)
    #expect(board.overall(at: 240).fractionOfPeak == sum / 4e9)
  }

  @Test func `the total time left follows from the remaining cost`() throws {
    // Both running runs are half done after 235 seconds; the waiting runs have almost no cost.
    let overall = board(updates: 469).overall(at: 234.5)
    #expect(overall.ended == 0 && overall.count == 4)
    let expected = 234.5 * (1 - overall.fraction) / overall.fraction
    #expect(abs(try #require(overall.timeLeft) - expected) < 1e-6)
    #expect(overall.fraction > 0.49 && overall.fraction < 0.5)
    let later = try #require(board(updates: 469).overall(at: 244.5).timeLeft)
    #expect(abs(later - (expected - 10)) < 1e-6, "the time left decreases without reports")
  }

  @Test func `updates of earlier sessions do not count in the rate`() throws {
    let plan = TrainingPlan(initializer: "ZerO", width: 1024)
    var board = ProgressBoard(
      runs: [plan: RunProgress(label: "a", plan: plan, data: data)])
    var begun = RunProgress(label: "a", plan: plan, data: data)
    begun.begin(after: 838)
    board.set(plan, begun, at: 0)
    board.set(plan, run(plan, label: "a", updates: 888, earlier: 838), at: 25)
    #expect(abs(try #require(board.overall(at: 25).timeLeft) - 25) < 1e-6)
  }

  @Test func `while no run is running, there is no time left, and the time does not count`() throws
  {
    var board = board(widths: [1024], waiting: 1, updates: 469)
    let plan = try #require(board.running.first)
    let before = try #require(board.overall(at: 234.5).timeLeft)
    var run = try #require(board.runs[plan])
    run.end(RunStatus(.interrupted, seconds: 234.5))
    board.set(plan, run, at: 234.5)
    for time in [235.0, 500, 5000] {
      board.set(plan, run, at: time)
      #expect(board.overall(at: time).timeLeft == nil && board.overall(at: time).isIdle)
    }
    let lines = text(board.lines(in: TerminalWindow(columns: 80, rows: 24), at: 5000))
    #expect(lines.last?.hasSuffix("%  no run in progress") == true, "\(lines)")
    // It resumes; the hours in between do not count in the rate.
    run.begin(after: 469)
    run.countAsEarlier()
    board.set(plan, run, at: 6000)
    run.measure(iteration: 469, epoch: 1, loss: 1, quantities: [:], at: 6001)
    board.set(plan, run, at: 6001)
    #expect(!board.overall(at: 6001).isIdle)
    #expect(board.overall(at: 6001).timeLeft.map { $0 < before * 300 } ?? true)
  }

  @Test func `a failed run has no work left`() throws {
    var board = board(widths: [1024], waiting: 0, updates: 469)
    let plan = try #require(board.running.first)
    var run = try #require(board.runs[plan])
    run.end(RunStatus(.failed, seconds: 1))
    board.set(plan, run, at: 235)
    let overall = board.overall(at: 235)
    #expect(overall.fraction == 1 && overall.ended == 1 && overall.timeLeft == nil)
    #expect(board.finished == 1)
  }

  @Test func `runs that do not fit the window are counted`() {
    let lines = text(
      board(widths: Array(1001...1020)).lines(in: TerminalWindow(columns: 80, rows: 10), at: 240))
    #expect(lines.count == 9)
    #expect(lines[7] == "… and 13 more" && lines[8].hasPrefix("0 of 22 runs"))
  }

  @Test func `the rate is over the last reports`() {
    var rate = UpdateRate()
    #expect(rate.perSecond == nil && rate.secondsUntil(10, at: 0) == nil)
    for index in 0..<10_000 { rate.record(index, at: Double(index) / 1000) }
    for index in 1...20 { rate.record(9999 + 5 * index, at: 9.999 + Double(index)) }
    #expect(rate.perSecond == 5)
    #expect(rate.secondsUntil(10_109, at: 35) == 0, "never negative")
    rate.record(7, at: 40)
    #expect(rate.perSecond == nil, "a decrease restarts the measurement")
  }

  @Test func `labels contain the settings that differ`() {
    var plans = [0.1, 0.2].flatMap { rate in
      (0..<2).map { seed in
        var plan = TrainingPlan(initializer: "Random", width: 8)
        (plan.learningRate, plan.seed, plan.modelSeed) = (rate, UInt64(1 + seed), UInt64(seed))
        return plan
      }
    }
    #expect(
      plans.map { RunLabels.labels(plans)[$0] } == [
        "Random 8 s1", "Random 8 s2", "Random 8 lr0.2 s1", "Random 8 lr0.2 s2",
      ])
    plans.removeLast(3)
    #expect(RunLabels.labels(plans)[plans[0]] == "Random 8")
  }
}
