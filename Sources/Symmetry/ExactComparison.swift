// The check that no accident of hashing can pass: each unit's weights against those of the first of its
// class, value by value.

import LinearAlgebra
import Parallelism

/// Compares what units see of a neighbouring level.
struct ExactComparison: Sendable {
  /// The units that are compared.
  let level: UnitClasses

  /// The units at the other ends of the weights.
  let neighbours: UnitClasses

  /// Which outputs of a weight have the same weights from each class of inputs as the first of their class.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func rowsAgree<Scalar: MatrixScalar>(in weight: Matrix<Scalar>, _ crew: Crew) -> [Bool] {
    crew.concatenate(weight.rows) { rows in
      let (all, n) = (weight.elements.span, weight.columns)
      return rows.map { i in
        guard let first = level.representative(of: i), first != i else { return true }
        var difference = Difference<Scalar>()
        var j = 0
        while j < n {
          let (mine, theirs) = (all[i &* n &+ j], all[first &* n &+ j])
          if mine != theirs, let neighbour = neighbours.classOfUnit[j] {
            difference.add(neighbour, mine, theirs)
          }
          j &+= 1
        }
        return difference.isNone
      }
    }
  }

  /// Which inputs of a weight have the same weights to each class of outputs as the first of their class.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func columnsAgree<Scalar: MatrixScalar>(in weight: Matrix<Scalar>, _ crew: Crew) -> [Bool] {
    crew.concatenate(weight.columns) { columns in
      let (all, n) = (weight.elements.span, weight.columns)
      let firsts = columns.map { level.representative(of: $0) ?? $0 }
      var differences = [Difference<Scalar>](repeating: Difference(), count: columns.count)
      for k in 0..<weight.rows {
        guard let neighbour = neighbours.classOfUnit[k] else { continue }
        var j = 0
        while j < columns.count {
          let mine = all[k &* n &+ columns.lowerBound &+ j]
          let theirs = all[k &* n &+ firsts[j]]
          if mine != theirs { differences[j].add(neighbour, mine, theirs) }
          j &+= 1
        }
      }
      return differences.map(\.isNone)
    }
  }
}

/// Two multisets of (class, weight), without what they have in common at the same place.
private struct Difference<Scalar: MatrixScalar> {
  private struct Entry: Equatable, Comparable {
    let neighbour: Int
    let weight: Scalar

    static func < (one: Entry, other: Entry) -> Bool {
      (one.neighbour, one.weight) < (other.neighbour, other.weight)
    }
  }

  private var mine: [Entry] = []
  private var theirs: [Entry] = []

  /// Adds a weight to each side; zeros, of which a class has as many as are left, are skipped.
  mutating func add(_ neighbour: Int, _ one: Scalar, _ other: Scalar) {
    if one != 0 { mine.append(Entry(neighbour: neighbour, weight: one)) }
    if other != 0 { theirs.append(Entry(neighbour: neighbour, weight: other)) }
  }

  /// Whether the multisets are the same.
  var isNone: Bool { mine.count == theirs.count && mine.sorted() == theirs.sorted() }
}
