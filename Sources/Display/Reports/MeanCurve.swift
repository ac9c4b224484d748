// The mean of several curves, with minimum and maximum.

/// The mean of the curves that have been added.
struct MeanCurve: Sendable {
  /// The values of all curves after a number of updates.
  struct Place: Sendable {
    fileprivate var count = 0
    fileprivate var sum = 0.0

    /// The smallest value.
    fileprivate(set) var low = Double.infinity

    /// The largest value.
    fileprivate(set) var high = -Double.infinity

    /// The arithmetic mean.
    var mean: Double { sum / Double(count) }
  }

  /// The number of curves.
  private(set) var count = 0

  private var places: [Int: Place] = [:]

  /// Adds a curve.
  mutating func add(_ series: [(updates: Int, value: Double)]) {
    count += 1
    for (updates, value) in series {
      var place = places[updates] ?? Place()
      place.count += 1
      place.sum += value
      place.low = min(place.low, value)
      place.high = max(place.high, value)
      places[updates] = place
    }
  }

  /// The places by number of updates, in ascending order.
  var sorted: [(updates: Int, place: Place)] {
    places.sorted { $0.key < $1.key }.map { (updates: $0.key, place: $0.value) }
  }
}
