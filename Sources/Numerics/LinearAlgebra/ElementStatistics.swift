// What is counted element by element before anything is computed.

public import Parallelism

/// Counts over the elements of a matrix.
public struct ElementStatistics: Equatable, Sendable {
  /// Elements that are exactly zero.
  public var zeros = 0

  /// Elements that are not a number.
  public var notNumbers = 0

  /// Elements that are infinite.
  public var infinities = 0

  /// Elements that are subnormal numbers of their type: not zero, and below its smallest normal number.
  public var subnormals = 0

  /// √(Σ 4^max(e, ⌊log₂|x|⌋)) over the finite elements, with the type's smallest exponent e: of each the power of
  /// two below it, and their Euclidean norm.
  ///
  /// In a type with f bits of fraction neighboring numbers are 2^(max(e, ⌊log₂|x|⌋) − f) apart. A zero counts,
  /// with e, where other elements are subnormal, since it may then be a number that was too small for the type;
  /// where none is, zeros are exact. A norm beyond the largest number is that number.
  fileprivate var ulpNormOverEpsilon = 0.0

  /// The same, squared.
  fileprivate var squaredUlps = 0.0

  /// The Euclidean norm of the finite elements' ulps, in a type of the given ε.
  ///
  /// - Parameter epsilon: ε, the ulp of 1.
  /// - Returns: ‖ulp‖₂; at most the largest finite number for ε ≤ 1.
  public func ulpNorm(epsilon: Double) -> Double { epsilon * ulpNormOverEpsilon }
}

extension Matrix<Double> {
  /// Counts the elements by kind.
  ///
  /// - Parameters:
  ///   - smallestExponent: The binary exponent of the smallest normal number of the type that the elements have been
  ///     stored in.
  ///   - team: Shares the rows.
  /// - Returns: The counts.
  /// - Complexity: O(m·n).
  public func statistics(
    smallestExponent: Int = Int(Double.leastNormalMagnitude.exponent), _ team: ThreadTeam = .alone
  ) -> ElementStatistics {
    let floor = Double(sign: .plus, exponent: smallestExponent, significand: 1)
    // A row a block: what is added up doesn't depend on the team.
    let blocks = Self.blockCount(rows: Swift.max(1, rows))
    var parts = Matrix(repeating: 0, rows: blocks, columns: 5)
    let (rows, columns) = (rows, columns)
    unsafe parts.elements.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = unsafe parts
      team.share(blocks, order: .fromBothEnds) { index in
        let band = rows * index / blocks * columns..<rows * (index + 1) / blocks * columns
        let part = Self.statistics(of: elements.span.extracting(band), floor)
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
    // What was added for zeros, a power of two each time, is taken off again without an error of its own.
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

  /// The norm of the elements' powers of two where squares are too large or too small to be added up.
  private func scaledUlpNorm(_ floor: Double, ofZeros countsZeros: Bool) -> Double {
    let powers = elements.lazy.filter { $0.isFinite && ($0 != 0 || countsZeros) }
      .map { Swift.max($0.magnitude.binade, floor) }
    guard let largest = powers.max() else { return 0 }
    let relative = powers.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
    return Swift.min(largest * relative, .greatestFiniteMagnitude)
  }

  private static func statistics(of elements: Span<Double>, _ floor: Double) -> ElementStatistics {
    let exponent: UInt64 = 0x7ff0_0000_0000_0000
    let magnitude: UInt64 = 0x7fff_ffff_ffff_ffff
    var (others, below) = (SIMD8<UInt64>(repeating: 0), SIMD8<UInt64>(repeating: 0))
    var squares = SIMD8<Double>(repeating: 0)
    let floors = SIMD8(repeating: floor.bitPattern)
    let whole = elements.count & ~7
    var index = 0
    while index < whole {
      let eight = SIMD8<Double>(
        elements[index], elements[index &+ 1], elements[index &+ 2], elements[index &+ 3],
        elements[index &+ 4], elements[index &+ 5], elements[index &+ 6], elements[index &+ 7])
      let bits = unsafe unsafeBitCast(eight, to: SIMD8<UInt64>.self)
      // The larger of power and floor: a difference below 0 has the highest bit, and is then cut to 0. A comparison
      // of vectors is far slower.
      let steps = (bits & exponent) &- floors
      let areBelow = steps &>> 63
      let powers = unsafe unsafeBitCast(
        floors &+ (steps & (areBelow &- 1)), to: SIMD8<Double>.self)
      squares += powers * powers
      below &+= areBelow
      // A number or its negative has the highest bit, but for zero.
      let magnitudes = bits & magnitude
      others &+= (magnitudes | (0 &- magnitudes)) &>> 63
      index &+= 8
    }
    var statistics = ElementStatistics()
    statistics.zeros = whole - Int(others.wrappedSum())
    statistics.subnormals = Int(below.wrappedSum()) - statistics.zeros
    statistics.squaredUlps = squares.sum()
    while index < elements.count {
      let bits = elements[index].bitPattern & magnitude
      let power = Swift.max(Double(bitPattern: bits & exponent), floor)
      statistics.zeros += bits == 0 ? 1 : 0
      statistics.subnormals += bits != 0 && bits & exponent < floor.bitPattern ? 1 : 0
      statistics.squaredUlps += power * power
      index &+= 1
    }
    guard statistics.squaredUlps == .infinity else { return statistics }
    // The exponent of what is not finite is an infinity's; or the squares were too large.
    statistics.squaredUlps = 0
    for index in 0..<elements.count {
      let element = elements[index]
      if element.isNaN {
        statistics.notNumbers += 1
      } else if element.isInfinite {
        statistics.infinities += 1
      } else {
        let power = Swift.max(Double(bitPattern: element.bitPattern & exponent), floor)
        statistics.squaredUlps += power * power
      }
    }
    return statistics
  }
}
