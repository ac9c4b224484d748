// Singular values, counted by their size.

import Foundation

/// An interval and how many values lie in it.
struct HistogramBucket: Equatable, Sendable {
  /// The interval begins here.
  let lower: Double

  /// It ends before this.
  let upper: Double

  /// Values in it.
  let count: Int

  /// The lowest power of ten that is told apart: what is smaller, zeros among it, is counted there.
  static let lowestPower = -12.0

  /// Intervals of a power of ten.
  private static let perPower = 4.0

  /// Counts values by their decimal logarithm.
  ///
  /// - Parameter values: Finite, in any order.
  /// - Returns: Intervals without gaps from `lowestPower` to the largest value, or one interval; none of nothing.
  static func ofLogarithms(_ values: [Float]) -> [HistogramBucket] {
    let places = values.map { value in
      let power = value > 0 ? max(log10(Double(value)), lowestPower) : lowestPower
      return Int(((power - lowestPower) * perPower).rounded(.down))
    }
    guard let last = places.max() else { return [] }
    var counts = [Int](repeating: 0, count: last + 1)
    for place in places { counts[place] += 1 }
    return counts.enumerated().map { place, count in
      HistogramBucket(
        lower: lowestPower + Double(place) / perPower,
        upper: lowestPower + Double(place + 1) / perPower, count: count)
    }
  }
}
