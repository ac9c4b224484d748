// What is counted element by element before anything is computed.

public import Parallelism

/// Counts over the elements of a matrix.
public struct ElementCensus: Equatable, Sendable {
  /// Elements that are exactly zero.
  public var zeros = 0

  /// Elements that are not a number.
  public var notNumbers = 0

  /// Elements that are infinite.
  public var infinities = 0

  /// √(Σ 4^⌊log₂|x|⌋) over the elements that are finite and not zero: of each the power of two below it, and their
  /// Euclidean norm.
  ///
  /// In a type with f bits of fraction neighbouring numbers are 2^(⌊log₂|x|⌋ − f) apart.
  public var binadeNorm = 0.0

  /// The same, squared.
  fileprivate var squaredBinades = 0.0
}

extension Matrix<Double> {
  /// Counts the elements by kind.
  ///
  /// - Parameter crew: Shares the rows.
  /// - Returns: The counts.
  /// - Complexity: O(m·n).
  public func census(_ crew: Crew = .alone) -> ElementCensus {
    // A row a block: what is added up doesn't depend on the crew.
    let blocks = Self.blockCount(rows: Swift.max(1, rows))
    var parts = Matrix(repeating: 0, rows: blocks, columns: 4)
    let (rows, columns) = (rows, columns)
    unsafe parts.elements.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = unsafe parts
      crew.share(blocks, order: .fromBothEnds) { index in
        let band = rows * index / blocks * columns..<rows * (index + 1) / blocks * columns
        let part = Self.census(of: elements.span.extracting(band))
        unsafe parts[4 * index] = Double(part.zeros)
        unsafe parts[4 * index + 1] = Double(part.notNumbers)
        unsafe parts[4 * index + 2] = Double(part.infinities)
        unsafe parts[4 * index + 3] = part.squaredBinades
      }
    }
    var census = (0..<blocks).reduce(into: ElementCensus()) { census, index in
      census.zeros += Int(parts[index, 0])
      census.notNumbers += Int(parts[index, 1])
      census.infinities += Int(parts[index, 2])
      census.squaredBinades += parts[index, 3]
    }
    census.binadeNorm = census.squaredBinades.squareRoot()
    if census.zeros < elements.count, !(0x1p-400...0x1p400).contains(census.binadeNorm) {
      census.binadeNorm = scaledBinadeNorm
    }
    return census
  }

  /// The norm of the elements' powers of two where squares are too large or too small to be added up.
  private var scaledBinadeNorm: Double {
    let powers = elements.lazy.filter { $0.isFinite && $0 != 0 }.map(\.binade)
    guard let largest = powers.max() else { return 0 }
    return largest
      * powers.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  private static func census(of elements: Span<Double>) -> ElementCensus {
    let exponent: UInt64 = 0x7ff0_0000_0000_0000
    let magnitude: UInt64 = 0x7fff_ffff_ffff_ffff
    var (others, squares) = (SIMD8<UInt64>(repeating: 0), SIMD8<Double>(repeating: 0))
    let whole = elements.count & ~7
    var index = 0
    while index < whole {
      let eight = SIMD8<Double>(
        elements[index], elements[index &+ 1], elements[index &+ 2], elements[index &+ 3],
        elements[index &+ 4], elements[index &+ 5], elements[index &+ 6], elements[index &+ 7])
      let bits = unsafe unsafeBitCast(eight, to: SIMD8<UInt64>.self)
      let powers = unsafe unsafeBitCast(bits & exponent, to: SIMD8<Double>.self)
      squares += powers * powers
      // A number or its negative has the highest bit, but for zero; a comparison of vectors is far slower.
      let magnitudes = bits & magnitude
      others &+= (magnitudes | (0 &- magnitudes)) &>> 63
      index &+= 8
    }
    var census = ElementCensus()
    census.zeros = whole - Int(others.wrappedSum())
    census.squaredBinades = squares.sum()
    while index < elements.count {
      let bits = elements[index].bitPattern & magnitude
      let power = Double(bitPattern: bits & exponent)
      census.zeros += bits == 0 ? 1 : 0
      census.squaredBinades += power * power
      index &+= 1
    }
    guard census.squaredBinades == .infinity else { return census }
    // The exponent of what is not finite is an infinity's; or the squares were too large.
    census.squaredBinades = 0
    for index in 0..<elements.count {
      let element = elements[index]
      if element.isNaN {
        census.notNumbers += 1
      } else if element.isInfinite {
        census.infinities += 1
      } else {
        let power = Double(bitPattern: element.bitPattern & exponent)
        census.squaredBinades += power * power
      }
    }
    return census
  }
}
