import Foundation
import Synchronization
import Testing
import ZerORecords

@testable import ZerOExecution
@testable import ZerOTerminal
@testable import ZerOTraining

@Suite struct ProgressTests {
  private let plan = TrainingPlan(initializer: "Partial_Identity", width: 2048)

  private func step(_ iteration: Int) -> TrainingStep {
    TrainingStep(
      epoch: 1, step: iteration, iteration: iteration, samples: 64 * iteration, loss: 0.365503,
      runningAccuracy: 3.96, learningRate: 0.1, quantities: ["rank": ["l3.weight": 56]])
  }

  private let data = Provenance.Data(
    name: "small", sha256: [:], inputDimension: 784, classCount: 10, counts: [64 * 400, 1000])

  private func measured(_ iteration: Int) -> RunUpdate {
    RunUpdate(plan: plan, news: .measured(step(iteration)))
  }

  /// Everything that a display writes for some updates, one per second.
  private func output(_ style: ProgressStyle, _ updates: [RunUpdate]) async -> [String] {
    let writes = Mutex<[String]>([])
    let seconds = Mutex(0.0)
    let display = ProgressDisplay(
      style, plans: [plan], data: [DataSelection(of: plan): data], threads: 1,
      now: { seconds.withLock { $0 } }
    ) { text in writes.withLock { $0.append(text) } }
    await display.redrawing {
      for update in updates {
        display.show(update)
        seconds.withLock { $0 += 1 }
      }
    }
    return writes.withLock { $0 }
  }

  private func live(_ columns: Int = 80, _ rows: Int = 24) -> ProgressStyle {
    .live(isColored: false) { TerminalWindow(columns: columns, rows: rows) }
  }

  @Test func `log lines equal the notebook's`() {
    #expect(
      step(50).notebookLine(of: plan, sampleCount: 60032)
        == "Train Epoch: 1 [3200/60032 (5%)]\tLoss: 0.365503\tAccuracy(4%)")
    let test = EpochTest(epoch: 1, loss: 0.18096, correct: 9465, total: 10000)
    #expect(
      test.notebookLine
        == "\nTest set: Average loss: 0.1810, Accuracy: 9465/10000 (95%)\n")
  }

  @Test func `a run that is left out has the same state as in watch`() async {
    let error = RecordError.locked(path: "results/runs/x")
    let lines = await output(.plain, [RunUpdate(plan: plan, news: .leftOut(error))])
    #expect(lines == ["Partial_Identity 2048 is locked: \(error)\n"])
  }

  @Test func `plain output has one line per tenth of a run and no control characters`() async {
    let updates = (0..<40).map { measured(10 * $0) }
    let text = await output(
      .plain,
      [RunUpdate(plan: plan, news: .started)] + updates
        + [RunUpdate(plan: plan, news: .ended(RunStatus(.done, seconds: 2)))]
    ).joined()
    let lines = text.split(separator: "\n")
    #expect(lines.count == 11)
    #expect(
      lines[1]
        == "Partial_Identity 2048   10%  41/400  loss 0.3655  rank 56  640 images/s  left 0:36")
    #expect(lines.last == "Partial_Identity 2048 done after 2.0 s: rank 56")
    #expect(!text.contains("\u{1B}"))
  }

  @Test func `a live frame is one write over the previous frame`() async {
    let frames = await output(
      live(), [RunUpdate(plan: plan, news: .started), measured(0), measured(1)])
    #expect(frames.count == 4, "three, and one that removes the lines")
    for frame in frames.dropFirst() {
      #expect(frame.components(separatedBy: "\u{1B}[2A").count == 2, "heading and run")
    }
    for frame in frames {
      #expect(frame.hasPrefix("\u{1B}[?2026h\u{1B}[?25l\r") && !frame.contains("\u{1B}[2J"))
      #expect(frame.hasSuffix("\u{1B}[?25h\u{1B}[?2026l"), "the cursor is visible after each frame")
    }
    #expect(frames[2].contains("0%        64 "), "one update of 64 images per second")
  }

  @Test func `a run that resumes or starts again says from where and why`() async {
    let news: [RunUpdate.News] = [
      .resumed(iteration: 1, elsewhere: nil), .restarted(because: "x.safetensors is damaged"),
    ]
    let lines = await output(.plain, news.map { RunUpdate(plan: plan, news: $0) })
    #expect(
      lines == [
        "Partial_Identity 2048 resumed after 1 update\n",
        "Partial_Identity 2048 has no usable checkpoint (x.safetensors is damaged); training restarts\n",
      ])
  }

  @Test func `a quiet display prints nothing`() async {
    #expect(
      await output(.quiet, [RunUpdate(plan: plan, news: .started), measured(0)]).isEmpty)
  }

  @Test func `remarks on many runs are printed with the next frame, and none is lost`() {
    let plans = (8..<108).map { TrainingPlan(initializer: "ZerO", width: $0) }
    var printer = ProgressPrinter<TrainingPlan>(live())
    let board = ProgressBoard(
      runs: Dictionary(
        uniqueKeysWithValues: plans.map { ($0, RunProgress(label: "x", plan: $0, data: data)) }))
    var frames: [String] = []
    for plan in plans {
      frames.append(
        printer.text([Remark(label: "run \(plan.width)", text: "kept")], of: board, at: 1))
    }
    #expect(frames.filter { !$0.isEmpty }.count == 1 && printer.needsFrame)
    frames.append(printer.text([], of: board, at: 1.2))
    #expect(!printer.needsFrame)
    frames.append(printer.text([Remark(label: "run 0", text: "kept")], of: board, at: 1.2))
    frames.append(printer.finish())
    for name in ["run 8 kept", "run 9 kept", "run 107 kept", "run 0 kept"] {
      #expect(frames.joined().components(separatedBy: name + "\u{1B}").count == 2, "\(name)")
    }
  }
}
