// The protocol of initializers. A new initializer is one file and one line in `InitializerCatalog.builtIn`, or an entry
// that a program adds.

public import ZerOLinearAlgebra
public import ZerORandomness
import ZerORequirements

/// A rule for the initial weights of a dense layer or a convolution.
///
/// An initializer is a small value without hidden state. Two calls with the same shape and equal
/// streams return equal weights, bit for bit.
public protocol Initializer: Sendable {
  /// The maximum memory per element for computing a weight and writing its file, in bytes.
  var bytesPerElement: Int { get }

  /// Checks, without computing the weight, whether the initializer is defined for a shape.
  ///
  /// - Parameter shape: m × n, out × in.
  /// - Throws: `InitializationError` if it is undefined.
  func check(_ shape: WeightShape) throws(InitializationError)

  /// Returns whether the weight is the identity, which need not be allocated.
  ///
  /// - Parameter shape: m × n, out × in.
  /// - Returns: `false` if the weight is not, or not known to be, the identity.
  func isIdentity(_ shape: WeightShape) -> Bool

  /// Computes the weight of a dense layer.
  ///
  /// - Parameters:
  ///   - shape: m × n, out × in.
  ///   - streams: The sources of random numbers; deterministic initializers do not use them.
  /// - Returns: The weight, m rows and n columns.
  /// - Throws: `InitializationError` if the initializer is undefined for the shape.
  func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>

  /// Computes the kernel of a convolution.
  ///
  /// - Parameters:
  ///   - shape: out × in × k….
  ///   - streams: The sources of random numbers; deterministic initializers do not use them.
  /// - Returns: The out · in · k… elements, row-major.
  /// - Throws: `InitializationError` if the initializer is undefined for the shape.
  func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
}

extension Initializer {
  /// Enough for two matrices of the size of the weight, and its file in memory.
  public var bytesPerElement: Int { 16 }

  /// Accepts every shape; never throws.
  public func check(_ shape: WeightShape) throws(InitializationError) {}

  /// By default, no weight is known to be the identity.
  public func isIdentity(_ shape: WeightShape) -> Bool { false }

  /// Algorithm 2 of the ZerO paper: the matrix of the dense layer in the center tap, zeros
  /// elsewhere.
  ///
  /// ```
  /// K[i, j, t…] = W[i, j] at the tap ⌊k/2⌋ of each axis, else 0
  /// ```
  ///
  /// `torch.nn.init.dirac_` has the same center. Delta-orthogonal kernels in JAX use ⌊(k − 1)/2⌋,
  /// which is another tap if k is even. The convolution applies W to the channels of every pixel,
  /// so it has the singular values of W. Edges are an exception: an even k without matching padding
  /// shifts the image.
  ///
  /// This is the default, also for initializers whose authors treat convolution kernels differently
  /// or not at all. The documentation of such an initializer states this.
  ///
  /// - Parameters:
  ///   - shape: out × in × k….
  ///   - streams: The sources of random numbers; the draws equal the draws for one weight of out ×
  ///     in.
  /// - Returns: The elements, row-major.
  /// - Throws: `InitializationError` if the initializer is undefined for out × in.
  ///
  /// Reference: J. Zhao, F. Schäfer and A. Anandkumar, "ZerO Initialization: Initializing Neural
  /// Networks with only Zeros and Ones", TMLR (2022), arXiv 2110.12661, algorithm 2; L. Xiao and
  /// others, "Dynamical Isometry and a Mean Field Theory of CNNs: How to Train 10,000-Layer Vanilla
  /// Convolutional Neural Networks", ICML (2018), arXiv 1806.05393 (delta-orthogonal kernels).
  public func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    let weight = try weight(shape.tap, using: &streams)
    var kernel = ContiguousArray<Float>(repeating: 0, count: weight.elements.count * shape.taps)
    for index in weight.elements.indices {
      kernel[index * shape.taps + shape.centerTap] = weight.elements[index]
    }
    return kernel
  }

  /// Computes the weight of a dense layer or a convolution in the element order of a file.
  ///
  /// - Parameters:
  ///   - shape: The shape of the stored weight: two dimensions, or three to five for a convolution;
  ///     each at least 1.
  ///   - layout: The positions of outputs and inputs among the dimensions.
  ///   - streams: The sources of random numbers; the draws equal the draws for the same weight in
  ///     PyTorch's layout.
  /// - Returns: The elements, last dimension fastest.
  /// - Throws: `InitializationError` if the initializer is undefined for the shape.
  public func storedWeight(
    _ shape: [Int], layout: TensorLayout, using streams: inout RandomStreams
  ) throws(InitializationError) -> ContiguousArray<Float> {
    require(
      (2...5).contains(shape.count) && shape.allSatisfy { $0 > 0 },
      "a weight of shape \(shape)")
    let torchShape = layout.torchShape(of: shape)
    let values: ContiguousArray<Float>
    if torchShape.count == 2 {
      let shape = WeightShape(outputs: torchShape[0], inputs: torchShape[1])
      values = try weight(shape, using: &streams).elements
    } else {
      let shape = KernelShape(
        outputs: torchShape[0], inputs: torchShape[1], kernelSize: Array(torchShape[2...]))
      values = try kernel(shape, using: &streams)
    }
    return layout.stored(values, torchShape: torchShape)
  }
}
