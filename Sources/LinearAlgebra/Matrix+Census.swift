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

  /// Σ 4^⌊log₂|x|⌋ over the elements that are finite and not zero: of each the power of two below it, squared.
  ///
  /// In a type with f bits of fraction neighbouring numbers are 2^(⌊log₂|x|⌋ − f) apart.
  public var squaredBinades = 0.0
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
    return (0..<blocks).reduce(into: ElementCensus()) { census, index in
      census.zeros += Int(parts[index, 0])
      census.notNumbers += Int(parts[index, 1])
      census.infinities += Int(parts[index, 2])
      census.squaredBinades += parts[index, 3]
    }
  }

  private static func census(of elements: Span<Double>) -> ElementCensus {
    let exponent: UInt64 = 0x7ff0_0000_0000_0000
    var (zeros, special, notNumbers, squares) = (0, 0, 0, SIMD4<Double>(repeating: 0))
    var index = 0
    while index < elements.count {
      let bits = elements[index].bitPattern & ~(1 << 63)
      let binade = bits & exponent
      zeros &+= bits == 0 ? 1 : 0
      special &+= binade == exponent ? 1 : 0
      notNumbers &+= bits > exponent ? 1 : 0
      let power = Double(bitPattern: binade == exponent ? 0 : binade)
      squares[index & 3] += power * power
      index &+= 1
    }
    return ElementCensus(
      zeros: zeros, notNumbers: notNumbers, infinities: special - notNumbers,
      squaredBinades: squares.sum())
  }
}
