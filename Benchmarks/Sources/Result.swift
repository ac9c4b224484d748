// Results of the benchmarks, as a table row and as JSON.

import Foundation

/// The minimum, median and maximum of several measurements of one quantity.
struct Sample: Codable {
  let minimum: Double
  let median: Double
  let maximum: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    precondition(!sorted.isEmpty, "a sample without values")
    minimum = sorted[0]
    median = sorted[sorted.count / 2]
    maximum = sorted[sorted.count - 1]
  }
}

/// A measured quantity with its name and unit.
struct Result: Codable {
  let name: String
  let unit: String
  let value: Sample

  /// The row of the table.
  var line: String {
    let numbers = [value.median, value.minimum, value.maximum].map { String(format: "%.4g", $0) }
    let padded = name.padding(toLength: 58, withPad: " ", startingAt: 0)
    let figure = padded + String(repeating: " ", count: max(0, 9 - numbers[0].count)) + numbers[0]
    // A value that was computed from other results has no range.
    return unit.isEmpty ? figure : figure + " \(unit)  (\(numbers[1]) to \(numbers[2]))"
  }
}

/// Measures how long a closure takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let duration = ContinuousClock.now - start
  return Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
}
