// The three products of a convolution. Every sum has an order that follows from the sizes alone, so the bits do not depend on
// the number of threads.

public import ZerOParallelism
import ZerORequirements

/// The products of a convolution with batches of images, features × samples.
public struct Convolution<Scalar: MatrixScalar>: Sendable {
  /// The sizes.
  public let shape: ConvolutionShape

  private let library: ProductLibrary

  /// Makes the products.
  ///
  /// - Parameters:
  ///   - shape: The sizes.
  ///   - library: The library that computes them.
  public init(_ shape: ConvolutionShape, library: ProductLibrary = .current) {
    (self.shape, self.library) = (shape, library)
  }

  private func check(_ images: Matrix<Scalar>, _ features: Int) {
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
    let (shape, summed, computed) = (kernel.shape, kernel.summed, kernel.computed)
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
        nonisolated(unsafe) let (w, x) = unsafe (first, image)
        target.writePieces(of: piece * channels.computed, team) { block in
          let pixels =
            block.rows.lowerBound / channels.computed..<block.rows.upperBound / channels.computed
          var factors = SummedProduct<Scalar>.Factors(capacity: shape.kernel)
          for group in 0..<shape.groups {
            for part in 0..<computed.count {
              let place = group * computed.whole + computed.range(part).lowerBound
              for sum in 0..<summed.count {
                let adds = adding || sum > 0
                let channel = group * summed.whole + summed.range(sum).lowerBound
                for pixel in pixels {
                  let sums = unsafe block.base.advanced(
                    by: ((pixel - pixels.lowerBound) * channels.computed + place) * samples)
                  let runs = taps.starts[pixel]..<taps.starts[pixel + 1]
                  if runs.isEmpty, !adds {
                    unsafe sums.update(
                      repeating: 0, count: computed.range(part).count * samples)
                  }
                  // Every few outputs read all factors again. Those of one row of a kernel of 3 × 3 fit the L1 cache.
                  var index = runs.lowerBound
                  while index < runs.upperBound {
                    let (row, isFirst) = (taps.runs[index].row, index == runs.lowerBound)
                    factors.removeAll()
                    while index < runs.upperBound, taps.runs[index].row == row {
                      let run = taps.runs[index]
                      unsafe factors.append(
                        x + (run.source * channels.read + channel) * samples,
                        w
                          + kernel.start(
                            group: group, part: part, sum: sum, row: row, column: run.column))
                      index += 1
                    }
                    unsafe products[adds || !isFirst ? 1 : 0][taps.lengths[pixel]][
                      computed.kind(of: part)][summed.kind(of: sum)](factors, sums)
                  }
                }
              }
            }
          }
          finish(block)
        }
      }
    }
  }

  // MARK: Gradient of the kernel

  /// Computes ∂L/∂W[o, i, t] = Σ δ[o, p]·x[i, p + t] over the pixels p and samples.
  ///
  /// - Parameters:
  ///   - gradient: δ, ∂L/∂y.
  ///   - images: x.
  ///   - team: The threads that share rows of pixels and blocks of outputs.
  /// - Returns: As in PyTorch, outputs × (inputs · taps).
  /// - Complexity: 2·m·n·k² floating-point operations per pixel of y and sample.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func outerProduct(_ gradient: Matrix<Scalar>, _ images: Matrix<Scalar>, _ team: ThreadTeam)
    -> Matrix<Scalar>
  {
    let shape = shape
    check(images, shape.inputs * shape.height * shape.width)
    check(gradient, shape.outputs * shape.outputHeight * shape.outputWidth)
    require(
      images.columns == gradient.columns,
      "\(images.columns) samples and gradients of \(gradient.columns)")
    let samples = gradient.columns
    let (inputs, outputs) = (shape.groupInputs, shape.groupOutputs)
    let blocks = ChannelBlocks(outputs, atMost: 32)
    let taps = ConvolutionTaps(shape, isBackward: false, joins: shape.groups == 1)
    let longest = taps.lengths.max() ?? 1
    // Pixels with the same taps on the image are summed together. Four were the fastest for 64 and 128 samples.
    let mostPixels = 4
    // The sums are taps × inputs × outputs.
    let products = (0...longest).map { run in
      blocks.sizes.map { size in
        SummedProduct<Scalar>(
          m: size, n: max(1, run) * inputs, k: samples, strides: (size, samples, outputs),
          adds: true, library: library)
      }
    }
    // Each band of rows has a sum of its own, so that few channels occupy several threads.
    let bands = max(1, min(shape.outputHeight, 8 / (shape.groups * blocks.count)))
    let sums = unsafe ContiguousArray<Scalar>(
      unsafeUninitializedCapacity: bands * shape.weightCount
    ) { sums, initialized in
      defer { initialized = bands * shape.weightCount }
      unsafe images.elements.withUnsafeBufferPointer { images in
        unsafe gradient.elements.withUnsafeBufferPointer { gradient in
          guard let image = images.baseAddress, let delta = gradient.baseAddress,
            let sum = sums.baseAddress
          else {
            unsafe sums.initialize(repeating: 0)
            return
          }
          nonisolated(unsafe) let (x, d, g) = unsafe (image, delta, sum)
          team.share(bands * shape.groups * blocks.count, order: .fromBothEnds) { index in
            let (part, rest) = (index % blocks.count, index / blocks.count)
            let (group, band) = (rest % shape.groups, rest / shape.groups)
            let channels = blocks.range(part)
            let width = shape.outputWidth
            let start = band * shape.weightCount + group * shape.taps * inputs * outputs
            for product in 0..<shape.taps * inputs {
              unsafe (g + start + product * outputs + channels.lowerBound).update(
                repeating: 0, count: channels.count)
            }
            var factors = SummedProduct<Scalar>.Factors(capacity: mostPixels)
            // A vector that crosses the end of a cache line takes twice as long to load.
            let size = width * samples * channels.count
            unsafe withUnsafeTemporaryAllocation(
              byteCount: MemoryLayout<Scalar>.stride * size, alignment: 64
            ) { buffer in
              let elements = unsafe buffer.bindMemory(to: Scalar.self)
              guard let transposed = elements.baseAddress else { return }
              for row in shape.outputHeight * band / bands..<shape.outputHeight * (band + 1) / bands
              {
                for column in 0..<width {
                  let channel = group * outputs + channels.lowerBound
                  unsafe transpose(
                    d + ((row * width + column) * shape.outputs + channel) * samples,
                    rows: channels.count, columns: samples,
                    into: transposed + column * samples * channels.count)
                }
                var column = 0
                while column < width {
                  let first = row * width + column
                  let runs = taps.starts[first]..<taps.starts[first + 1]
                  var end = column + 1
                  while end < min(width, column + mostPixels),
                    taps.hasSameTaps(first, row * width + end)
                  {
                    end += 1
                  }
                  for (offset, run) in taps.runs[runs].enumerated() {
                    factors.removeAll()
                    for pixel in column..<end {
                      let source = taps.runs[taps.starts[row * width + pixel] + offset].source
                      unsafe factors.append(
                        transposed + pixel * samples * channels.count,
                        x + (source * shape.inputs + group * inputs) * samples)
                    }
                    let tap = run.row * shape.kernel + run.column
                    unsafe products[taps.lengths[first]][blocks.kind(of: part)](
                      factors, g + start + tap * inputs * outputs + channels.lowerBound)
                  }
                  column = end
                }
              }
            }
          }
        }
      }
    }
    // As many outputs as share a cache line of the sums.
    let (line, columns) = (64 / MemoryLayout<Scalar>.stride, inputs * shape.taps)
    let weight = unsafe ContiguousArray<Scalar>(unsafeUninitializedCapacity: shape.weightCount) {
      target, initialized in
      defer { initialized = shape.weightCount }
      unsafe sums.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        nonisolated(unsafe) let (g, w) = unsafe (from, to)
        let pieces = (outputs + line - 1) / line
        team.share(shape.groups * pieces, order: .fromBothEnds) { index in
          let (group, channel) = (index / pieces, index % pieces * line)
          let count = min(line, outputs - channel)
          let rows = unsafe w + (group * outputs + channel) * columns
          for input in 0..<inputs {
            for tap in 0..<shape.taps {
              let sums = unsafe g.advanced(
                by: ((group * shape.taps + tap) * inputs + input) * outputs + channel)
              for output in 0..<count {
                var sum = unsafe sums[output]
                for band in 1..<bands { unsafe sum += sums[band &* shape.weightCount &+ output] }
                unsafe rows[output &* columns &+ input &* shape.taps &+ tap] = sum
              }
            }
          }
        }
      }
    }
    return Matrix(rows: shape.outputs, columns: columns, elements: weight)
  }
}
