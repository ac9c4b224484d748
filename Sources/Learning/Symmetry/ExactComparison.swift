// An exact check after hashing: it compares the weights of each unit with the weights of the first
// unit of its class.

import ZerOLinearAlgebra
import ZerOParallelism

/// Compares the weights between a level and a neighboring level.
struct ExactComparison: Sendable {
  /// The units that are compared.
  let level: UnitClasses

  /// The units at the other end of the weights.
  let neighbors: UnitClasses

  /// The number of numbers per pair of units: the taps of a kernel.
  let taps: Int

  /// Returns which outputs of a weight have the same weights from each class of inputs as the first
  /// output of their class.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func rowsAgree<Scalar: MatrixScalar>(in weight: Matrix<Scalar>, _ team: ThreadTeam) -> [Bool] {
    team.concatenate(weight.rows) { rows in
      let (all, n) = (weight.elements.span, weight.columns / taps)
      return rows.map { i in
        guard let first = level.representative(of: i), first != i else { return true }
        var difference = Difference(taps: taps)
        var j = 0
        while j < n {
          if let neighbor = neighbors.classOfUnit[j] {
            difference.add(neighbor, (i &* n &+ j) &* taps, (first &* n &+ j) &* taps, of: all)
          }
          j &+= 1
        }
        return difference.isNone(in: all)
      }
    }
  }

  /// Returns which inputs of a weight have the same weights to each class of outputs as the first
  /// input of their class.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func columnsAgree<Scalar: MatrixScalar>(in weight: Matrix<Scalar>, _ team: ThreadTeam) -> [Bool] {
    team.concatenate(weight.columns / taps) { columns in
      let (all, n) = (weight.elements.span, weight.columns / taps)
      let firsts = columns.map { level.representative(of: $0) ?? $0 }
      var differences = [Difference](repeating: Difference(taps: taps), count: columns.count)
      for k in 0..<weight.rows {
        guard let neighbor = neighbors.classOfUnit[k] else { continue }
        var j = 0
        while j < columns.count {
          differences[j].add(
            neighbor, (k &* n &+ columns.lowerBound &+ j) &* taps, (k &* n &+ firsts[j]) &* taps,
            of: all)
          j &+= 1
        }
      }
      return differences.map { $0.isNone(in: all) }
    }
  }
}

/// Two multisets of (class, weights), without the elements that agree at the same position.
private struct Difference {
  private struct Entry {
    let neighbor: Int

    /// The position of the first weight.
    let start: Int
  }

  /// The number of weights of an element.
  let taps: Int

  private var mine: [Entry] = []
  private var theirs: [Entry] = []

  init(taps: Int) { self.taps = taps }

  /// Adds the weights at one position to each side.
  ///
  /// Zeros are skipped: the counts of the other weights determine theirs.
  @inline(__always)
  mutating func add<Scalar: MatrixScalar>(
    _ neighbor: Int, _ one: Int, _ other: Int, of weights: Span<Scalar>
  ) {
    var (differs, isOneZero, isOtherZero) = (false, true, true)
    var tap = 0
    while tap < taps {
      let (a, b) = (weights[one &+ tap], weights[other &+ tap])
      if a != b { differs = true }
      if a != 0 { isOneZero = false }
      if b != 0 { isOtherZero = false }
      tap &+= 1
    }
    guard differs else { return }
    if !isOneZero { mine.append(Entry(neighbor: neighbor, start: one)) }
    if !isOtherZero { theirs.append(Entry(neighbor: neighbor, start: other)) }
  }

  /// Whether the multisets are equal.
  func isNone<Scalar: MatrixScalar>(in weights: Span<Scalar>) -> Bool {
    guard mine.count == theirs.count else { return false }
    let (mine, theirs) = (sorted(mine, by: weights), sorted(theirs, by: weights))
    return zip(mine, theirs).allSatisfy {
      !precedes($0, $1, in: weights) && !precedes($1, $0, in: weights)
    }
  }

  private func sorted<Scalar: MatrixScalar>(_ entries: [Entry], by weights: Span<Scalar>) -> [Entry]
  {
    var entries = entries
    entries.sort { precedes($0, $1, in: weights) }
    return entries
  }

  /// The lexicographic order of class and weights, in which both zeros are equal.
  private func precedes<Scalar: MatrixScalar>(
    _ one: Entry, _ other: Entry, in weights: Span<Scalar>
  ) -> Bool {
    if one.neighbor != other.neighbor { return one.neighbor < other.neighbor }
    for tap in 0..<taps {
      let (a, b) = (weights[one.start + tap], weights[other.start + tap])
      if a != b { return a < b }
    }
    return false
  }
}
