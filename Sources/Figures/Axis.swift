// Where an axis ends and where its ticks stand.

import Foundation

/// A linear axis from 0, or from a round number below the data, to a round number above it.
struct Axis: Equatable {
  let lower: Double
  let upper: Double
  let step: Double

  /// Covers some values with about `count` steps of 1, 2, 2.5 or 5 times a power of ten.
  init(covering values: [Double], count: Int) {
    let low = min(0, values.min() ?? 0)
    let largest = values.max() ?? 1
    let high = largest > low ? largest : low + 1
    let rough = (high - low) / Double(count)
    let power = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10) * power
    self.step = step
    lower = (low / step).rounded(.down) * step
    upper = (high / step).rounded(.up) * step
  }

  /// The positions of the ticks, both ends included.
  var ticks: [Double] {
    let count = Int(((upper - lower) / step).rounded())
    return (0...count).map { lower + Double($0) * step }
  }

  /// A tick's text: ten digits at most, no zeros at the end.
  static func text(_ value: Double) -> String { String(format: "%.10g", value) }

  /// The share of the axis below a value.
  func position(_ value: Double) -> Double { (value - lower) / (upper - lower) }
}
