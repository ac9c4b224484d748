// How a matrix is written by several threads at once: each gets some of its rows. The blocks depend on
// the number of rows alone, never on the number of threads, so the bits of every product are the same
// on any number of cores.

public import Parallelism
import Synchronization

/// Consecutive rows of a matrix, lent for writing while their owner waits.
///
/// It can be neither copied nor kept, so its rows are written by one thread and only in that time.
@safe public struct RowBlock<Scalar: MatrixScalar>: ~Copyable {
  /// Which rows of the matrix.
  public let rows: Range<Int>

  /// The number of rows of the whole matrix, m.
  public let rowCount: Int

  /// The number of columns, n.
  public let columns: Int

  /// The first element of the first row.
  let base: UnsafeMutablePointer<Scalar>

  /// The number of elements.
  var count: Int { rows.count * columns }
}

extension Matrix {
  /// The most rows a block has: with fewer a product packs its right side too often to be fast.
  private static var largestBlock: Int { 512 }

  /// The fewest rows that are worth handing to another thread.
  private static var smallestBlock: Int { 64 }

  /// The number of blocks that a matrix of some rows is cut into: at least two where it is worth it.
  ///
  /// - Parameter rows: m.
  /// - Returns: ⌈m/512⌉, and not less than 2 from 128 rows on.
  public static func blockCount(rows: Int) -> Int {
    Swift.max((rows + largestBlock - 1) / largestBlock, rows >= 2 * smallestBlock ? 2 : 1)
  }

  /// Lends all rows, block after block, to be written by a team.
  ///
  /// - Parameters:
  ///   - team: Who may take a block.
  ///   - write: Writes a block; called once for each, in any order and several at a time.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func writeRows(
    _ team: ThreadTeam = .alone, _ write: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    let count = Self.blockCount(rows: rows)
    withBlocks(count) { blocks in team.share(count, order: .fromBothEnds) { write(blocks($0)) } }
  }

  /// Lends all rows, block after block, each together with a part of a second matrix.
  ///
  /// - Parameters:
  ///   - parts: A multiple of `blockCount(rows:)` rows: part after part, of equally many rows.
  ///   - team: Who may take a block.
  ///   - write: Writes a block of this matrix and the part of the same number.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func writeRows(
    with parts: inout Matrix, _ team: ThreadTeam = .alone,
    _ write: @Sendable (borrowing RowBlock<Scalar>, _ part: borrowing RowBlock<Scalar>) -> Void
  ) {
    let count = Self.blockCount(rows: rows)
    precondition(
      parts.rows.isMultiple(of: count), "\(parts.rows) rows for \(count) parts of the same size")
    withBlocks(count) { blocks in
      parts.withBlocks(count) { parts in
        team.share(count, order: .fromBothEnds) { write(blocks($0), parts($0)) }
      }
    }
  }

  /// Makes a matrix that a team writes, without clearing its memory first.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - isOneBlock: Whether all rows are lent as one block, for what comes in one stream.
  ///   - team: Who may take a block.
  ///   - write: Writes every element of a block, or throws: then there is no matrix, and memory that nothing was
  ///     written to is never touched.
  /// - Throws: What one of the blocks threw.
  public init<Failure>(
    rows: Int, columns: Int, isOneBlock: Bool, team: ThreadTeam,
    write: @Sendable (borrowing RowBlock<Scalar>) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) × \(columns)")
    let size = rows * columns
    let failure = Mutex<Failure?>(nil)
    let elements = unsafe ContiguousArray<Scalar>(unsafeUninitializedCapacity: size) {
      buffer, initialized in
      unsafe Memory.adviseLargePages(buffer.baseAddress, length: size * MemoryLayout<Scalar>.stride)
      let count = isOneBlock ? 1 : Self.blockCount(rows: rows)
      unsafe Self.withBlocks(count, rows, columns, buffer.baseAddress) { blocks in
        team.share(count, order: .fromBothEnds) { index in
          do throws(Failure) {
            try write(blocks(index))
          } catch {
            failure.withLock { $0 = error }
          }
        }
      }
      if failure.withLock({ $0 == nil }) { initialized = size }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// Cuts the rows into blocks, no two of which overlap.
  private mutating func withBlocks(
    _ count: Int, _ body: (_ block: @Sendable (Int) -> RowBlock<Scalar>) -> Void
  ) {
    let (rows, columns) = (rows, columns)
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      unsafe Self.withBlocks(count, rows, columns, buffer.baseAddress, body)
    }
  }

  private static func withBlocks(
    _ count: Int, _ rows: Int, _ columns: Int, _ base: UnsafeMutablePointer<Scalar>?,
    _ body: (_ block: @Sendable (Int) -> RowBlock<Scalar>) -> Void
  ) {
    guard let base = unsafe base else { return }
    nonisolated(unsafe) let first = unsafe base
    body { index in
      let block = rows * index / count..<rows * (index + 1) / count
      return unsafe RowBlock(
        rows: block, rowCount: rows, columns: columns, base: first + block.lowerBound * columns)
    }
  }
}
