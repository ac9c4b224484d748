// The places of a matrix's elements in tiles.

import ZerOParallelism

/// The division of a matrix into tiles; see `TiledMatrix`.
struct Tiling: Equatable, Sendable {
  /// The number of rows, m.
  let rows: Int

  /// The number of columns, n.
  let columns: Int

  /// The columns of every panel but the last: n divided by the nearest number of panels of 64.
  let panelWidth: Int

  /// The rows of every tile but the last of a panel: a multiple of the length of every vector register.
  static let tileRows = 64

  /// Divides a matrix of at least one element.
  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    let count = max(1, (columns + 32) / 64)
    panelWidth = (columns + count - 1) / count
  }

  /// The number of panels.
  var panels: Int { (columns + panelWidth - 1) / panelWidth }

  /// The number of tiles of a panel.
  var tiles: Int { (rows + Self.tileRows - 1) / Self.tileRows }

  /// The number of blocks of rows that threads share: that of a `Matrix`, but the blocks are of whole tiles.
  var blockCount: Int { Matrix<Float>.blockCount(rows: rows) }

  /// The tiles of a block.
  func tiles(ofBlock index: Int) -> Range<Int> {
    tiles * index / blockCount..<tiles * (index + 1) / blockCount
  }

  /// The rows of some tiles.
  func rows(of tiles: Range<Int>) -> Range<Int> {
    Self.tileRows * tiles.lowerBound..<min(rows, Self.tileRows * tiles.upperBound)
  }

  /// The number of rows of a tile.
  func height(ofTile tile: Int) -> Int { min(Self.tileRows, rows - tile * Self.tileRows) }

  /// The number of columns of a panel.
  func width(ofPanel panel: Int) -> Int { min(panelWidth, columns - panel * panelWidth) }

  /// Visits every tile, in parallel.
  ///
  /// - Parameters:
  ///   - team: The threads that share the blocks.
  ///   - body: Receives the sizes of a tile, the place of its first element, and that element's place in a matrix in rows.
  func forEachTile(
    _ team: ThreadTeam,
    _ body: @Sendable (_ height: Int, _ width: Int, _ start: Int, _ startInRows: Int) -> Void
  ) {
    team.share(blockCount, order: .fromBothEnds) { block in
      for panel in 0..<panels {
        for tile in tiles(ofBlock: block) {
          body(
            height(ofTile: tile), width(ofPanel: panel), start(ofTile: tile, panel: panel),
            tile * Self.tileRows * columns + panel * panelWidth)
        }
      }
    }
  }

  /// Provides temporary memory for each product of a tile.
  @inline(__always) @unsafe func withPart<Scalar>(
    of scalar: Scalar.Type, samples: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let count = max(
      Self.tileRows * panelWidth, Self.tileRows * samples, panelWidth * samples)
    unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: count) {
      if let first = $0.baseAddress { unsafe body(first) }
    }
  }

  /// The place of a tile's first element.
  func start(ofTile tile: Int, panel: Int) -> Int {
    panel * panelWidth * rows + tile * Self.tileRows * width(ofPanel: panel)
  }
}
