// The recent speed of a run.

/// Updates per second, over the last few reports.
struct UpdateRate: Equatable, Sendable {
  private struct Mark: Equatable {
    let time: Double
    let updates: Int
  }

  private var marks: [Mark] = []

  /// Reports older than this number of seconds are dropped, but at least two are kept.
  private static let memory = 10.0

  /// Reports that are fewer seconds apart are merged, which bounds their number.
  private static let resolution = 0.25

  /// Records the number of updates made so far.
  ///
  /// - Parameters:
  ///   - updates: The number of updates; a decrease drops all earlier reports.
  ///   - time: Seconds of a monotonic clock.
  mutating func record(_ updates: Int, at time: Double) {
    if let last = marks.last, updates < last.updates { marks = [] }
    if marks.count > 1, time - marks[marks.count - 2].time < Self.resolution { marks.removeLast() }
    marks.append(Mark(time: time, updates: updates))
    while marks.count > 2, time - marks[1].time >= Self.memory { marks.removeFirst() }
  }

  /// Updates per second; `nil` before the second report.
  var perSecond: Double? {
    guard let first = marks.first, let last = marks.last, last.time > first.time,
      last.updates > first.updates
    else { return nil }
    return Double(last.updates - first.updates) / (last.time - first.time)
  }

  /// Seconds until a number of updates is reached.
  ///
  /// - Parameters:
  ///   - updates: The number of updates.
  ///   - time: Now.
  /// - Returns: At least 0; `nil` before the second report.
  func secondsUntil(_ updates: Int, at time: Double) -> Double? {
    guard let perSecond, let last = marks.last else { return nil }
    return max(0, Double(updates - last.updates) / perSecond - (time - last.time))
  }
}
