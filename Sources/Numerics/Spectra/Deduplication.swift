// Merges duplicate rows and columns of a matrix without changing its nonzero singular values. Initial weights that
// resemble an identity make many hidden units identical, so their weights have many duplicates.

package import ZerOLinearAlgebra
package import ZerOParallelism

extension Matrix<Double> {
  /// A matrix with the same nonzero singular values and without zero or duplicate rows and columns.
  ///
  /// Zero rows and columns are removed. Of t equal rows one is kept, multiplied by √t. Proof: if B has the distinct
  /// rows and the 0/1 matrix P duplicates them, then A = P·B and AᵀA = Bᵀ·(PᵀP)·B with PᵀP = diag(t). The same
  /// holds for columns.
  ///
  /// - Parameter team: The threads that share the search and the copying.
  /// - Returns: The distinct rows and columns in the order of their first appearance.
  /// - Complexity: O(m·n), and a copy if anything is removed.
  package func deduplicated(_ team: ThreadTeam) -> Matrix {
    let (m, n) = (rows, columns)
    let rowClasses = Classes(
      rowHashes(team),
      isZero: { i in (0..<n).allSatisfy { self.elements[i * n + $0] == 0 } },
      areEqual: { i, k in
        (0..<n).allSatisfy { self.elements[i * n + $0] == self.elements[k * n + $0] }
      })
    let columnClasses = Classes(
      columnHashes(team),
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

  /// One hash per row: equal rows have equal hashes, a zero row has 0, and collisions of other rows are rare.
  ///
  /// The hash of row i is Σ_j w_j·a[i, j], summed in the same order for every row.
  private func rowHashes(_ team: ThreadTeam) -> [Double] {
    let weights = Self.weights(columns)
    var hashes = Matrix(repeating: 0, rows: rows, columns: 1)
    hashes.writeRows(team) { block in
      block.withMutableElements { hashes in
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
          hashes[index] = slots.sum()
        }
      }
    }
    return Array(hashes.elements)
  }

  /// One hash per column: Σ_i w_i·a[i, j], summed row by row.
  private func columnHashes(_ team: ThreadTeam) -> [Double] {
    let weights = Self.weights(rows)
    // One row per column of this matrix, so the team can share them.
    var hashes = Matrix(repeating: 0, rows: columns, columns: 1)
    hashes.writeRows(team) { block in
      block.withMutableElements { hashes in
        let all = elements.span
        for i in 0..<rows {
          let part = all.extracting(
            i &* columns &+ block.rows.lowerBound..<i &* columns &+ block.rows.upperBound)
          let weight = weights[i]
          var j = 0
          while j < part.count {
            hashes[j] += weight * part[j]
            j &+= 1
          }
        }
      }
    }
    return Array(hashes.elements)
  }

  /// The weights of the hash: quasi-random numbers in [1, 2), from the fractional parts of multiples of the golden
  /// ratio.
  private static func weights(_ count: Int) -> [Double] {
    let ratio = 0.618_033_988_749_894_9
    return (0..<count).map { 1 + (Double($0) * ratio).truncatingRemainder(dividingBy: 1) }
  }
}

/// The classes of equal rows, or of equal columns.
private struct Classes {
  /// The first member of each class, in ascending order.
  ///
  /// Zero rows belong to no class.
  private(set) var firsts: [Int] = []

  /// The square root of the number of members of each class.
  private(set) var scales: [Double] = []

  /// The number of classes.
  var count: Int { firsts.count }

  /// Groups equal rows into classes.
  ///
  /// - Parameters:
  ///   - hashes: One hash per row, equal for equal rows. Rows with equal hashes are compared.
  ///   - isZero: Whether a row is zero; called only for rows with the hash 0.
  ///   - areEqual: Whether two rows are equal.
  init(_ hashes: [Double], isZero: (Int) -> Bool, areEqual: (Int, Int) -> Bool) {
    var members: [Double] = []
    var known: [Double: [Int]] = [:]
    for (i, hash) in hashes.enumerated() {
      if hash == 0, isZero(i) { continue }
      if let equal = known[hash]?.first(where: { areEqual(firsts[$0], i) }) {
        members[equal] += 1
      } else {
        known[hash, default: []].append(count)
        firsts.append(i)
        members.append(1)
      }
    }
    scales = members.map { $0.squareRoot() }
  }
}
