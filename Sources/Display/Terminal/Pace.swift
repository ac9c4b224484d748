// How fast something has been going lately.

/// Updates a second, over the last few reports.
struct Pace: Equatable, Sendable {
  private struct Mark: Equatable {
    let time: Double
    let updates: Int
  }

  private var marks: [Mark] = []

  /// Reports older than this count no longer, as long as there are two others.
  private static let memory = 10.0

  /// Reports nearer to each other than this count as one, so that there are never many.
  private static let grain = 0.25

  /// Notes how many updates have been made.
  ///
  /// - Parameters:
  ///   - updates: Less than before begins anew.
  ///   - time: In seconds, of a clock that never goes back.
  mutating func note(_ updates: Int, at time: Double) {
    if let last = marks.last, updates < last.updates { marks = [] }
    if marks.count > 1, time - marks[marks.count - 2].time < Self.grain { marks.removeLast() }
    marks.append(Mark(time: time, updates: updates))
    while marks.count > 2, time - marks[1].time >= Self.memory { marks.removeFirst() }
  }

  /// Updates a second; `nil` before the second report.
  var perSecond: Double? {
    guard let first = marks.first, let last = marks.last, last.time > first.time,
      last.updates > first.updates
    else { return nil }
    return Double(last.updates - first.updates) / (last.time - first.time)
  }

  /// Seconds until a number of updates is reached.
  ///
  /// - Parameters:
  ///   - updates: How many.
  ///   - time: Now.
  /// - Returns: `nil` before the second report; never less than 0.
  func secondsUntil(_ updates: Int, at time: Double) -> Double? {
    guard let perSecond, let last = marks.last else { return nil }
    return max(0, Double(updates - last.updates) / perSecond - (time - last.time))
  }
}
