// The forward and the backward product of a convolution; the gradient of the kernel has a file of its own. Every sum has an order
// that follows from the sizes alone, so the bits do not depend on the number of threads.

public import ZerOParallelism
import ZerORequirements

/// The products of a convolution with batches of images, features × samples.
public struct Convolution<Scalar: MatrixScalar>: Sendable {
  /// The sizes.
  public let shape: ConvolutionShape

  let library: ProductLibrary

  /// Makes the products.
  ///
  /// - Parameters:
  ///   - shape: The sizes.
  ///   - library: The library that computes them.
  public init(_ shape: ConvolutionShape, library: ProductLibrary = .current) {
    (self.shape, self.library) = (shape, library)
  }

  func check(_ images: Matrix<Scalar>, _ features: Int) {
    require(images.rows == features, "\(images.rows) features for images of \(features)")
  }

  // MARK: Forward, and backward to the input

  /// Computes y[o, p] = Σ W[o, i, t]·x[i, p + t] over the inputs i and taps t.
  ///
  /// - Parameters:
  ///   - kernel: W, ordered for the forward pass.
  ///   - images: x.
  ///   - output: y, overwritten.
  ///   - team: The threads that share the pixels.
  ///   - finish: Processes the rows of some pixels of y.
  /// - Complexity: 2·m·n·k² floating-point operations per pixel and sample.
  public func multiply(
    _ kernel: ConvolutionKernel<Scalar>, by images: Matrix<Scalar>,
    into output: inout Matrix<Scalar>, _ team: ThreadTeam,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    check(images, shape.inputs * shape.height * shape.width)
    check(output, shape.outputs * shape.outputHeight * shape.outputWidth)
    sum(
      kernel, images, into: &output, channels: (read: shape.inputs, computed: shape.outputs),
      isBackward: false, adding: false, team, finish)
  }

  /// Computes ∂L/∂x[i, q] = Σ W[o, i, t]·δ[o, p] over the outputs o, and over the taps t and pixels p that read q.
  ///
  /// - Parameters:
  ///   - kernel: W, ordered for the backward pass.
  ///   - gradient: δ, ∂L/∂y.
  ///   - target: ∂L/∂x.
  ///   - adding: Whether the sum is added to `target`.
  ///   - team: The threads that share the pixels.
  ///   - finish: Processes the rows of some pixels of ∂L/∂x.
  /// - Complexity: 2·m·n·k² floating-point operations per pixel of y and sample.
  public func multiplyTransposed(
    _ kernel: ConvolutionKernel<Scalar>, by gradient: Matrix<Scalar>,
    into target: inout Matrix<Scalar>, adding: Bool, _ team: ThreadTeam,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    check(gradient, shape.outputs * shape.outputHeight * shape.outputWidth)
    check(target, shape.inputs * shape.height * shape.width)
    sum(
      kernel, gradient, into: &target, channels: (read: shape.outputs, computed: shape.inputs),
      isBackward: true, adding: adding, team, finish)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func sum(
    _ kernel: ConvolutionKernel<Scalar>, _ source: Matrix<Scalar>,
    into target: inout Matrix<Scalar>, channels: (read: Int, computed: Int), isBackward: Bool,
    adding: Bool, _ team: ThreadTeam, _ finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(
      kernel.shape == shape && kernel.isBackward == isBackward && target.columns == source.columns,
      "another kernel, or \(source.columns) samples into \(target.columns)")
    let (summed, computed) = (kernel.summed, kernel.computed)
    let samples = source.columns
    // The channels of neighboring pixels are neighbors only if all of them are summed at once.
    let taps = ConvolutionTaps(
      shape, isBackward: isBackward, joins: shape.groups == 1 && summed.count == 1)
    let longest = taps.lengths.max() ?? 1
    // The code for each number of taps of a run, size of both kinds of blocks, and for sums that are added to others.
    let products = [false, true].map { adds in
      (0...longest).map { run in
        computed.sizes.map { columns in
          summed.sizes.map { rows in
            SummedProduct<Scalar>(
              m: samples, n: columns, k: max(1, run) * rows,
              strides: (samples, shape.kernel * rows, samples), adds: adds, library: library)
          }
        }
      }
    }
    // About 16 pieces, but not single pixels.
    let piece = max(2, (taps.lengths.count + 15) / 16)
    unsafe kernel.elements.withUnsafeBufferPointer { weight in
      unsafe source.elements.withUnsafeBufferPointer { source in
        guard let first = weight.baseAddress, let image = source.baseAddress else { return }
        nonisolated(unsafe) let sums = unsafe ChannelSums(
          kernel: kernel, weights: first, images: image, taps: taps, products: products,
          channelsRead: channels.read, samples: samples)
        target.writePieces(of: piece * channels.computed, team) { block in
          let pixels =
            block.rows.lowerBound / channels.computed..<block.rows.upperBound / channels.computed
          unsafe sums.write(
            pixels, to: block.base, channelCount: channels.computed, adding: adding)
          finish(block)
        }
      }
    }
  }
}

/// The sums over channels and taps for some pixels.
@safe private struct ChannelSums<Scalar: MatrixScalar> {
  let kernel: ConvolutionKernel<Scalar>
  let weights: UnsafePointer<Scalar>
  let images: UnsafePointer<Scalar>
  let taps: ConvolutionTaps
  let products: [[[[SummedProduct<Scalar>]]]]
  let channelsRead: Int
  let samples: Int

  /// Computes all channels of some pixels.
  ///
  /// - Parameters:
  ///   - pixels: The pixels.
  ///   - base: The first channel of the first pixel.
  ///   - channelCount: The number of channels of a pixel.
  ///   - adding: Whether the sums are added to what is there.
  @inline(__always) func write(
    _ pixels: Range<Int>, to base: UnsafeMutablePointer<Scalar>, channelCount: Int, adding: Bool
  ) {
    var factors = SummedProduct<Scalar>.Factors(capacity: kernel.shape.kernel)
    for group in 0..<kernel.shape.groups {
      for part in 0..<kernel.computed.count {
        let place = group * kernel.computed.whole + kernel.computed.range(part).lowerBound
        for sum in 0..<kernel.summed.count {
          for pixel in pixels {
            unsafe add(
              pixel, group, part, sum,
              to: base + ((pixel - pixels.lowerBound) * channelCount + place) * samples,
              adds: adding || sum > 0, &factors)
          }
        }
      }
    }
  }

  /// Adds the products of one block of the kernel for one pixel.
  @inline(__always) private func add(
    _ pixel: Int, _ group: Int, _ part: Int, _ sum: Int, to sums: UnsafeMutablePointer<Scalar>,
    adds: Bool, _ factors: inout SummedProduct<Scalar>.Factors
  ) {
    let (computed, summed) = (kernel.computed, kernel.summed)
    let channel = group * summed.whole + summed.range(sum).lowerBound
    let runs = taps.starts[pixel]..<taps.starts[pixel + 1]
    if runs.isEmpty, !adds {
      unsafe sums.update(repeating: 0, count: computed.range(part).count * samples)
    }
    // Every few outputs read all factors again. Those of one row of a kernel of 3 × 3 fit the L1 cache.
    var index = runs.lowerBound
    while index < runs.upperBound {
      let (row, isFirst) = (taps.runs[index].row, index == runs.lowerBound)
      factors.removeAll()
      while index < runs.upperBound, taps.runs[index].row == row {
        let run = taps.runs[index]
        unsafe factors.append(
          images + (run.source * channelsRead + channel) * samples,
          weights
            + kernel.start(group: group, part: part, sum: sum, row: row, column: run.column))
        index += 1
      }
      unsafe products[adds || !isFirst ? 1 : 0][taps.lengths[pixel]][computed.kind(of: part)][
        summed.kind(of: sum)](factors, sums)
    }
  }
}
