// The kernel of a convolution in the order in which its products read it.

public import ZerOParallelism
import ZerORequirements

/// The kernel of a convolution, in blocks of outputs and inputs.
///
/// A block contains the taps of some channels whose products are summed and some channels for which they are summed. One row
/// of the taps of a 3 × 3 kernel fits the L1 cache. The columns of kernels of 3 × 3 have no stride of a power of two, which would let them displace each other.
public struct ConvolutionKernel<Scalar: MatrixScalar>: Sendable {
  /// The sizes.
  let shape: ConvolutionShape

  /// Whether the kernel is ordered for the backward pass.
  let isBackward: Bool

  /// The channels of one group over which the products are summed.
  let summed: ChannelBlocks

  /// The channels of one group for which a sum is computed.
  let computed: ChannelBlocks

  /// For each group, block of computed channels and block of summed channels: tap rows × computed × tap columns × summed.
  let elements: ContiguousArray<Scalar>

  /// Orders a kernel for the forward pass, or for the backward pass to the input, which is a convolution by the mirrored kernel with
  /// inputs and outputs exchanged.
  ///
  /// - Parameters:
  ///   - weight: The kernel as in PyTorch, outputs × (inputs · taps).
  ///   - shape: The sizes.
  ///   - isBackward: Whether inputs and outputs are exchanged, and the kernel is mirrored.
  ///   - team: The threads that share the blocks.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ weight: Matrix<Scalar>, _ shape: ConvolutionShape, isBackward: Bool, _ team: ThreadTeam
  ) {
    require(
      weight.elements.count == shape.weightCount,
      "\(weight.rows) × \(weight.columns) for a kernel of \(shape.weightCount) elements")
    self.isBackward = isBackward
    let (inputs, outputs) = (shape.groupInputs, shape.groupOutputs)
    // About 144 products per block: 48 per row of the taps of a 3 × 3 kernel.
    let length = max(1, 144 / shape.taps)
    let summed = ChannelBlocks(isBackward ? outputs : inputs, atMost: length)
    let computed = ChannelBlocks(isBackward ? inputs : outputs, atMost: 64)
    (self.shape, self.summed, self.computed) = (shape, summed, computed)
    let (taps, size) = (shape.taps, shape.kernel)
    elements = unsafe ContiguousArray(unsafeUninitializedCapacity: shape.weightCount) {
      target, initialized in
      defer { initialized = shape.weightCount }
      unsafe weight.elements.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        nonisolated(unsafe) let (w, v) = unsafe (from, to)
        team.share(shape.groups * computed.count * summed.count) { index in
          let (sum, rest) = (index % summed.count, index / summed.count)
          let (part, group) = (rest % computed.count, rest / computed.count)
          let (columns, rows) = (computed.range(part), summed.range(sum))
          let block = unsafe v.advanced(
            by: Self.start(group, part, sum, summed: summed, computed: computed, taps: taps))
          let stride = isBackward ? inputs * taps : taps
          for column in columns {
            let first =
              isBackward ? rows.lowerBound * inputs + column : column * inputs + rows.lowerBound
            for tap in 0..<taps {
              // Mirrored for the backward pass.
              let at = isBackward ? taps - 1 - tap : tap
              let source = unsafe w + (group * outputs * inputs + first) * taps + tap
              let target = unsafe block.advanced(
                by: ((at / size * columns.count + column - columns.lowerBound) * size + at % size)
                  * rows.count)
              var row = 0
              while row < rows.count {
                unsafe target[row] = source[row &* stride]
                row &+= 1
              }
            }
          }
        }
      }
    }
  }

  private static func start(
    _ group: Int, _ part: Int, _ sum: Int, summed: ChannelBlocks, computed: ChannelBlocks, taps: Int
  ) -> Int {
    let (columns, rows) = (computed.range(part), summed.range(sum))
    return taps
      * ((group * computed.whole + columns.lowerBound) * summed.whole
        + columns.count * rows.lowerBound)
  }

  /// The place of a block's tap.
  @inline(__always) func start(group: Int, part: Int, sum: Int, row: Int, column: Int) -> Int {
    let (columns, rows) = (computed.range(part).count, summed.range(sum).count)
    return Self.start(group, part, sum, summed: summed, computed: computed, taps: shape.taps)
      + (row * columns * shape.kernel + column) * rows
  }
}

/// A number of channels, divided into blocks of equal size and a last, perhaps smaller one.
struct ChannelBlocks: Sendable {
  /// The number of channels.
  let whole: Int

  /// The size of all blocks but the last.
  private let size: Int

  init(_ whole: Int, atMost largest: Int) {
    self.whole = whole
    size = min(whole, largest)
  }

  /// The number of blocks.
  var count: Int { (whole + size - 1) / size }

  /// The sizes that occur: that of all blocks but the last, and that of the last.
  var sizes: [Int] { [size, range(count - 1).count] }

  /// The channels of a block.
  @inline(__always) func range(_ block: Int) -> Range<Int> {
    block * size..<min(whole, (block + 1) * size)
  }

  /// The position of a block's size among `sizes`.
  @inline(__always) func kind(of block: Int) -> Int { block == count - 1 ? 1 : 0 }
}
