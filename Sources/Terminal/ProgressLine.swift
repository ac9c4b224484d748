// One run's progress in one line.

import Foundation
import Records
import Training

/// How far a run is, as far as its last report told.
struct ProgressLine: Equatable {
  let label: String
  let started: Date
  private let earlier: Int
  private(set) var done = 0
  private(set) var total = 0
  private(set) var loss: Double?
  private(set) var rank: Double?

  /// A line without progress yet.
  ///
  /// - Parameters:
  ///   - label: The run.
  ///   - started: When this session began.
  ///   - earlier: The updates that earlier sessions made.
  init(label: String, started: Date, earlier: Int = 0) {
    self.label = label
    self.started = started
    self.earlier = earlier
  }

  mutating func update(_ step: TrainingStep, quantities: [String: [String: Double]]) {
    done = step.iteration + 1
    total = step.iterationCount
    loss = step.loss
    rank = quantities["rank"]?["l3.weight"]
  }

  /// The share that is done, 0 … 1.
  var fraction: Double { total > 0 ? Double(done) / Double(total) : 0 }

  /// The line, cut to a width: label, bar, percent, iteration, loss, rank, time left.
  func text(width: Int, labelWidth: Int, now: Date) -> String {
    var parts = [label.padding(toLength: labelWidth, withPad: " ", startingAt: 0)]
    let fields = [
      String(format: "%3.0f%%", 100 * fraction), String(format: "%5d/%d", done, total),
      loss.map { String(format: "loss %.4f", $0) },
      rank.map { String(format: "rank %4.0f", $0) },
      timeLeft(now).map { "left " + $0 },
    ].compactMap(\.self)
    // A narrow window loses whole fields, never a number's last digits.
    var figures = ""
    for field in fields where labelWidth + figures.count + field.count + 4 <= width {
      figures += figures.isEmpty ? field : "  " + field
    }
    let room = width - labelWidth - figures.count - 5
    if room >= 5 { parts.append(Self.bar(fraction, length: min(room, 24))) }
    parts.append(figures)
    return String(parts.joined(separator: " ").prefix(max(0, width - 1)))
  }

  private func timeLeft(_ now: Date) -> String? {
    // The first update pays for warming up; after a few the estimate means something.
    let (mine, elapsed) = (done - earlier, now.timeIntervalSince(started))
    guard Double(mine) > 0.02 * Double(total), done < total, elapsed > 0 else { return nil }
    let seconds = elapsed * Double(total - done) / Double(mine)
    let whole = Int(seconds.rounded(.up))
    return String(format: "%d:%02d", whole / 60, whole % 60)
  }

  private static func bar(_ fraction: Double, length: Int) -> String {
    let filled = min(length, Int((fraction * Double(length)).rounded(.down)))
    return "[" + String(repeating: "#", count: filled)
      + String(repeating: "-", count: length - filled) + "]"
  }
}
