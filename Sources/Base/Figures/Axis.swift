// Where an axis ends and where its ticks stand.

import Foundation

/// A linear axis from 0, or from a round number below the data, to a round number above it; or a logarithmic one
/// between powers of ten.
struct Axis: Equatable {
  let lower: Double
  let upper: Double

  /// From one tick to the next: their distance, or on a logarithmic axis their ratio.
  let step: Double
  private let isLogarithmic: Bool

  /// Covers some values with about `count` steps of 1, 2, 2.5 or 5 times a power of ten.
  init(covering values: [Double], count: Int) {
    let low = min(0, values.min() ?? 0)
    let largest = values.max() ?? 1
    let high = largest > low ? largest : low + 1
    let rough = (high - low) / Double(count)
    let power = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10) * power
    self.step = step
    isLogarithmic = false
    lower = (low / step).rounded(.down) * step
    upper = (high / step).rounded(.up) * step
  }

  /// Covers the positive ones of some values with at most about `count` steps of whole decades.
  init(decadesOf values: [Double], count: Int) {
    let positive = values.filter { $0 > 0 }
    let low = log10(positive.min() ?? 1).rounded(.down)
    let high = max(log10(positive.max() ?? 1).rounded(.up), low + 1)
    let decades = max(1, ((high - low) / Double(count)).rounded(.up))
    isLogarithmic = true
    step = pow(10, decades)
    lower = pow(10, low)
    upper = pow(10, low + ((high - low) / decades).rounded(.up) * decades)
  }

  /// The positions of the ticks, both ends included.
  var ticks: [Double] {
    if isLogarithmic {
      let count = Int((log10(upper / lower) / log10(step)).rounded())
      return (0...count).map { lower * pow(step, Double($0)) }
    }
    let count = Int(((upper - lower) / step).rounded())
    return (0...count).map { lower + Double($0) * step }
  }

  /// A tick's text: ten digits at most, no zeros at the end.
  static func text(_ value: Double) -> String { String(format: "%.10g", value) }

  /// The share of the axis below a value.
  func position(_ value: Double) -> Double {
    isLogarithmic
      ? log10(value / lower) / log10(upper / lower) : (value - lower) / (upper - lower)
  }
}
