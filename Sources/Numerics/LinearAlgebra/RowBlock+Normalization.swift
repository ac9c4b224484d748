// Normalization of each column over the rows, as layer and group normalization need it: columns are samples, and rows are units, or the
// channels of pixels one after the other.

public import ZerOParallelism
import ZerORequirements

/// The statistics by which each column of a matrix is normalized, over all rows or over groups of channels.
public struct ColumnNormalization<Scalar: MatrixScalar>: Sendable {
  /// μ of each group and sample, or 0 for a normalization that does not center.
  let means: ContiguousArray<Scalar>

  /// 1/√(σ² + ε), where σ² is the mean of (x − μ)².
  let scales: ContiguousArray<Scalar>

  /// Whether μ is subtracted.
  let centers: Bool

  /// The channels and groups.
  let channels: ChannelGroups

  /// Computes the statistics, with sums in double precision.
  ///
  /// - Parameters:
  ///   - values: x, at least one row.
  ///   - channels: The group of each of C channels, where row r belongs to channel r mod C; C is the number of rows unless the samples
  ///     are images.
  ///   - centers: Whether μ is the mean, or 0.
  ///   - epsilon: ε.
  ///   - multiplicities: The weight of each channel in all means; `nil` for equal weights.
  ///   - team: The threads that share the columns.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    of values: Matrix<Scalar>, channels: ChannelGroups, centers: Bool, epsilon: Double,
    multiplicities: ContiguousArray<Double>?, _ team: ThreadTeam = .alone
  ) {
    require(
      values.rows.isMultiple(of: channels.channels),
      "\(values.rows) rows of \(channels.channels) channels")
    self.centers = centers
    self.channels = channels
    let samples = values.columns
    var means = ContiguousArray<Double>(repeating: 0, count: channels.groups * samples)
    if centers {
      means = values.columnMeans(channels, multiplicities, team, of: PlainElement())
    }
    let squares = unsafe means.withUnsafeBufferPointer { means in
      unsafe values.columnMeans(channels, multiplicities, team, of: SquaredDistance(means: means))
    }
    self.means = ContiguousArray(means.map { Scalar($0) })
    scales = ContiguousArray(squares.map { Scalar(1 / ($0 + epsilon).squareRoot()) })
  }

  /// Statistics that were computed before.
  ///
  /// - Parameters:
  ///   - kept: `numbers` of these statistics.
  ///   - channels: Their channels.
  ///   - centers: Whether μ is the mean.
  public init(kept: ContiguousArray<Scalar>, channels: ChannelGroups, centers: Bool) {
    means = ContiguousArray(kept[..<(kept.count / 2)])
    scales = ContiguousArray(kept[(kept.count / 2)...])
    (self.channels, self.centers) = (channels, centers)
  }

  /// μ of each group and sample, and then 1/√(σ² + ε).
  public var numbers: ContiguousArray<Scalar> { means + scales }

  /// The means over the rows of g and of g·x̂, where g = γ·∂L/∂y and x̂ = (x − μ)/√(σ² + ε); the first is 0 without centering.
  ///
  /// - Parameters:
  ///   - values: x.
  ///   - gradient: ∂L/∂y.
  ///   - gain: γ, one value per channel.
  ///   - multiplicities: The weight of each channel in all means; `nil` for equal weights.
  ///   - team: The threads that share the columns.
  /// - Returns: Two means per group and column.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradientMeans(
    of values: Matrix<Scalar>, gradient: Matrix<Scalar>, gain: ContiguousArray<Scalar>,
    multiplicities: ContiguousArray<Double>?, _ team: ThreadTeam = .alone
  ) -> (plain: ContiguousArray<Scalar>, normalized: ContiguousArray<Scalar>) {
    require(
      gradient.rows == values.rows && gradient.columns == values.columns
        && gain.count == channels.channels,
      "means of the gradient of a normalization of \(values.rows) × \(values.columns)")
    let gains = ContiguousArray(gain.map { Double($0) })
    let normalized = unsafe means.withUnsafeBufferPointer { means in
      unsafe scales.withUnsafeBufferPointer { scales in
        unsafe values.elements.withUnsafeBufferPointer { values in
          unsafe gradient.columnMeans(
            channels, multiplicities, factors: gains, team,
            of: NormalizedProduct(values: values, means: means, scales: scales))
        }
      }
    }
    var plain = ContiguousArray<Double>(repeating: 0, count: means.count)
    if centers {
      plain = gradient.columnMeans(
        channels, multiplicities, factors: gains, team, of: PlainElement())
    }
    return (
      ContiguousArray(plain.map { Scalar($0) }), ContiguousArray(normalized.map { Scalar($0) })
    )
  }

  /// Σ ∂L/∂y · x̂ over the columns and pixels, the gradient of each gain.
  ///
  /// - Parameters:
  ///   - values: x.
  ///   - gradient: ∂L/∂y.
  ///   - team: The threads that share the channels.
  /// - Returns: One sum per channel.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gainGradient(
    of values: Matrix<Scalar>, gradient: Matrix<Scalar>, _ team: ThreadTeam = .alone
  ) -> ContiguousArray<Scalar> {
    require(
      gradient.rows == values.rows && gradient.columns == values.columns,
      "the gradient of gains of \(values.rows) × \(values.columns)")
    let (rows, columns, count) = (values.rows, values.columns, channels.channels)
    let channels = channels
    var sums = Matrix<Scalar>(repeating: 0, rows: count, columns: 1)
    unsafe values.elements.withUnsafeBufferPointer { values in
      unsafe gradient.elements.withUnsafeBufferPointer { gradients in
        unsafe means.withUnsafeBufferPointer { means in
          unsafe scales.withUnsafeBufferPointer { scales in
            nonisolated(unsafe) let (x, g) = unsafe (values, gradients)
            nonisolated(unsafe) let (means, scales) = unsafe (means, scales)
            sums.writePieces(of: 4, team) { block in
              for (place, channel) in block.rows.enumerated() {
                for row in stride(from: channel, to: rows, by: count) {
                  let (start, position) = (channels.group(ofRow: row) &* columns, row &* columns)
                  var sum: Scalar = 0
                  var j = 0
                  while j < columns {
                    unsafe sum +=
                      g[position &+ j] * (x[position &+ j] - means[start &+ j])
                      * scales[start &+ j]
                    j &+= 1
                  }
                  unsafe block.base[place] += sum
                }
              }
            }
          }
        }
      }
    }
    return sums.elements
  }
}

/// The channels of a matrix in groups; row r belongs to channel r mod C.
public struct ChannelGroups: Hashable, Sendable {
  /// The group of each channel, counted from 0.
  public let groupOfChannel: [Int]

  /// The number of groups.
  public let groups: Int

  /// C.
  public var channels: Int { groupOfChannel.count }

  /// Divides channels into groups of neighbors of the same size.
  ///
  /// - Parameters:
  ///   - channels: C.
  ///   - groups: The number of groups, a divisor of C.
  public init(channels: Int, groups: Int) {
    require(
      groups > 0 && channels.isMultiple(of: groups), "\(channels) channels in \(groups) groups")
    self.init((0..<channels).map { $0 / (channels / groups) })
  }

  /// Divides channels into any groups.
  ///
  /// - Parameter groupOfChannel: The group of each channel, numbered from 0 without gaps.
  public init(_ groupOfChannel: [Int]) {
    self.groupOfChannel = groupOfChannel
    groups = (groupOfChannel.max() ?? -1) + 1
  }

  /// The group of a row.
  @inline(__always) func group(ofRow row: Int) -> Int {
    groups == 1 ? 0 : groupOfChannel[row % channels]
  }
}

/// A function of an element whose mean is computed: a type and no closure, so that loops over it become vector instructions.
private protocol ColumnTerm: Sendable {
  /// The value.
  ///
  /// - Parameters:
  ///   - element: The element times its factor.
  ///   - position: Its position in the matrix.
  ///   - place: The place of its mean, group · columns + column.
  /// - Returns: The value.
  func value(_ element: Double, _ position: Int, _ place: Int) -> Double
}

/// The element itself.
private struct PlainElement: ColumnTerm {
  @inline(__always) func value(_ element: Double, _ position: Int, _ place: Int) -> Double {
    element
  }
}

/// (x − μ)².
@safe private struct SquaredDistance: ColumnTerm {
  nonisolated(unsafe) let means: UnsafeBufferPointer<Double>

  @inline(__always) func value(_ element: Double, _ position: Int, _ place: Int) -> Double {
    let mean = unsafe means[place]
    return (element - mean) * (element - mean)
  }
}

/// g·x̂.
@safe private struct NormalizedProduct<Scalar: MatrixScalar>: ColumnTerm {
  nonisolated(unsafe) let values, means, scales: UnsafeBufferPointer<Scalar>

  @inline(__always) func value(_ element: Double, _ position: Int, _ place: Int) -> Double {
    unsafe element * Double((values[position] - means[place]) * scales[place])
  }
}

extension Matrix {
  /// The number of neighboring columns that one thread sums.
  private static var columnsPerPiece: Int { 32 }

  /// The weighted mean of a function of each element over the rows of each group and column.
  ///
  /// - Parameters:
  ///   - channels: The channels and their groups.
  ///   - multiplicities: The weight of each channel; `nil` for equal weights.
  ///   - factors: A factor of the elements of each channel; `nil` for none.
  ///   - team: The threads that share the columns.
  ///   - term: The function.
  /// - Returns: One mean per group and column.
  @inline(__always)
  fileprivate func columnMeans<Term: ColumnTerm>(
    _ channels: ChannelGroups, _ multiplicities: ContiguousArray<Double>?,
    factors: ContiguousArray<Double>? = nil, _ team: ThreadTeam, of term: Term
  ) -> ContiguousArray<Double> {
    var totals = [Double](repeating: 0, count: channels.groups)
    for row in 0..<rows {
      totals[channels.group(ofRow: row)] += multiplicities?[row % channels.channels] ?? 1
    }
    var sums = ContiguousArray<Double>(repeating: 0, count: channels.groups * columns)
    let (rows, columns, size, totalWeights) = (rows, columns, Self.columnsPerPiece, totals)
    unsafe elements.withUnsafeBufferPointer { elements in
      unsafe sums.withUnsafeMutableBufferPointer { target in
        // The pieces are disjoint.
        nonisolated(unsafe) let (all, sums) = unsafe (elements, target)
        team.share((columns + size - 1) / size, order: .fromBothEnds) { piece in
          let (first, end) = (piece * size, Swift.min(columns, (piece + 1) * size))
          for row in 0..<rows {
            let channel = row % channels.channels
            let (weight, factor) = (multiplicities?[channel] ?? 1, factors?[channel] ?? 1)
            let group = channels.group(ofRow: row) &* columns
            var column = first
            while column < end {
              let (position, place) = (row &* columns &+ column, group &+ column)
              unsafe sums[place] +=
                weight * term.value(factor * Double(all[position]), position, place)
              column &+= 1
            }
          }
          for group in 0..<channels.groups {
            for column in first..<end {
              unsafe sums[group &* columns &+ column] /= totalWeights[group]
            }
          }
        }
      }
    }
    return sums
  }
}

extension RowBlock {
  /// Computes y = γ·(x − μ)/√(σ² + ε) + β.
  ///
  /// - Parameters:
  ///   - values: x, with the shape of the whole matrix.
  ///   - statistics: μ and σ.
  ///   - gain: γ, one value per channel.
  ///   - shift: β; `nil` for none.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func normalize(
    _ values: Matrix<Scalar>, by statistics: ColumnNormalization<Scalar>,
    gain: ContiguousArray<Scalar>, shift: ContiguousArray<Scalar>?
  ) {
    require(
      values.rows == rowCount && values.columns == columns
        && gain.count == statistics.channels.channels
        && shift.map { $0.count == gain.count } ?? true,
      "a normalization of \(values.rows) × \(values.columns) by \(gain.count) gains")
    let (x, means, scales) = (
      values.elements.span, statistics.means.span, statistics.scales.span
    )
    var position = 0
    for row in rows {
      let channel = row % gain.count
      let (factor, constant, start) = (gain[channel], shift?[channel] ?? 0, row &* columns)
      let group = statistics.channels.group(ofRow: row) &* columns
      var sample = 0
      while sample < columns {
        let normalized = (x[start &+ sample] - means[group &+ sample]) * scales[group &+ sample]
        unsafe base[position] = factor * normalized + constant
        position &+= 1
        sample &+= 1
      }
    }
  }

  /// Computes ∂L/∂x of a normalization, r·(g − mean of g − x̂·mean of g·x̂) with g = γ·∂L/∂y and r = 1/√(σ² + ε).
  ///
  /// - Parameters:
  ///   - values: x, with the shape of the whole matrix.
  ///   - statistics: μ and σ.
  ///   - gradient: ∂L/∂y.
  ///   - gain: γ.
  ///   - means: The means of g and of g·x̂; see `ColumnNormalization.gradientMeans`.
  ///   - adding: Whether the gradient is added to the elements.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBackNormalization(
    of values: Matrix<Scalar>, by statistics: ColumnNormalization<Scalar>,
    gradient: Matrix<Scalar>, gain: ContiguousArray<Scalar>,
    means: (plain: ContiguousArray<Scalar>, normalized: ContiguousArray<Scalar>), adding: Bool
  ) {
    require(
      gradient.rows == rowCount && gradient.columns == columns && values.rows == rowCount
        && values.columns == columns && gain.count == statistics.channels.channels,
      "the gradient of a normalization of \(values.rows) × \(values.columns)")
    let (x, g) = (values.elements.span, gradient.elements.span)
    let (shifts, scales) = (statistics.means.span, statistics.scales.span)
    let (plain, product) = (means.plain.span, means.normalized.span)
    var position = 0
    for row in rows {
      let (factor, start) = (gain[row % gain.count], row &* columns)
      let group = statistics.channels.group(ofRow: row) &* columns
      for sample in 0..<columns {
        let place = group &+ sample
        let scale = scales[place]
        let normalized = (x[start &+ sample] - shifts[place]) * scale
        let change =
          scale * (factor * g[start &+ sample] - plain[place] - normalized * product[place])
        unsafe base[position] = adding ? base[position] + change : change
        position &+= 1
      }
    }
  }
}
