// The gradient of a convolution's kernel.

public import ZerOParallelism
import ZerORequirements

extension Convolution {
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
    let blocks = ChannelBlocks(shape.groupOutputs, atMost: 32)
    // Each band of rows has a sum of its own, so that few channels occupy several threads.
    let bands = max(1, min(shape.outputHeight, 8 / (shape.groups * blocks.count)))
    let (samples, library) = (gradient.columns, library)
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
          nonisolated(unsafe) let parts = unsafe KernelGradient(
            shape, blocks, samples: samples, library, images: image, gradients: delta)
          nonisolated(unsafe) let first = unsafe sum
          team.share(bands * shape.groups * blocks.count, order: .fromBothEnds) { index in
            let (part, rest) = (index % blocks.count, index / blocks.count)
            let (group, band) = (rest % shape.groups, rest / shape.groups)
            let rows = shape.outputHeight * band / bands..<shape.outputHeight * (band + 1) / bands
            unsafe parts.write(
              rows, group, part, to: first + band * shape.weightCount)
          }
        }
      }
    }
    return inOrder(sums, bands: bands, team)
  }

  /// Adds the bands' sums in order.
  ///
  /// - Parameters:
  ///   - sums: For each band, groups × taps × inputs × outputs.
  ///   - bands: Their number.
  ///   - team: The threads that share the outputs.
  /// - Returns: Outputs × (inputs · taps).
  @inline(__always) private func inOrder(
    _ sums: ContiguousArray<Scalar>, bands: Int, _ team: ThreadTeam
  ) -> Matrix<Scalar> {
    let (shape, inputs, outputs) = (shape, shape.groupInputs, shape.groupOutputs)
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

/// The gradient of a kernel over some rows of pixels.
@safe private struct KernelGradient<Scalar: MatrixScalar> {
  private let shape: ConvolutionShape
  private let blocks: ChannelBlocks
  private let samples: Int
  private let images, gradients: UnsafePointer<Scalar>
  private let taps: ConvolutionTaps

  /// The code for each number of taps of a run and size of a block.
  private let products: [[SummedProduct<Scalar>]]

  init(
    _ shape: ConvolutionShape, _ blocks: ChannelBlocks, samples: Int, _ library: ProductLibrary,
    images: UnsafePointer<Scalar>, gradients: UnsafePointer<Scalar>
  ) {
    (self.shape, self.blocks, self.samples) = (shape, blocks, samples)
    unsafe (self.images, self.gradients) = (images, gradients)
    taps = ConvolutionTaps(shape, isBackward: false, joins: shape.groups == 1)
    products = (0...(taps.lengths.max() ?? 1)).map { run in
      blocks.sizes.map { size in
        SummedProduct<Scalar>(
          m: size, n: max(1, run) * shape.groupInputs, k: samples,
          strides: (size, samples, shape.groupOutputs), adds: true, library: library)
      }
    }
  }

  /// The most pixels with the same taps that are summed together; four were the fastest for 64 and 128 samples.
  private static var mostPixels: Int { 4 }

  /// Sums over some rows of pixels.
  ///
  /// - Parameters:
  ///   - rows: The rows of the output.
  ///   - group: The group of channels.
  ///   - part: The block of the group's outputs.
  ///   - sums: Where to write: groups × taps × inputs × outputs.
  @inline(__always) func write(
    _ rows: Range<Int>, _ group: Int, _ part: Int, to sums: UnsafeMutablePointer<Scalar>
  ) {
    let (inputs, outputs) = (shape.groupInputs, shape.groupOutputs)
    let channels = blocks.range(part)
    let first = unsafe sums + group * shape.taps * inputs * outputs + channels.lowerBound
    for product in 0..<shape.taps * inputs {
      unsafe (first + product * outputs).update(repeating: 0, count: channels.count)
    }
    var factors = SummedProduct<Scalar>.Factors(capacity: Self.mostPixels)
    // A vector that crosses the end of a cache line takes twice as long to load.
    unsafe withUnsafeTemporaryAllocation(
      byteCount: MemoryLayout<Scalar>.stride * shape.outputWidth * samples * channels.count,
      alignment: 64
    ) { buffer in
      guard let transposed = unsafe buffer.bindMemory(to: Scalar.self).baseAddress else { return }
      for row in rows {
        unsafe transposeGradients(
          of: row, group * outputs + channels.lowerBound, channels.count, into: transposed)
        unsafe add(row, group, part, transposed, to: first, &factors)
      }
    }
  }

  /// Writes δ of a row of pixels as samples × outputs per pixel.
  @inline(__always) private func transposeGradients(
    of row: Int, _ channel: Int, _ count: Int, into transposed: UnsafeMutablePointer<Scalar>
  ) {
    for column in 0..<shape.outputWidth {
      let pixel = row * shape.outputWidth + column
      unsafe transpose(
        gradients + (pixel * shape.outputs + channel) * samples, rows: count, columns: samples,
        into: transposed + column * samples * count)
    }
  }

  /// Adds the products of a row of pixels.
  @inline(__always) private func add(
    _ row: Int, _ group: Int, _ part: Int, _ transposed: UnsafePointer<Scalar>,
    to sums: UnsafeMutablePointer<Scalar>, _ factors: inout SummedProduct<Scalar>.Factors
  ) {
    let (inputs, outputs, width) = (shape.groupInputs, shape.groupOutputs, shape.outputWidth)
    let (size, kind) = (blocks.range(part).count, blocks.kind(of: part))
    var column = 0
    while column < width {
      let first = row * width + column
      var end = column + 1
      while end < min(width, column + Self.mostPixels), taps.hasSameTaps(first, row * width + end) {
        end += 1
      }
      for (offset, run) in taps.runs[taps.starts[first]..<taps.starts[first + 1]].enumerated() {
        factors.removeAll()
        for pixel in column..<end {
          let source = taps.runs[taps.starts[row * width + pixel] + offset].source
          unsafe factors.append(
            transposed + pixel * samples * size,
            images + (source * shape.inputs + group * inputs) * samples)
        }
        let tap = run.row * shape.kernel + run.column
        unsafe products[taps.lengths[first]][kind](
          factors, sums + tap * inputs * outputs)
      }
      column = end
    }
  }
}
