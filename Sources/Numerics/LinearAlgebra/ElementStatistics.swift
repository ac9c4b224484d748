// One pass over a matrix that counts special values and estimates its rounding to a storage type.

public import ZerOParallelism

/// Counts of special values among the elements of a matrix, and the norm of their ulps.
public struct ElementStatistics: Equatable, Sendable {
  /// The number of elements that are exactly zero.
  public var zeros = 0

  /// The number of NaNs.
  public var notNumbers = 0

  /// The number of infinite elements.
  public var infinities = 0

  /// The number of subnormal elements: not zero, and smaller in magnitude than the smallest normal number of their
  /// type.
  public var subnormals = 0

  /// The Euclidean norm of the finite elements' ulps, divided by ε: √(Σ 4^max(e, ⌊log₂|x|⌋)).
  ///
  /// Here e is the smallest exponent of the storage type. In a type with an f-bit mantissa, ε = 2^(−f), and the ulp
  /// of x, the distance to the next number, is 2^(max(e, ⌊log₂|x|⌋) − f). If any element is subnormal, a zero may
  /// be a number that was too small for the type, so it counts with exponent e. Otherwise zeros are exact and do
  /// not count. A norm that overflows becomes the largest finite number.
  fileprivate var ulpNormOverEpsilon = 0.0

  /// The square of `ulpNormOverEpsilon`.
  fileprivate var squaredUlps = 0.0

  /// The Euclidean norm of the finite elements' ulps, in a type of the given ε.
  ///
  /// - Parameter epsilon: ε, the ulp of 1.
  /// - Returns: ‖ulp‖₂; at most the largest finite number for ε ≤ 1.
  public func ulpNorm(epsilon: Double) -> Double { epsilon * ulpNormOverEpsilon }
}

extension Matrix {
  /// Counts special values and computes the norm of the elements' ulps.
  ///
  /// - Parameters:
  ///   - smallestExponent: The binary exponent of the smallest normal number of the elements' storage type, at least that of
  ///     `Scalar`.
  ///   - team: The threads that share the rows.
  /// - Returns: The statistics.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func statistics(
    smallestExponent: Int = Int(Scalar.leastNormalMagnitude.exponent), _ team: ThreadTeam = .alone
  ) -> ElementStatistics {
    let least = Swift.max(smallestExponent, Int(Scalar.leastNormalMagnitude.exponent))
    let smallest = Scalar(sign: .plus, exponent: Scalar.Exponent(least), significand: 1)
    let floor = Double(smallest)
    // One row of results per block, so the order of summation does not depend on the team.
    let blocks = Self.blockCount(rows: Swift.max(1, rows))
    var parts = Matrix<Double>(repeating: 0, rows: blocks, columns: 5)
    let (rows, columns) = (rows, columns)
    unsafe parts.elements.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = unsafe parts
      team.share(blocks, order: .fromBothEnds) { index in
        let band = rows * index / blocks * columns..<rows * (index + 1) / blocks * columns
        let part = Self.statistics(of: elements.span.extracting(band), smallest)
        unsafe parts[5 * index] = Double(part.zeros)
        unsafe parts[5 * index + 1] = Double(part.notNumbers)
        unsafe parts[5 * index + 2] = Double(part.infinities)
        unsafe parts[5 * index + 3] = Double(part.subnormals)
        unsafe parts[5 * index + 4] = part.squaredUlps
      }
    }
    var statistics = (0..<blocks).reduce(into: ElementStatistics()) { statistics, index in
      statistics.zeros += Int(parts[index, 0])
      statistics.notNumbers += Int(parts[index, 1])
      statistics.infinities += Int(parts[index, 2])
      statistics.subnormals += Int(parts[index, 3])
      statistics.squaredUlps += parts[index, 4]
    }
    // Removes the contribution of zeros; it is a multiple of a power of two, so the subtraction adds no rounding
    // error.
    if statistics.subnormals == 0 {
      statistics.squaredUlps -= Double(statistics.zeros) * floor * floor
    }
    statistics.ulpNormOverEpsilon = statistics.squaredUlps.squareRoot()
    if statistics.zeros < elements.count,
      !(0x1p-400...0x1p400).contains(statistics.ulpNormOverEpsilon)
    {
      statistics.ulpNormOverEpsilon = scaledUlpNorm(floor, ofZeros: statistics.subnormals > 0)
    }
    return statistics
  }

  /// The same norm with scaling, for elements whose squares overflow or underflow.
  private func scaledUlpNorm(_ floor: Double, ofZeros countsZeros: Bool) -> Double {
    let powers = elements.lazy.map(Double.init).filter { $0.isFinite && ($0 != 0 || countsZeros) }
      .map { Swift.max($0.magnitude.binade, floor) }
    guard let largest = powers.max() else { return 0 }
    let relative = powers.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
    return Swift.min(largest * relative, .greatestFiniteMagnitude)
  }

  private static func statistics(of elements: Span<Scalar>, _ floor: Scalar) -> ElementStatistics {
    // The significand's type has as many bits as the element; twice as many elements fit into a register in single
    // precision.
    typealias Bits = Scalar.RawSignificand
    let exponent = unsafe unsafeBitCast(Scalar.infinity, to: Bits.self)
    let magnitude = Bits.max >> 1
    let highest = Bits(Bits.bitWidth - 1)
    func atLeastFloor(_ size: Scalar) -> Double {
      let bits = unsafe unsafeBitCast(size, to: Bits.self)
      return Double(Swift.max(unsafe unsafeBitCast(bits & exponent, to: Scalar.self), floor))
    }
    var (others, below) = (SIMD8<Bits>(repeating: 0), SIMD8<Bits>(repeating: 0))
    var squares = SIMD8<Double>(repeating: 0)
    let floors = unsafe SIMD8(repeating: unsafeBitCast(floor, to: Bits.self))
    let whole = elements.count & ~7
    var index = 0
    while index < whole {
      let eight = SIMD8<Scalar>(
        elements[index], elements[index &+ 1], elements[index &+ 2], elements[index &+ 3],
        elements[index &+ 4], elements[index &+ 5], elements[index &+ 6], elements[index &+ 7])
      let bits = unsafe unsafeBitCast(eight, to: SIMD8<Bits>.self)
      // The maximum of power and floor: a negative difference has its highest bit set and becomes 0. A vector
      // comparison is much slower.
      let steps = (bits & exponent) &- floors
      let areBelow = steps &>> highest
      let powers = SIMD8<Double>(
        unsafe unsafeBitCast(floors &+ (steps & (areBelow &- 1)), to: SIMD8<Scalar>.self))
      squares += powers * powers
      below &+= areBelow
      // For every integer except 0, the integer or its negative has the highest bit set.
      let magnitudes = bits & magnitude
      others &+= (magnitudes | (0 &- magnitudes)) &>> highest
      index &+= 8
    }
    var statistics = ElementStatistics()
    statistics.zeros = whole - (0..<8).reduce(0) { $0 + Int(others[$1]) }
    statistics.subnormals = (0..<8).reduce(-statistics.zeros) { $0 + Int(below[$1]) }
    statistics.squaredUlps = squares.sum()
    while index < elements.count {
      let size = elements[index].magnitude
      statistics.zeros += size == 0 ? 1 : 0
      statistics.subnormals += size != 0 && size < floor ? 1 : 0
      let power = atLeastFloor(size)
      statistics.squaredUlps += power * power
      index &+= 1
    }
    guard statistics.squaredUlps == .infinity else { return statistics }
    // NaN and infinity have the exponent of an infinity; large squares overflow as well.
    statistics.squaredUlps = 0
    for index in 0..<elements.count {
      let size = elements[index].magnitude
      if size.isNaN {
        statistics.notNumbers += 1
      } else if size.isInfinite {
        statistics.infinities += 1
      } else {
        let power = atLeastFloor(size)
        statistics.squaredUlps += power * power
      }
    }
    return statistics
  }
}
