// What a matrix of few different rows and columns comes down to. Identity-like initial weights make many
// hidden units copies of each other, and copies need no work of their own.

import Parallelism

extension Matrix<Double> {
  /// A smaller matrix with the same singular values, but for zeros.
  ///
  /// Rows and columns of zeros are left out, and of t equal rows one is kept, times √t: with P the
  /// matrix that copies the rows of B, A = P·B and AᵀA = Bᵀ·(PᵀP)·B, where PᵀP = diag(t). Columns
  /// likewise.
  ///
  /// - Parameter crew: Shares the search.
  /// - Returns: The distinct rows and columns in the order of their first appearance.
  /// - Complexity: O(m·n); a copy where anything is left out.
  func distinct(_ crew: Crew) -> Matrix {
    let rows = keepingDistinctRows(rowFingerprints(crew))
    let columns = rows.columnFingerprints(crew)
    // Most matrices have no equal columns, and so need not be turned round.
    guard Set(columns).count < columns.count || columns.contains(0) else { return rows }
    let turned = rows.transposed(crew)
    return turned.keepingDistinctRows(columns)
  }

  /// Numbers that equal rows share and others hardly ever; 0 for a row of zeros.
  ///
  /// Row i has Σ_j w_j·a[i, j], added up in the same order in every row.
  private func rowFingerprints(_ crew: Crew) -> [Double] {
    let weights = Self.weights(columns)
    var fingerprints = Matrix(repeating: 0, rows: rows, columns: 1)
    fingerprints.writeRows(crew) { block in
      block.withMutableElements { fingerprints in
        let (all, weights) = (elements.span, weights.span)
        let whole = columns & ~7
        for (index, i) in block.rows.enumerated() {
          let row = all.extracting(i &* columns..<(i &+ 1) &* columns)
          var lanes = SIMD8<Double>(repeating: 0)
          var j = 0
          while j < whole {
            for lane in 0..<8 { lanes[lane] += weights[j &+ lane] * row[j &+ lane] }
            j &+= 8
          }
          while j < columns {
            lanes[0] += weights[j] * row[j]
            j &+= 1
          }
          fingerprints[index] = lanes.sum()
        }
      }
    }
    return Array(fingerprints.elements)
  }

  /// The same for columns: Σ_i w_i·a[i, j], row after row.
  private func columnFingerprints(_ crew: Crew) -> [Double] {
    let weights = Self.weights(rows)
    // A column of the matrix is a row here, so that the crew can share them.
    var fingerprints = Matrix(repeating: 0, rows: columns, columns: 1)
    fingerprints.writeRows(crew) { block in
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

  /// The rows that differ, each times the square root of how often it is there.
  ///
  /// - Parameter fingerprints: Equal for equal rows; rows whose fingerprints agree are compared.
  /// - Returns: Some of the rows, scaled.
  private func keepingDistinctRows(_ fingerprints: [Double]) -> Matrix {
    var firsts: [Int] = []
    var multiplicities: [Double] = []
    var known: [Double: [Int]] = [:]
    for (i, fingerprint) in fingerprints.enumerated() {
      if fingerprint == 0, isRowZero(i) { continue }
      if let twin = known[fingerprint]?.first(where: { isRow(firsts[$0], equalTo: i) }) {
        multiplicities[twin] += 1
      } else {
        known[fingerprint, default: []].append(firsts.count)
        firsts.append(i)
        multiplicities.append(1)
      }
    }
    guard firsts.count < rows else { return self }
    var kept = ContiguousArray<Double>()
    kept.reserveCapacity(firsts.count * columns)
    for (i, multiplicity) in zip(firsts, multiplicities) {
      let scale = multiplicity.squareRoot()
      for element in elements[i * columns..<(i + 1) * columns] { kept.append(scale * element) }
    }
    return Matrix(rows: firsts.count, columns: columns, elements: kept)
  }

  private func isRowZero(_ i: Int) -> Bool {
    elements[i * columns..<(i + 1) * columns].allSatisfy { $0 == 0 }
  }

  private func isRow(_ i: Int, equalTo other: Int) -> Bool {
    let all = elements.span
    for j in 0..<columns where all[i &* columns &+ j] != all[other &* columns &+ j] {
      return false
    }
    return true
  }
}
