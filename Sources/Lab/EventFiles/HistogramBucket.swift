// A histogram of singular values on a logarithmic scale.

import Foundation

/// An interval and the number of values in it.
struct HistogramBucket: Equatable, Sendable {
  /// The lower end, inclusive.
  let lower: Double

  /// The upper end, exclusive.
  let upper: Double

  /// The number of values in the interval.
  let count: Int

  /// The lowest power of ten; smaller values, including zeros, are counted there.
  static let lowestPower = -12.0

  /// The number of intervals per power of ten.
  private static let perPower = 4.0

  /// Counts values by their decimal logarithms.
  ///
  /// - Parameter values: Finite values, in any order.
  /// - Returns: Contiguous intervals from `lowestPower` to the largest value; none if there are no
  ///   values.
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
