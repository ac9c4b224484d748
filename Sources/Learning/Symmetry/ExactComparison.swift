// The check that no accident of hashing can pass: each unit's weights against those of the first of its
// class, value by value.

import LinearAlgebra
import Parallelism

/// Compares what units see of a neighboring level.
struct ExactComparison: Sendable {
  /// The units that are compared.
  let level: UnitClasses

  /// The units at the other ends of the weights.
  let neighbors: UnitClasses

  /// Which outputs of a weight have the same weights from each class of inputs as the first of their class.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func rowsAgree<Scalar: MatrixScalar>(in weight: Matrix<Scalar>, _ team: ThreadTeam) -> [Bool] {
    team.concatenate(weight.rows) { rows in
      let (all, n) = (weight.elements.span, weight.columns)
      return rows.map { i in
        guard let first = level.representative(of: i), first != i else { return true }
        var difference = Difference<Scalar>()
        var j = 0
        while j < n {
          let (mine, theirs) = (all[i &* n &+ j], all[first &* n &+ j])
          if mine != theirs, let neighbor = neighbors.classOfUnit[j] {
            difference.add(neighbor, mine, theirs)
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
  func columnsAgree<Scalar: MatrixScalar>(in weight: Matrix<Scalar>, _ team: ThreadTeam) -> [Bool] {
    team.concatenate(weight.columns) { columns in
      let (all, n) = (weight.elements.span, weight.columns)
      let firsts = columns.map { level.representative(of: $0) ?? $0 }
      var differences = [Difference<Scalar>](repeating: Difference(), count: columns.count)
      for k in 0..<weight.rows {
        guard let neighbor = neighbors.classOfUnit[k] else { continue }
        var j = 0
        while j < columns.count {
          let mine = all[k &* n &+ columns.lowerBound &+ j]
          let theirs = all[k &* n &+ firsts[j]]
          if mine != theirs { differences[j].add(neighbor, mine, theirs) }
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
    let neighbor: Int
    let weight: Scalar

    static func < (one: Entry, other: Entry) -> Bool {
      (one.neighbor, one.weight) < (other.neighbor, other.weight)
    }
  }

  private var mine: [Entry] = []
  private var theirs: [Entry] = []

  /// Adds a weight to each side; zeros, of which a class has as many as are left, are skipped.
  mutating func add(_ neighbor: Int, _ one: Scalar, _ other: Scalar) {
    if one != 0 { mine.append(Entry(neighbor: neighbor, weight: one)) }
    if other != 0 { theirs.append(Entry(neighbor: neighbor, weight: other)) }
  }

  /// Whether the multisets are the same.
  var isNone: Bool { mine.count == theirs.count && mine.sorted() == theirs.sorted() }
}
