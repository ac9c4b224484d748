// The products of a training step with a weight in tiles. Every kernel and the order of all sums follow from the sizes
// alone, so the bits do not depend on the number of threads. The product of each tile is a sum of its own that is added to
// the whole: a sum of about 64 terms, and then of one per tile, has less rounding error than one of all terms, and a weight is
// rounded once per update and not once per sample.

public import ZerOParallelism
import ZerORequirements

/// The machine code of a tiled weight's products with batches of one size.
public struct TiledProducts<Scalar: MatrixScalar>: Sendable {
  /// s, the number of samples.
  public let samples: Int

  private let tiling: Tiling

  /// The code for tiles of full height and full width, lower tiles, narrower tiles, and the lower one of these.
  private let codes: [Codes]

  /// The code for tiles of one size, h × w.
  private struct Codes: Sendable {
    /// W·x for a tile of W.
    let forward: TileKernel

    /// Wᵀ·δ.
    let backward: TileKernel

    /// δ·xᵀ.
    let update: TileKernel

    init?(height h: Int, width w: Int, samples s: Int) {
      // A matrix of features × samples in rows is one of samples × features in columns.
      guard
        let forward = TileKernel(
          m: s, n: h, k: w, strides: (s, h, s), transposesRight: true, Scalar.self),
        let backward = TileKernel(m: s, n: w, k: h, strides: (s, h, s), Scalar.self),
        let update = TileKernel(m: h, n: w, k: s, strides: (h, s, h), Scalar.self)
      else { return nil }
      (self.forward, self.backward, self.update) = (forward, backward, update)
    }
  }

  /// The largest number of samples, for which the features of a panel still fit into the second cache.
  public static var largestBatch: Int { 512 }

  /// Makes the code for a weight and a batch size.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 1.
  ///   - columns: n ≥ 1.
  ///   - samples: s ≥ 1.
  ///
  /// The result is `nil` if the batch is larger than `largestBatch`, without libxsmm, and for a processor without AVX2.
  public init?(rows: Int, columns: Int, samples: Int) {
    guard samples <= Self.largestBatch else { return nil }
    (self.samples, tiling) = (samples, Tiling(rows: rows, columns: columns))
    var codes: [Codes] = []
    for panel in [0, tiling.panels - 1] {
      for tile in [0, tiling.tiles - 1] {
        guard
          let code = Codes(
            height: tiling.height(ofTile: tile), width: tiling.width(ofPanel: panel),
            samples: samples)
        else { return nil }
        codes.append(code)
      }
    }
    self.codes = codes
  }

  private func codes(ofTile tile: Int, panel: Int) -> Codes {
    codes[(panel == tiling.panels - 1 ? 2 : 0) + (tile == tiling.tiles - 1 ? 1 : 0)]
  }

  /// Computes z ← W·x, and lets each thread process the rows of z that it has computed.
  ///
  /// - Parameters:
  ///   - weight: W, m × n.
  ///   - inputs: x, n × s.
  ///   - outputs: z, m × s, overwritten.
  ///   - team: The threads that share the rows.
  ///   - finish: Processes a block of rows of z.
  /// - Complexity: 2·m·n·s floating-point operations.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiply(
    _ weight: TiledMatrix<Scalar>, by inputs: Matrix<Scalar>, into outputs: inout Matrix<Scalar>,
    _ team: ThreadTeam, finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(
      weight.tiling == tiling && inputs.rows == tiling.columns && inputs.columns == samples
        && outputs.rows == tiling.rows && outputs.columns == samples,
      "the product of \(weight.rows) × \(weight.columns) and \(inputs.rows) × \(inputs.columns) in "
        + "\(outputs.rows) × \(outputs.columns)")
    BLAS.useOneThread()
    let (tiling, samples) = (tiling, samples)
    unsafe weight.elements.withUnsafeBufferPointer { weight in
      unsafe inputs.elements.withUnsafeBufferPointer { inputs in
        unsafe outputs.elements.withUnsafeMutableBufferPointer { outputs in
          guard let first = weight.baseAddress, let input = inputs.baseAddress,
            let output = outputs.baseAddress
          else { return }
          nonisolated(unsafe) let (w, x, z) = unsafe (first, input, output)
          team.share(tiling.blockCount, order: .fromBothEnds) { block in
            let tiles = tiling.tiles(ofBlock: block)
            unsafe tiling.withPart(of: Scalar.self, samples: samples) { part in
              for panel in 0..<tiling.panels {
                let features = unsafe x + panel * tiling.panelWidth * samples
                for tile in tiles {
                  let code = codes(ofTile: tile, panel: panel).forward
                  let elements = unsafe w + tiling.start(ofTile: tile, panel: panel)
                  let sum = unsafe z + tile * Tiling.tileRows * samples
                  guard panel > 0 else {
                    unsafe code(features, elements, sum)
                    continue
                  }
                  unsafe code(features, elements, part)
                  unsafe Scalar.add(
                    part, to: sum, count: tiling.height(ofTile: tile) * samples)
                }
              }
            }
            let rows = tiling.rows(of: tiles)
            unsafe finish(
              RowBlock(
                rows: rows, rowCount: tiling.rows, columns: samples,
                base: z + rows.lowerBound * samples))
          }
        }
      }
    }
  }

  /// Computes the gradient α·δ·xᵀ tile by tile for an update of W, and the sums α·Σδ of each row, and before that the summands of
  /// Wᵀ·δ̃.
  ///
  /// Each thread multiplies a tile by its part of δ̃ and then updates the tile, while it is in the first cache.
  ///
  /// - Parameters:
  ///   - weight: W, m × n, updated.
  ///   - states: The states of the optimizer, each in the order of the tiles, one after the other; empty for none.
  ///   - gradient: δ, m × s.
  ///   - factor: δ̃, m × s; it is δ unless rows stand for several units.
  ///   - inputs: x, n × s.
  ///   - alpha: α.
  ///   - scratch: m × s, overwritten.
  ///   - sums: m values, overwritten with α·Σδ.
  ///   - parts: The summands of Wᵀ·δ̃, one matrix of n × s per block of rows, one below the other, overwritten; without rows
  ///     if Wᵀ·δ̃ is not needed.
  ///   - team: The threads that share the rows.
  ///   - apply: Updates the elements of a tile by their gradients; `nil` to compute only the summands.
  /// - Complexity: 4·m·n·s floating-point operations, or 2·m·n·s without parts or without an update.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func update(
    _ weight: inout TiledMatrix<Scalar>, states: inout ContiguousArray<Scalar>,
    gradient: Matrix<Scalar>, factor: Matrix<Scalar>, inputs: Matrix<Scalar>,
    alpha: Scalar, scratch: inout Matrix<Scalar>, sums: inout ContiguousArray<Scalar>,
    parts: inout Matrix<Scalar>, _ team: ThreadTeam,
    apply: (@Sendable (ElementUpdate<Scalar>) -> Void)?
  ) {
    require(
      weight.tiling == tiling && inputs.rows == tiling.columns && inputs.columns == samples
        && gradient.rows == tiling.rows && gradient.columns == samples
        && factor.rows == tiling.rows && factor.columns == samples
        && scratch.elements.count == gradient.elements.count && sums.count == tiling.rows
        && (parts.rows == 0 || parts.rows == tiling.blockCount * tiling.columns)
        && parts.columns == samples && states.count.isMultiple(of: weight.elements.count),
      "an update of \(weight.rows) × \(weight.columns) by \(gradient.rows) × \(gradient.columns) and "
        + "\(inputs.rows) × \(inputs.columns)")
    BLAS.useOneThread()
    let stateStride = weight.elements.count
    let (tiling, samples, hasParts) = (tiling, samples, parts.rows > 0)
    unsafe weight.elements.withUnsafeMutableBufferPointer { weight in
      unsafe states.withUnsafeMutableBufferPointer { states in
        unsafe factor.elements.withUnsafeBufferPointer { factor in
          unsafe gradient.elements.withUnsafeBufferPointer { gradient in
            unsafe inputs.elements.withUnsafeBufferPointer { inputs in
              unsafe scratch.elements.withUnsafeMutableBufferPointer { scratch in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                  unsafe parts.elements.withUnsafeMutableBufferPointer { parts in
                    guard let first = weight.baseAddress, let delta = gradient.baseAddress,
                      let input = inputs.baseAddress, let copy = scratch.baseAddress,
                      let sum = sums.baseAddress, let left = factor.baseAddress
                    else { return }
                    nonisolated(unsafe) let (w, d, x, t, u) = unsafe (
                      first, delta, input, copy, sum
                    )
                    nonisolated(unsafe) let f = unsafe left
                    nonisolated(unsafe) let v = states.isEmpty ? nil : states.baseAddress
                    nonisolated(unsafe) let g = parts.baseAddress
                    @Sendable func transpose(_ tiles: Range<Int>) {
                      guard unsafe apply != nil else { return }
                      for tile in tiles {
                        let (place, height) = (
                          tile * Tiling.tileRows * samples, tiling.height(ofTile: tile)
                        )
                        unsafe Self.transpose(
                          d + place, rows: height, columns: samples, times: alpha, into: t + place,
                          sums: u + tile * Tiling.tileRows)
                      }
                    }
                    @Sendable func update(
                      _ tiles: Range<Int>, _ panel: Int, block: Int,
                      part: UnsafeMutablePointer<Scalar>
                    ) {
                      let features = unsafe x + panel * tiling.panelWidth * samples
                      let start = (block * tiling.columns + panel * tiling.panelWidth) * samples
                      for tile in tiles {
                        let codes = codes(ofTile: tile, panel: panel)
                        let place = tile * Tiling.tileRows * samples
                        let offset = tiling.start(ofTile: tile, panel: panel)
                        let elements = unsafe w + offset
                        if hasParts, let g = unsafe g {
                          if tile == tiles.lowerBound {
                            unsafe codes.backward(f + place, elements, g + start)
                          } else {
                            unsafe codes.backward(f + place, elements, part)
                            unsafe Scalar.add(
                              part, to: g + start, count: tiling.width(ofPanel: panel) * samples)
                          }
                        }
                        guard let apply = unsafe apply else { continue }
                        unsafe codes.update(t + place, features, part)
                        unsafe apply(
                          ElementUpdate(
                            parameters: elements, gradients: UnsafePointer(part),
                            states: v.map { unsafe $0 + offset }, stateStride: stateStride,
                            count: tiling.height(ofTile: tile) * tiling.width(ofPanel: panel)))
                      }
                    }
                    if tiling.blockCount == 1 {
                      // A low matrix, such as that of the logits, is shared by panels.
                      transpose(0..<tiling.tiles)
                      team.share(tiling.panels, order: .fromBothEnds) { panel in
                        unsafe tiling.withPart(of: Scalar.self, samples: samples) { part in
                          unsafe update(0..<tiling.tiles, panel, block: 0, part: part)
                        }
                      }
                      return
                    }
                    team.share(tiling.blockCount, order: .fromBothEnds) { block in
                      let tiles = tiling.tiles(ofBlock: block)
                      transpose(tiles)
                      unsafe tiling.withPart(of: Scalar.self, samples: samples) { part in
                        for panel in 0..<tiling.panels {
                          unsafe update(tiles, panel, block: block, part: part)
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Writes α·Aᵀ and the sums of its columns.
  ///
  /// - Parameters:
  ///   - a: A, in rows.
  ///   - rows: The rows of A.
  ///   - columns: The columns of A.
  ///   - alpha: α.
  ///   - target: α·Aᵀ, in rows.
  ///   - sums: One sum per row of A.
  @inline(__always)
  private static func transpose(
    _ a: UnsafePointer<Scalar>, rows: Int, columns: Int, times alpha: Scalar,
    into target: UnsafeMutablePointer<Scalar>, sums: UnsafeMutablePointer<Scalar>
  ) {
    unsafe ZerOLinearAlgebra.transpose(a, rows: rows, columns: columns, into: target) { alpha * $0 }
    unsafe sums.update(repeating: 0, count: rows)
    for column in 0..<columns {
      var i = 0
      while i < rows {
        unsafe sums[i] += target[column &* rows &+ i]
        i &+= 1
      }
    }
  }
}
