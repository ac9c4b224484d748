// What a unit sees of a neighboring level, in one number: equal for equal multisets of (class, weight),
// and hardly ever for others. What it parts is different; what it leaves together is looked at again,
// exactly.

import LinearAlgebra
import Parallelism
import Synchronization

/// Sums over the weights between a unit and a neighboring level.
///
/// The signature of unit i is Σ h(class of j, W[i, j]) over the live units j with a weight other than 0; a
/// sum, so that the order of the units can't matter.
struct Signatures: Sendable {
  /// The bits of a sum that are kept: all, but for tests of what happens when they don't suffice.
  let mask: UInt64

  /// A number without a pattern for each unit of the neighboring level, the same in a class; 0 for a dead
  /// one.
  private let keys: ContiguousArray<UInt64>

  /// Prepares sums.
  init(over level: UnitClasses, mask: UInt64) {
    self.mask = mask
    keys = ContiguousArray(
      level.classOfUnit.map { $0.map { Self.mixed(UInt64($0) &+ 1) | 1 } ?? 0 })
  }

  /// The signatures of the outputs of a weight, from its inputs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func ofRows<Scalar: MatrixScalar>(_ weight: Matrix<Scalar>, _ team: ThreadTeam) -> [UInt64] {
    team.concatenate(weight.rows) { rows in
      let (all, keys, n) = (weight.elements.span, keys.span, weight.columns)
      return rows.map { i in
        var sum: UInt64 = 0
        var j = 0
        while j < n {
          sum &+= Self.term(keys[j], all[i &* n &+ j])
          j &+= 1
        }
        return sum & mask
      }
    }
  }

  /// The signatures of the inputs of a weight, from its outputs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func ofColumns<Scalar: MatrixScalar>(_ weight: Matrix<Scalar>, _ team: ThreadTeam) -> [UInt64] {
    team.concatenate(weight.columns) { columns in
      let (all, n) = (weight.elements.span, weight.columns)
      var sums = [UInt64](repeating: 0, count: columns.count)
      for k in 0..<weight.rows {
        let (key, start) = (keys[k], k &* n &+ columns.lowerBound)
        var j = 0
        while j < columns.count {
          sums[j] &+= Self.term(key, all[start &+ j])
          j &+= 1
        }
      }
      return sums.map { $0 & mask }
    }
  }

  /// h; 0 for a weight of 0 of either sign, and for a dead unit.
  @inline(__always)
  private static func term<Scalar: MatrixScalar>(_ key: UInt64, _ weight: Scalar) -> UInt64 {
    // Exact for both precisions.
    weight == 0 || key == 0 ? 0 : mixed(key ^ Double(weight).bitPattern)
  }

  /// Scatters the bits of a number: the last step of SplitMix64.
  ///
  /// Reference: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators",
  /// OOPSLA (2014).
  @inline(__always)
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }
}

extension ThreadTeam {
  /// Makes an array of one element a unit, some units at a time.
  ///
  /// - Parameters:
  ///   - count: The number of units.
  ///   - part: The elements of some consecutive units.
  /// - Returns: All of them, in order.
  func concatenate<Element: Sendable>(
    _ count: Int, _ part: @Sendable (Range<Int>) -> [Element]
  ) -> [Element] {
    // Enough parts for any number of cores, long enough that a column's neighbors share lines of the cache.
    let parts = Swift.max(1, Swift.min(64, count / 64))
    let found = Mutex([[Element]](repeating: [], count: parts))
    share(parts) { index in
      let elements = part(count * index / parts..<count * (index + 1) / parts)
      found.withLock { $0[index] = elements }
    }
    return found.withLock { Array($0.joined()) }
  }
}
