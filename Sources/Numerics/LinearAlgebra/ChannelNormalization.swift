// Normalization of each channel over pixels and samples, as batch normalization needs it. Images are matrices of features × samples, and
// a feature is (pixel, channel): row r belongs to channel r mod C.

public import ZerOParallelism
import ZerORequirements

/// Sums over the pixels and samples of each channel.
///
/// A row is summed in vector registers, and the rows of a channel in double precision, in an order that depends on the size alone.
private struct ChannelSums {
  /// Two sums per channel.
  private(set) var first, second: ContiguousArray<Double>

  /// The number of rows of a piece: some pixels.
  private static func piece(rows: Int, channels: Int) -> Int {
    let pixels = rows / channels
    return channels * max(1, (pixels + 31) / 32)
  }

  @inline(__always)
  init<Scalar: MatrixScalar>(
    rows: Int, columns: Int, channels: Int, _ team: ThreadTeam,
    row: @Sendable (_ row: Int, _ sums: inout (SIMD16<Scalar>, SIMD16<Scalar>)) -> (Scalar, Scalar)
  ) {
    let piece = Self.piece(rows: rows, channels: channels)
    let count = (rows + piece - 1) / piece
    var parts = Matrix<Double>(repeating: 0, rows: count, columns: 2 * channels)
    parts.writePieces(of: 1, team) { block in
      let start = block.rows.lowerBound * piece
      block.withMutableElements { sums in
        var channel = 0
        for index in start..<min(rows, start + piece) {
          var slots = (SIMD16<Scalar>(repeating: 0), SIMD16<Scalar>(repeating: 0))
          let rest = row(index, &slots)
          sums[2 * channel] += Double(slots.0.sum() + rest.0)
          sums[2 * channel + 1] += Double(slots.1.sum() + rest.1)
          channel = channel + 1 == channels ? 0 : channel + 1
        }
      }
    }
    let sums = parts.columnSums()
    first = ContiguousArray((0..<channels).map { sums[2 * $0] })
    second = ContiguousArray((0..<channels).map { sums[2 * $0 + 1] })
  }
}

/// The mean and variance of each channel, and the normalization by them.
public struct ChannelNormalization<Scalar: MatrixScalar>: Sendable {
  /// μ of each channel.
  public let means: ContiguousArray<Scalar>

  /// 1/√(σ² + ε) of each channel.
  public let scales: ContiguousArray<Scalar>

  /// The number of channels.
  private var channels: Int { means.count }

  /// Makes a normalization by known means and scales.
  ///
  /// - Parameters:
  ///   - means: μ.
  ///   - scales: 1/√(σ² + ε).
  public init(means: ContiguousArray<Scalar>, scales: ContiguousArray<Scalar>) {
    (self.means, self.scales) = (means, scales)
  }

  /// Makes a normalization by known means and variances.
  ///
  /// - Parameters:
  ///   - means: μ.
  ///   - variances: σ².
  ///   - epsilon: ε.
  public init(
    means: ContiguousArray<Scalar>, variances: ContiguousArray<Scalar>, epsilon: Double
  ) {
    self.means = means
    scales = ContiguousArray(variances.map { Scalar(1 / (Double($0) + epsilon).squareRoot()) })
  }

  /// Computes the mean and the biased variance of each channel.
  ///
  /// - Parameters:
  ///   - images: x, (pixels · channels) × samples.
  ///   - channels: C.
  ///   - team: The threads that share the pixels.
  /// - Returns: Means and variances.
  /// - Complexity: One pass over x.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func statistics(of images: Matrix<Scalar>, channels: Int, _ team: ThreadTeam)
    -> (means: ContiguousArray<Double>, variances: ContiguousArray<Double>)
  {
    require(
      images.rows.isMultiple(of: channels), "\(images.rows) features of \(channels) channels")
    let columns = images.columns
    // Deviations from one value of the channel, since the difference of large sums would lose digits.
    let pivots = ContiguousArray((0..<channels).map { images.elements[$0 * columns] })
    let sums = unsafe images.elements.withUnsafeBufferPointer { all in
      nonisolated(unsafe) let x = unsafe all
      return ChannelSums(rows: images.rows, columns: columns, channels: channels, team) {
        row, slots in
        let pivot = pivots[row % channels]
        let start = row &* columns
        var j = start
        while j &+ 16 <= start &+ columns {
          let value = unsafe vector(x, j) - pivot
          slots.0 += value
          slots.1 += value * value
          j &+= 16
        }
        var rest: (Scalar, Scalar) = (0, 0)
        while j < start &+ columns {
          let value = unsafe x[j] - pivot
          rest.0 += value
          rest.1 += value * value
          j &+= 1
        }
        return rest
      }
    }
    let count = Double(images.rows / channels * columns)
    var means = sums.first
    var variances = sums.second
    for channel in 0..<channels {
      let mean = sums.first[channel] / count
      // `max` would make 0 of a NaN.
      let variance = sums.second[channel] / count - mean * mean
      variances[channel] = variance < 0 ? 0 : variance
      means[channel] = Double(pivots[channel]) + mean
    }
    return (means, variances)
  }

  /// Computes y = γ·(x − μ)/√(σ² + ε) + β.
  ///
  /// - Parameters:
  ///   - images: x.
  ///   - gain: γ, one value per channel.
  ///   - shift: β, one value per channel.
  ///   - output: y, overwritten.
  ///   - team: The threads that share the rows.
  ///   - finish: Processes a block of rows of y.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func normalize(
    _ images: Matrix<Scalar>, gain: ContiguousArray<Scalar>, shift: ContiguousArray<Scalar>,
    into output: inout Matrix<Scalar>, _ team: ThreadTeam,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(
      output.rows == images.rows && output.columns == images.columns
        && images.rows.isMultiple(of: channels) && gain.count == channels
        && shift.count == channels,
      "a normalization of \(images.rows) × \(images.columns) by \(gain.count) gains")
    let factors = ContiguousArray(zip(gain, scales).map { $0 * $1 })
    let constants = ContiguousArray(
      (0..<channels).map { shift[$0] - means[$0] * factors[$0] })
    let (channels, columns) = (channels, images.columns)
    unsafe images.elements.withUnsafeBufferPointer { all in
      nonisolated(unsafe) let x = unsafe all
      output.writeRows(team) { block in
        var place = 0
        for row in block.rows {
          let (factor, constant) = (factors[row % channels], constants[row % channels])
          var j = row &* columns
          let end = j &+ columns
          while j < end {
            unsafe block.base[place] = factor * x[j] + constant
            place &+= 1
            j &+= 1
          }
        }
        finish(block)
      }
    }
  }

  /// The gradients of gain and shift, Σ ∂L/∂y·(x − μ)/√(σ² + ε) and Σ ∂L/∂y.
  ///
  /// - Parameters:
  ///   - images: x.
  ///   - gradient: ∂L/∂y.
  ///   - team: The threads that share the pixels.
  /// - Returns: One gradient of each per channel.
  /// - Complexity: One pass over x and ∂L/∂y.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradients(of images: Matrix<Scalar>, gradient: Matrix<Scalar>, _ team: ThreadTeam)
    -> (gain: ContiguousArray<Scalar>, shift: ContiguousArray<Scalar>)
  {
    require(
      gradient.rows == images.rows && gradient.columns == images.columns
        && images.rows.isMultiple(of: channels),
      "gradients of \(gradient.rows) × \(gradient.columns) at \(images.rows) × \(images.columns)")
    let (channels, columns, means) = (channels, images.columns, means)
    let sums = unsafe images.elements.withUnsafeBufferPointer { values in
      unsafe gradient.elements.withUnsafeBufferPointer { gradients in
        nonisolated(unsafe) let (x, g) = unsafe (values, gradients)
        return ChannelSums(rows: images.rows, columns: columns, channels: channels, team) {
          row, slots in
          let mean = means[row % channels]
          let start = row &* columns
          var j = start
          while j &+ 16 <= start &+ columns {
            let gradient = unsafe vector(g, j)
            slots.0 += gradient
            slots.1 += unsafe gradient * (vector(x, j) - mean)
            j &+= 16
          }
          var rest: (Scalar, Scalar) = (0, 0)
          while j < start &+ columns {
            let gradient = unsafe g[j]
            rest.0 += gradient
            rest.1 += unsafe gradient * (x[j] - mean)
            j &+= 1
          }
          return rest
        }
      }
    }
    return (
      ContiguousArray(zip(sums.second, scales).map { Scalar($0 * Double($1)) }),
      ContiguousArray(sums.first.map { Scalar($0) })
    )
  }

  /// Computes or adds ∂L/∂x of a normalization by the statistics of x itself.
  ///
  /// With N values per channel and r = 1/√(σ² + ε), it is γ·r·(g − Σg/N − (x − μ)·r·Σ(g·(x − μ)·r)/N), g = ∂L/∂y.
  ///
  /// - Parameters:
  ///   - images: x.
  ///   - gradient: ∂L/∂y.
  ///   - gain: γ.
  ///   - sums: The gradients of gain and shift.
  ///   - target: ∂L/∂x.
  ///   - adding: Whether the gradient is added to `target`.
  ///   - team: The threads that share the rows.
  ///   - finish: Processes a block of rows of ∂L/∂x.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack(
    _ images: Matrix<Scalar>, gradient: Matrix<Scalar>, gain: ContiguousArray<Scalar>,
    sums: (gain: ContiguousArray<Scalar>, shift: ContiguousArray<Scalar>),
    into target: inout Matrix<Scalar>, adding: Bool, _ team: ThreadTeam,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(
      gradient.rows == images.rows && gradient.columns == images.columns
        && target.rows == images.rows && target.columns == images.columns
        && images.rows.isMultiple(of: channels) && gain.count == channels,
      "the gradient of a normalization of \(images.rows) × \(images.columns)")
    let (channels, columns, means) = (channels, images.columns, means)
    let count = Scalar(images.rows / channels * columns)
    let factors = ContiguousArray(zip(gain, scales).map { $0 * $1 })
    let averages = ContiguousArray(sums.shift.map { $0 / count })
    let slopes = ContiguousArray(
      (0..<channels).map { -factors[$0] * scales[$0] * sums.gain[$0] / count })
    unsafe images.elements.withUnsafeBufferPointer { values in
      unsafe gradient.elements.withUnsafeBufferPointer { gradients in
        nonisolated(unsafe) let (x, g) = unsafe (values, gradients)
        target.writeRows(team) { block in
          var place = 0
          for row in block.rows {
            let channel = row % channels
            let (factor, average) = (factors[channel], averages[channel])
            let (slope, mean) = (slopes[channel], means[channel])
            var j = row &* columns
            let end = j &+ columns
            if adding {
              while j < end {
                unsafe block.base[place] += factor * (g[j] - average) + slope * (x[j] - mean)
                place &+= 1
                j &+= 1
              }
            } else {
              while j < end {
                unsafe block.base[place] = factor * (g[j] - average) + slope * (x[j] - mean)
                place &+= 1
                j &+= 1
              }
            }
          }
          finish(block)
        }
      }
    }
  }
}

extension Matrix {
  /// The sum of each channel over pixels and samples, where row r belongs to channel r mod C.
  ///
  /// - Parameters:
  ///   - channels: C, a divisor of the number of rows.
  ///   - team: The threads that share the pixels.
  /// - Returns: C sums.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func channelSums(channels: Int, _ team: ThreadTeam) -> ContiguousArray<Scalar> {
    let unit = ChannelNormalization<Scalar>(
      means: ContiguousArray(repeating: 0, count: channels),
      scales: ContiguousArray(repeating: 1, count: channels))
    return unit.gradients(of: self, gradient: self, team).shift
  }
}

/// 16 elements from a place on.
@inline(__always)
private func vector<Scalar: MatrixScalar>(_ all: UnsafeBufferPointer<Scalar>, _ place: Int)
  -> SIMD16<Scalar>
{
  unsafe UnsafeRawBufferPointer(all).loadUnaligned(
    fromByteOffset: place &* MemoryLayout<Scalar>.stride, as: SIMD16<Scalar>.self)
}
