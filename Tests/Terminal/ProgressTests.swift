import Foundation
import Records
import Synchronization
import Testing

@testable import Execution
@testable import Terminal
@testable import Training

@Suite struct ProgressTests {
  private let plan = TrainingPlan(initializer: "Partial_Identity", width: 2048)

  private func step(_ iteration: Int, of count: Int) -> TrainingStep {
    TrainingStep(
      epoch: 1, step: iteration, stepCount: count, iteration: iteration, iterationCount: count,
      samples: 64 * iteration, sampleCount: 64 * count, loss: 0.365503, runningAccuracy: 3.96,
      learningRate: 0.1)
  }

  private func measured(_ iteration: Int, of count: Int) -> RunUpdate {
    RunUpdate(
      plan: plan,
      news: .measured(step(iteration, of: count), quantities: ["rank": ["l3.weight": 56]]))
  }

  /// Everything that a display writes for some updates.
  private func output(_ style: ProgressDisplay.Style, _ updates: [RunUpdate]) -> String {
    let text = Mutex("")
    let display = ProgressDisplay(style, plans: [plan]) { part in text.withLock { $0 += part } }
    updates.forEach(display.show)
    return text.withLock { $0 }
  }

  @Test func `the notebook's lines, to the letter`() {
    #expect(
      step(50, of: 938).notebookLine
        == "Train Epoch: 1 [3200/60032 (5%)]\tLoss: 0.365503\tAccuracy(4%)")
    let test = EpochTest(epoch: 1, loss: 0.18096, correct: 9465, total: 10000)
    #expect(
      test.notebookLine
        == "\nTest set: Average loss: 0.1810, Accuracy: 9465/10000 (95%)\n")
  }

  @Test func `a line has bar, percent, iteration, loss, rank and time left`() {
    var line = ProgressLine(
      label: "Partial_Identity 2048", started: Date(timeIntervalSince1970: 0))
    line.update(step(99, of: 400), quantities: ["rank": ["l3.weight": 56]])
    #expect(
      line.text(width: 100, labelWidth: 21, now: Date(timeIntervalSince1970: 30)) == """
        Partial_Identity 2048 [######------------------]  25%    100/400  loss 0.3655  rank   56  left 1:30
        """)
  }

  @Test(arguments: [20, 40, 80, 200]) func `no line is wider than the window`(width: Int) {
    var line = ProgressLine(label: "Partial_Identity 2048", started: .distantPast)
    line.update(step(99_999, of: 100_000), quantities: [:])
    #expect(line.text(width: width, labelWidth: 21, now: .now).count < width)
  }

  @Test func `plain output has a line a tenth, and no control characters`() {
    let updates = (0..<100).map { measured(10 * $0, of: 1000) }
    let text = output(
      .plain,
      [RunUpdate(plan: plan, news: .started)] + updates
        + [RunUpdate(plan: plan, news: .ended(RunStatus(.done, seconds: 2)))])
    let lines = text.split(separator: "\n")
    #expect(lines.count == 11)
    #expect(lines.last == "Partial_Identity 2048 done after 2.0 s")
    #expect(!text.contains("\u{1B}"))
  }

  @Test func `a live display moves up over the lines it has drawn`() {
    let text = output(
      .live(width: 80),
      [RunUpdate(plan: plan, news: .started), measured(0, of: 10), measured(1, of: 10)])
    #expect(text.components(separatedBy: "\u{1B}[1A").count == 3)
    #expect(text.components(separatedBy: "\n").count == 4)
  }

  @Test func `a quiet display says nothing`() {
    #expect(output(.quiet, [RunUpdate(plan: plan, news: .started), measured(0, of: 10)]).isEmpty)
  }
}
