// What a matrix of few different rows and columns comes down to. Identity-like initial weights make many
// hidden units copies of each other, and copies need no work of their own.

package import LinearAlgebra
package import Parallelism

extension Matrix<Double> {
  /// A smaller matrix with the same singular values, but for zeros.
  ///
  /// Rows and columns of zeros are left out, and of t equal rows one is kept, times √t: with P the
  /// matrix that copies the rows of B, A = P·B and AᵀA = Bᵀ·(PᵀP)·B, where PᵀP = diag(t). Columns
  /// likewise.
  ///
  /// - Parameter team: Shares the search and the copy.
  /// - Returns: The distinct rows and columns in the order of their first appearance.
  /// - Complexity: O(m·n); a copy where anything is left out.
  package func deduplicated(_ team: ThreadTeam) -> Matrix {
    let (m, n) = (rows, columns)
    let rowClasses = Classes(
      rowFingerprints(team),
      isZero: { i in (0..<n).allSatisfy { self.elements[i * n + $0] == 0 } },
      areEqual: { i, k in
        (0..<n).allSatisfy { self.elements[i * n + $0] == self.elements[k * n + $0] }
      })
    let columnClasses = Classes(
      columnFingerprints(team),
      isZero: { j in (0..<m).allSatisfy { self.elements[$0 * n + j] == 0 } },
      areEqual: { j, k in
        (0..<m).allSatisfy { self.elements[$0 * n + j] == self.elements[$0 * n + k] }
      })
    guard rowClasses.count < m || columnClasses.count < n else { return self }
    var kept = Matrix(repeating: 0, rows: rowClasses.count, columns: columnClasses.count)
    kept.writeRows(team) { block in
      block.withMutableElements { target in
        let source = elements.span
        let (firsts, scales) = (columnClasses.firsts.span, columnClasses.scales.span)
        var position = 0
        for i in block.rows {
          let (row, scale) = (rowClasses.firsts[i] * n, rowClasses.scales[i])
          var j = 0
          while j < firsts.count {
            target[position] = source[row &+ firsts[j]] * (scale * scales[j])
            position &+= 1
            j &+= 1
          }
        }
      }
    }
    return kept
  }

  /// Numbers that equal rows share and others hardly ever; 0 for a row of zeros.
  ///
  /// Row i has Σ_j w_j·a[i, j], added up in the same order in every row.
  private func rowFingerprints(_ team: ThreadTeam) -> [Double] {
    let weights = Self.weights(columns)
    var fingerprints = Matrix(repeating: 0, rows: rows, columns: 1)
    fingerprints.writeRows(team) { block in
      block.withMutableElements { fingerprints in
        let (all, weights) = (elements.span, weights.span)
        let whole = columns & ~7
        for (index, i) in block.rows.enumerated() {
          let row = all.extracting(i &* columns..<(i &+ 1) &* columns)
          var slots = SIMD8<Double>(repeating: 0)
          var j = 0
          while j < whole {
            for slot in 0..<8 { slots[slot] += weights[j &+ slot] * row[j &+ slot] }
            j &+= 8
          }
          while j < columns {
            slots[0] += weights[j] * row[j]
            j &+= 1
          }
          fingerprints[index] = slots.sum()
        }
      }
    }
    return Array(fingerprints.elements)
  }

  /// The same for columns: Σ_i w_i·a[i, j], row after row.
  private func columnFingerprints(_ team: ThreadTeam) -> [Double] {
    let weights = Self.weights(rows)
    // A column of the matrix is a row here, so that the team can share them.
    var fingerprints = Matrix(repeating: 0, rows: columns, columns: 1)
    fingerprints.writeRows(team) { block in
      block.withMutableElements { fingerprints in
        let all = elements.span
        for i in 0..<rows {
          let part = all.extracting(
            i &* columns &+ block.rows.lowerBound..<i &* columns &+ block.rows.upperBound)
          let weight = weights[i]
          var j = 0
          while j < part.count {
            fingerprints[j] += weight * part[j]
            j &+= 1
          }
        }
      }
    }
    return Array(fingerprints.elements)
  }

  /// Numbers between 1 and 2 without a pattern: multiples of the golden ratio, their fractions.
  private static func weights(_ count: Int) -> [Double] {
    let ratio = 0.618_033_988_749_894_9
    return (0..<count).map { 1 + (Double($0) * ratio).truncatingRemainder(dividingBy: 1) }
  }
}

/// Which of some rows, or columns, are the same.
private struct Classes {
  /// The first member of each class, in order; rows of zeros have no class.
  private(set) var firsts: [Int] = []

  /// The square root of the number of members.
  private(set) var scales: [Double] = []

  /// The number of classes.
  var count: Int { firsts.count }

  /// Sorts rows into classes.
  ///
  /// - Parameters:
  ///   - fingerprints: Equal for equal rows; rows whose fingerprints agree are compared.
  ///   - isZero: Whether a row consists of zeros; asked where the fingerprint is 0.
  ///   - areEqual: Whether two rows are the same.
  init(_ fingerprints: [Double], isZero: (Int) -> Bool, areEqual: (Int, Int) -> Bool) {
    var members: [Double] = []
    var known: [Double: [Int]] = [:]
    for (i, fingerprint) in fingerprints.enumerated() {
      if fingerprint == 0, isZero(i) { continue }
      if let twin = known[fingerprint]?.first(where: { areEqual(firsts[$0], i) }) {
        members[twin] += 1
      } else {
        known[fingerprint, default: []].append(count)
        firsts.append(i)
        members.append(1)
      }
    }
    scales = members.map { $0.squareRoot() }
  }
}
