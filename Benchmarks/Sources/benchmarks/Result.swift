// What came out, in a form that a person and a program can read.

import Foundation

/// Several values of one quantity, in the order of their size.
struct Sample: Codable {
  let minimum: Double
  let median: Double
  let maximum: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    precondition(!sorted.isEmpty, "a sample of nothing")
    minimum = sorted[0]
    median = sorted[sorted.count / 2]
    maximum = sorted[sorted.count - 1]
  }
}

/// A measured quantity.
struct Result: Codable {
  let name: String
  let unit: String
  let value: Sample

  /// A line of the table.
  var line: String {
    let numbers = [value.median, value.minimum, value.maximum].map { String(format: "%.4g", $0) }
    let padded = name.padding(toLength: 58, withPad: " ", startingAt: 0)
    let figure = padded + String(repeating: " ", count: max(0, 9 - numbers[0].count)) + numbers[0]
    // A figure that was computed from others has no range.
    return unit.isEmpty ? figure : figure + " \(unit)  (\(numbers[1]) to \(numbers[2]))"
  }
}

/// The seconds that something takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let duration = ContinuousClock.now - start
  return Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
}
