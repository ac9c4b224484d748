// Which taps of a kernel meet which pixels: known from the sizes alone.

/// For each pixel that is computed, the taps and the pixels that they read.
struct ConvolutionTaps: Sendable {
  /// Neighboring taps of one row of the kernel, which read neighboring pixels.
  struct Run: Sendable {
    /// The row of the kernel.
    let row: Int
    /// The column of the first tap.
    let column: Int
    /// The pixel that the first tap reads.
    let source: Int
  }

  /// The runs of all pixels.
  private(set) var runs: [Run] = []

  /// The first run of each pixel, and the number of all runs.
  private(set) var starts = [0]

  /// The number of taps of each of a pixel's runs.
  private(set) var lengths: [Int] = []

  /// The places along one axis: the taps that are on the image and what they read.
  private static func places(
    _ position: Int, _ shape: ConvolutionShape, size: Int, isBackward: Bool
  ) -> [(tap: Int, source: Int)] {
    (0..<shape.kernel).compactMap { tap in
      guard isBackward else {
        let source = position * shape.stride - shape.padding + tap
        return (0..<size).contains(source) ? (tap, source) : nil
      }
      // A mirrored kernel.
      let source = position + shape.padding - (shape.kernel - 1 - tap)
      guard source >= 0, source.isMultiple(of: shape.stride), source / shape.stride < size else {
        return nil
      }
      return (tap, source / shape.stride)
    }
  }

  /// Lists the taps of a convolution.
  ///
  /// - Parameters:
  ///   - shape: The sizes.
  ///   - isBackward: Whether pixels of the input are computed from those of the output.
  ///   - joins: Whether neighboring taps form one run.
  init(_ shape: ConvolutionShape, isBackward: Bool, joins: Bool) {
    let from = (shape.outputHeight, shape.outputWidth)
    let (computed, read) =
      isBackward
      ? ((shape.height, shape.width), from) : (from, (shape.height, shape.width))
    let columns = (0..<computed.1).map {
      Self.places($0, shape, size: read.1, isBackward: isBackward)
    }
    // The pixels of a run are neighbors, unless a stride is in between.
    let joins = joins && (!isBackward || shape.stride == 1)
    for row in 0..<computed.0 {
      let rows = Self.places(row, shape, size: read.0, isBackward: isBackward)
      for column in columns {
        for (tapRow, sourceRow) in rows {
          for (tapColumn, source) in column.prefix(joins ? 1 : column.count) {
            runs.append(
              Run(row: tapRow, column: tapColumn, source: sourceRow * read.1 + source))
          }
        }
        starts.append(runs.count)
        lengths.append(joins ? column.count : 1)
      }
    }
  }

  /// Whether two pixels are computed by the same taps.
  @inline(__always) func hasSameTaps(_ one: Int, _ other: Int) -> Bool {
    let (first, second) = (starts[one]..<starts[one + 1], starts[other]..<starts[other + 1])
    return lengths[one] == lengths[other] && first.count == second.count
      && zip(first, second).allSatisfy {
        runs[$0].row == runs[$1].row && runs[$0].column == runs[$1].column
      }
  }
}
