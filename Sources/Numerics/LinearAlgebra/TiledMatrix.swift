// A weight in tiles, which products need not copy: its layout, and the conversion from and to rows.

public import ZerOParallelism
import ZerORequirements

/// A matrix stored in tiles, for products with the activations of a batch.
///
/// The columns are divided into panels of about 64, and each panel into tiles of 64 rows. A tile is contiguous and
/// column-major. The tiles of a panel follow each other from the first row on, and the panels from the first column on. The
/// last panel may be narrower, and the last tile of each panel lower. A product reads each tile from beginning to end, while
/// its other factors stay in the caches.
public struct TiledMatrix<Scalar: MatrixScalar>: Sendable {
  let tiling: Tiling

  /// The elements in the order of the tiles.
  public internal(set) var elements: ContiguousArray<Scalar>

  /// The number of rows, m.
  public var rows: Int { tiling.rows }

  /// The number of columns, n.
  public var columns: Int { tiling.columns }

  /// Converts a matrix.
  ///
  /// - Parameters:
  ///   - matrix: A matrix of at least one element.
  ///   - team: The threads that share the rows.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(_ matrix: Matrix<Scalar>, team: ThreadTeam = .alone) {
    require(!matrix.elements.isEmpty, "tiles of \(matrix.rows) × \(matrix.columns)")
    tiling = Tiling(rows: matrix.rows, columns: matrix.columns)
    elements = ContiguousArray(repeating: 0, count: matrix.elements.count)
    let (tiling, stride) = (tiling, matrix.columns)
    unsafe matrix.elements.withUnsafeBufferPointer { source in
      unsafe elements.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        nonisolated(unsafe) let (a, t) = unsafe (from, to)
        tiling.forEachTile(team) { height, width, start, startInRows in
          let (tile, corner) = unsafe (t + start, a + startInRows)
          for j in 0..<width {
            var i = 0
            while i < height {
              unsafe tile[j &* height &+ i] = corner[i &* stride &+ j]
              i &+= 1
            }
          }
        }
      }
    }
  }

  /// The matrix whose elements are in the order of tiles.
  ///
  /// - Parameters:
  ///   - rows: m.
  ///   - columns: n.
  ///   - tiles: m·n elements in the order of `elements`.
  ///   - team: The threads that share the rows.
  /// - Returns: A matrix of m × n.
  public static func matrix(
    rows: Int, columns: Int, tiles: ContiguousArray<Scalar>, team: ThreadTeam = .alone
  ) -> Matrix<Scalar> {
    require(tiles.count == rows * columns, "\(tiles.count) elements of \(rows) × \(columns)")
    return TiledMatrix(tiling: Tiling(rows: rows, columns: columns), elements: tiles)
      .matrix(team: team)
  }

  private init(tiling: Tiling, elements: ContiguousArray<Scalar>) {
    (self.tiling, self.elements) = (tiling, elements)
  }

  /// The same matrix in rows.
  ///
  /// - Parameter team: The threads that share the rows.
  /// - Returns: A matrix of m × n.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func matrix(team: ThreadTeam = .alone) -> Matrix<Scalar> {
    var matrix = Matrix<Scalar>(repeating: 0, rows: rows, columns: columns)
    let (tiling, stride) = (tiling, columns)
    unsafe elements.withUnsafeBufferPointer { source in
      unsafe matrix.elements.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        nonisolated(unsafe) let (t, a) = unsafe (from, to)
        tiling.forEachTile(team) { height, width, start, startInRows in
          let (tile, corner) = unsafe (t + start, a + startInRows)
          for j in 0..<width {
            var i = 0
            while i < height {
              unsafe corner[i &* stride &+ j] = tile[j &* height &+ i]
              i &+= 1
            }
          }
        }
      }
    }
    return matrix
  }
}
