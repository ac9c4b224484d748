// The range of an axis and its ticks.

import Foundation

/// A linear or logarithmic axis, or a logarithmic axis of counts.
struct Axis: Equatable {
  /// The value at the left or lower end.
  let lower: Double

  /// The value at the right or upper end.
  let upper: Double

  /// The values of the ticks, in ascending order.
  let ticks: [Double]

  private let scale: Scale

  private enum Scale: Equatable {
    case linear, logarithmic

    /// Logarithmic from the smallest positive count, with 0 at the left end if the axis has it.
    case counts(first: Double, hasZero: Bool)
  }

  /// A linear axis that begins at 0, or at the smallest value if that is negative.
  ///
  /// - Parameters:
  ///   - values: The values that the axis covers.
  ///   - start: The lower end if no value is below it.
  ///   - count: The largest number of steps between ticks; a step is 1, 2, 2.5 or 5 times a power of ten.
  ///   - headroom: The free space beyond the extreme values, as a fraction of their range. A lower end at 0 has none.
  init(covering values: [Double], from start: Double = 0, count: Int, headroom: Double = 0) {
    let low = min(start, values.min() ?? start)
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
    scale = .linear
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
    scale = .logarithmic
  }

  /// A logarithmic axis from the smallest to the largest count; 0, if it is among them, is at the left end, before a gap.
  ///
  /// Ticks are powers of ten; also 2 and 5 times these if the counts span less than two decades.
  ///
  /// - Parameters:
  ///   - values: Counts, for example numbers of updates: 0 or more.
  ///   - count: The largest number of steps between powers of ten.
  init(countsOf values: [Double], count: Int) {
    let positive = values.filter { $0 > 0 }
    let first = positive.min() ?? 1
    let last = positive.max() ?? 10
    let hasZero = positive.count < values.count
    lower = hasZero ? 0 : first
    upper = last > first ? last : 10 * first
    let (low, high) = (log10(first), log10(upper))
    let stride = max(1, Int(((high - low) / Double(count)).rounded(.up)))
    let powers = Int((low - 1e-9).rounded(.down))...Int((high + 1e-9).rounded(.up))
    let factors: [Double] = high - low < 2 ? [1, 2, 5] : [1]
    var marks: [Double] = hasZero ? [0] : []
    for power in powers where power.isMultiple(of: stride) {
      for factor in factors {
        let mark: Double = factor * pow(10, Double(power))
        if mark > first * (1 - 1e-9), mark < upper * (1 + 1e-9) { marks.append(mark) }
      }
    }
    ticks = marks
    scale = .counts(first: first, hasZero: hasZero)
  }

  /// The distance from 0 to the smallest positive count, as a fraction of the axis.
  private static let gap = 0.09

  /// The position of the break between 0 and the positive counts of a logarithmic axis; `nil` for an axis without one.
  var breakPosition: Double? {
    if case .counts(_, hasZero: true) = scale { Self.gap / 2 } else { nil }
  }

  /// The text of a tick: at most ten digits, or a power of ten on a logarithmic axis.
  ///
  /// An axis of counts below 100 000 has numbers.
  func text(_ value: Double) -> String {
    let isPower = value > 0 && abs(log10(value) - log10(value).rounded()) < 1e-9
    let isNumber =
      switch scale {
      case .linear: true
      case .logarithmic: false
      case .counts: upper < 1e5 || !isPower
      }
    guard !isNumber else { return String(format: "%.10g", value).replacing("-", with: "−") }
    let exponent = String(Int(log10(value).rounded()))
    return "10" + String(exponent.map { Self.superscripts[$0] ?? $0 })
  }

  private static let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
    "8": "⁸", "9": "⁹",
  ]

  /// The fraction of the axis below a value.
  func position(_ value: Double) -> Double {
    switch scale {
    case .linear: return (value - lower) / (upper - lower)
    case .logarithmic: return log10(value / lower) / log10(upper / lower)
    case .counts(let first, let hasZero):
      guard value > 0 else { return 0 }
      let start = hasZero ? Self.gap : 0
      return start + (1 - start) * log10(value / first) / log10(upper / first)
    }
  }
}
