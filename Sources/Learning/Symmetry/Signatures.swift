// Hashes of the weights between a unit and a neighboring level. Units with equal multisets of
// (class, weight) have equal hashes; others almost never do. Different hashes prove a difference;
// equal ones are checked exactly afterwards.

import Synchronization
import ZerOLinearAlgebra
import ZerOParallelism

/// Hash sums over the weights between a unit and a neighboring level.
///
/// The signature of unit i is Σ h(class of j, W[i, j]) over the live units j with a nonzero weight; W[i, j] of a convolution is the
/// vector of the kernel's taps.
/// A sum does not depend on the order of the units.
struct Signatures: Sendable {
  /// The bits of a sum that are kept.
  ///
  /// Only tests of collisions keep fewer than all.
  let mask: UInt64

  /// A pseudorandom number per unit of the neighboring level, equal within a class; 0 for a dead
  /// unit.
  private let keys: ContiguousArray<UInt64>

  /// Prepares the numbers of a neighboring level.
  init(over level: UnitClasses, mask: UInt64) {
    self.mask = mask
    keys = ContiguousArray(
      level.classOfUnit.map { $0.map { Self.mixed(UInt64($0) &+ 1) | 1 } ?? 0 })
  }

  /// Returns the signatures of the outputs of a weight, computed from its inputs.
  ///
  /// - Parameters:
  ///   - weight: outputs × (inputs · taps).
  ///   - taps: The number of numbers per pair of units.
  ///   - team: The threads that share the work.
  /// - Returns: One signature per row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func ofRows<Scalar: MatrixScalar>(_ weight: Matrix<Scalar>, taps: Int, _ team: ThreadTeam)
    -> [UInt64]
  {
    team.concatenate(weight.rows) { rows in
      let (all, keys, n) = (weight.elements.span, keys.span, weight.columns / taps)
      return rows.map { i in
        var sum: UInt64 = 0
        var j = 0
        while j < n {
          sum &+= Self.term(keys[j], all, at: (i &* n &+ j) &* taps, taps)
          j &+= 1
        }
        return sum & mask
      }
    }
  }

  /// Returns the signatures of the inputs of a weight, computed from its outputs.
  ///
  /// - Parameters:
  ///   - weight: outputs × (inputs · taps).
  ///   - taps: The number of numbers per pair of units.
  ///   - team: The threads that share the work.
  /// - Returns: One signature per input.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func ofColumns<Scalar: MatrixScalar>(_ weight: Matrix<Scalar>, taps: Int, _ team: ThreadTeam)
    -> [UInt64]
  {
    team.concatenate(weight.columns / taps) { columns in
      let (all, n) = (weight.elements.span, weight.columns / taps)
      var sums = [UInt64](repeating: 0, count: columns.count)
      for k in 0..<weight.rows {
        let (key, start) = (keys[k], k &* n &+ columns.lowerBound)
        var j = 0
        while j < columns.count {
          sums[j] &+= Self.term(key, all, at: (start &+ j) &* taps, taps)
          j &+= 1
        }
      }
      return sums.map { $0 & mask }
    }
  }

  /// h; 0 if all weights of a pair of units are 0, of either sign, and for a dead unit.
  @inline(__always)
  private static func term<Scalar: MatrixScalar>(
    _ key: UInt64, _ weights: Span<Scalar>, at start: Int, _ taps: Int
  ) -> UInt64 {
    guard key != 0 else { return 0 }
    var (term, isZero) = (key, true)
    var tap = 0
    while tap < taps {
      // The conversion to double precision is exact for both types.
      let weight = Double(weights[start &+ tap])
      if weight != 0 { isZero = false }
      term = mixed(term ^ (weight == 0 ? 0 : weight.bitPattern))
      tap &+= 1
    }
    return isZero ? 0 : term
  }

  /// Mixes the bits of a number: the last step of SplitMix64.
  ///
  /// Reference: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number
  /// generators", OOPSLA (2014).
  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }
}

extension ThreadTeam {
  /// Computes an array with one element per unit, in several parts.
  ///
  /// - Parameters:
  ///   - count: The number of units.
  ///   - part: Computes the elements of a range of units.
  /// - Returns: All elements, in order.
  func concatenate<Element: Sendable>(
    _ count: Int, _ part: @Sendable (Range<Int>) -> [Element]
  ) -> [Element] {
    // Enough parts for any number of cores, but long enough that neighboring columns share cache
    // lines.
    let parts = Swift.max(1, Swift.min(64, count / 64))
    let found = Mutex([[Element]](repeating: [], count: parts))
    share(parts) { index in
      let elements = part(count * index / parts..<count * (index + 1) / parts)
      found.withLock { $0[index] = elements }
    }
    return found.withLock { Array($0.joined()) }
  }
}
