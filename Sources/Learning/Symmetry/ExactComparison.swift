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

  /// Returns which outputs of a weight have the same weights from each class of inputs as the first
  /// output of their class.
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

  /// Returns which inputs of a weight have the same weights to each class of outputs as the first
  /// input of their class.
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

/// Two multisets of (class, weight), without the elements that agree at the same position.
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

  /// Adds one weight to each side.
  ///
  /// Zeros are skipped: the counts of the other weights determine theirs.
  mutating func add(_ neighbor: Int, _ one: Scalar, _ other: Scalar) {
    if one != 0 { mine.append(Entry(neighbor: neighbor, weight: one)) }
    if other != 0 { theirs.append(Entry(neighbor: neighbor, weight: other)) }
  }

  /// Whether the multisets are equal.
  var isNone: Bool { mine.count == theirs.count && mine.sorted() == theirs.sorted() }
}
