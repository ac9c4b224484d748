// The rows of a series, arranged by matrix and step.

import Foundation
import ZerOSeries

/// The matrices of a series of checkpoints with their rows.
struct SeriesHistory: Sendable {
  /// A matrix in all checkpoints that contain it.
  struct Matrix: Sendable {
    /// The name.
    let name: String

    /// The rows in the order of steps.
    fileprivate(set) var rows: [SeriesRow] = []

    private var places: [Int: Int] = [:]

    fileprivate init(name: String) { self.name = name }

    fileprivate mutating func add(_ row: SeriesRow) {
      places[row.step] = rows.count
      rows.append(row)
    }

    /// The row of a step; `nil` if the checkpoint has none for this matrix.
    func row(at step: Int) -> SeriesRow? { places[step].map { rows[$0] } }
  }

  /// The steps in ascending order.
  let steps: [Int]

  /// The matrices, in the order in which they first appear.
  let matrices: [Matrix]

  /// Whether something is subtracted from the weights.
  let isDifference: Bool

  /// Whether curves have a logarithmic axis of steps.
  private(set) var isLogarithmic = false

  /// Whether curves of a difference begin at the start.
  private var drawsStart = false

  /// Arranges rows.
  ///
  /// - Parameters:
  ///   - rows: The rows in any order; of several rows of a matrix at the same step, the last one is used.
  ///   - isDifference: Whether something is subtracted from the weights.
  init(_ rows: [SeriesRow], isDifference: Bool) {
    var places: [String: Int] = [:]
    var matrices: [Matrix] = []
    var latest: [String: [Int: SeriesRow]] = [:]
    for row in rows {
      if places[row.matrix] == nil {
        places[row.matrix] = matrices.count
        matrices.append(Matrix(name: row.matrix))
      }
      latest[row.matrix, default: [:]][row.step] = row
    }
    for (name, own) in latest {
      guard let place = places[name] else { continue }
      for (_, row) in own.sorted(by: { $0.key < $1.key }) { matrices[place].add(row) }
    }
    self.matrices = matrices
    self.isDifference = isDifference
    steps = Set(rows.map(\.step)).sorted()
    let changed = changedSteps
    isLogarithmic = Self.areGeometric(changed)
    drawsStart = !isLogarithmic && !changed.isEmpty
  }

  /// The value of a quantity as tables show it.
  ///
  /// - Returns: `nil` at the start itself, whose difference is 0: a rank of zeros says nothing about training.
  func value(_ quantity: SeriesQuantity, _ row: SeriesRow) -> Double? {
    row.isStart ? nil : quantity.value(row).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The value of a quantity as curves show it: on a linear axis, those of a difference begin with 0 at the start.
  func curveValue(_ quantity: SeriesQuantity, _ row: SeriesRow) -> Double? {
    row.isStart && drawsStart && quantity.vanishesAtStart ? 0 : value(quantity, row)
  }

  /// The steps with values.
  var changedSteps: [Int] {
    steps.filter { step in
      matrices.contains { $0.row(at: step).map { $0.results != nil && !$0.isStart } ?? false }
    }
  }

  /// The steps that curves cover.
  var curveSteps: [Int] {
    guard drawsStart else { return changedSteps }
    return steps.filter { step in
      matrices.contains { $0.row(at: step)?.results != nil }
    }
  }

  /// First, middle and last of the steps with values; fewer if there are fewer.
  var landmarks: [Int] {
    let steps = changedSteps
    guard let first = steps.first, let last = steps.last, steps.count > 1 else { return steps }
    return steps.count == 2 ? [first, last] : [first, steps[(steps.count - 1) / 2], last]
  }

  /// The median, smallest and largest value of a curve's quantity over some matrices at a step; `nil` if none has a value.
  func band(_ quantity: SeriesQuantity, of members: [Int], at step: Int) -> Band? {
    Band(members.compactMap { matrices[$0].row(at: step).flatMap { curveValue(quantity, $0) } })
  }

  /// Whether steps grow geometrically, so that a logarithmic axis shows them best.
  ///
  /// At least three positive steps span a factor of at least 16, and the median distance in the later half is at least
  /// eight times the first distance.
  static func areGeometric(_ steps: [Int]) -> Bool {
    let positive = steps.filter { $0 > 0 }.sorted()
    guard positive.count >= 3, positive[positive.count - 1] / positive[0] >= 16 else {
      return false
    }
    let distances = zip(positive.dropFirst(), positive).map { $0 - $1 }
    let later = distances[(distances.count / 2)...].sorted()
    // Divided, since eight times a distance may overflow.
    return later[later.count / 2] / 8 >= max(1, distances[0])
  }
}

/// The median of several numbers, with the smallest and the largest.
struct Band: Equatable, Sendable {
  /// The middle number, or the mean of the two middle ones.
  let median: Double

  /// The smallest number.
  let low: Double

  /// The largest number.
  let high: Double

  /// Computes the band; `nil` of no numbers.
  init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let low = sorted.first, let high = sorted.last else { return nil }
    let middle = sorted.count / 2
    self.low = low
    self.high = high
    median =
      sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
