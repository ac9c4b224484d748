// The range of an axis and its ticks.

import Foundation

/// A linear or logarithmic axis.
struct Axis: Equatable {
  /// The value at the left or lower end.
  let lower: Double

  /// The value at the right or upper end.
  let upper: Double

  /// The values of the ticks, in ascending order.
  let ticks: [Double]

  private let isLogarithmic: Bool

  /// A linear axis that begins at 0, or at the smallest value if that is negative.
  ///
  /// - Parameters:
  ///   - values: The values that the axis covers.
  ///   - count: The largest number of steps between ticks; a step is 1, 2, 2.5 or 5 times a power of ten.
  ///   - headroom: The free space beyond the extreme values, as a fraction of their range. A lower end at 0 has none.
  init(covering values: [Double], count: Int, headroom: Double = 0) {
    let low = min(0, values.min() ?? 0)
    let largest = values.max() ?? 1
    let high = largest > low ? largest : low + 1
    let margin = headroom * (high - low)
    let (lower, upper) = (low < 0 ? low - margin : low, high > 0 ? high + margin : high)
    let rough = (upper - lower) / Double(count)
    let power = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10) * power
    let first = (lower / step - 1e-9).rounded(.up)
    let last = (upper / step + 1e-9).rounded(.down)
    self.lower = lower
    self.upper = upper
    ticks = first <= last ? (Int(first)...Int(last)).map { Double($0) * step } : []
    isLogarithmic = false
  }

  /// A logarithmic axis between powers of ten.
  ///
  /// - Parameters:
  ///   - values: The axis covers the positive ones.
  ///   - count: The largest number of steps between ticks; a step is a whole number of decades.
  init(decadesOf values: [Double], count: Int) {
    let positive = values.filter { $0 > 0 }
    let low = log10(positive.min() ?? 1).rounded(.down)
    let high = max(log10(positive.max() ?? 1).rounded(.up), low + 1)
    let decades = max(1, ((high - low) / Double(count)).rounded(.up))
    let steps = Int(((high - low) / decades).rounded(.up))
    lower = pow(10, low)
    upper = pow(10, low + Double(steps) * decades)
    ticks = (0...steps).map { pow(10, low + Double($0) * decades) }
    isLogarithmic = true
  }

  /// The text of a tick: at most ten digits, or a power of ten on a logarithmic axis.
  func text(_ value: Double) -> String {
    guard isLogarithmic else {
      return String(format: "%.10g", value).replacing("-", with: "−")
    }
    let exponent = String(Int(log10(value).rounded()))
    return "10" + String(exponent.map { Self.superscripts[$0] ?? $0 })
  }

  private static let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
    "8": "⁸", "9": "⁹",
  ]

  /// The fraction of the axis below a value.
  func position(_ value: Double) -> Double {
    isLogarithmic
      ? log10(value / lower) / log10(upper / lower) : (value - lower) / (upper - lower)
  }
}
