// The rule for convolutions that holds unless a rule has one of its own.

import LinearAlgebra
public import Randomness

extension Initializer {
  /// Algorithm 2 of the ZerO paper: the matrix rule in the center, zeros around it.
  ///
  /// ```
  /// K[i, j, t…] = W[i, j] at the tap ⌊k/2⌋ of each axis, else 0
  /// ```
  ///
  /// `torch.nn.init.dirac_` has the same center. Delta-orthogonal kernels in JAX have ⌊(k − 1)/2⌋, which is
  /// another tap where k is even. The convolution then does to every pixel's channels what the dense layer
  /// would do to them, and the singular values are those of W (but for pixels at the edge, where an even k
  /// without matching padding shifts the picture).
  ///
  /// It is also the rule here for initializers whose authors treat kernels in another way, or say nothing
  /// about them; their pages say so.
  ///
  /// - Parameters:
  ///   - shape: out × in × k….
  ///   - streams: Where random draws come from: those of one weight of out × in.
  /// - Returns: The elements, row-major.
  /// - Throws: `InitializationError` when the rule has no value for out × in.
  ///
  /// Reference: J. Zhao, F. Schäfer and A. Anandkumar, "ZerO Initialization: Initializing Neural Networks
  /// with only Zeros and Ones", TMLR (2022), arXiv 2110.12661, algorithm 2; L. Xiao and others, "Dynamical
  /// Isometry and a Mean Field Theory of CNNs: How to Train 10,000-Layer Vanilla Convolutional Neural
  /// Networks", ICML (2018), arXiv 1806.05393 (delta-orthogonal kernels).
  public func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    let weight = try weight(shape.tap, using: &streams)
    var kernel = ContiguousArray<Float>(repeating: 0, count: weight.elements.count * shape.taps)
    for index in weight.elements.indices {
      kernel[index * shape.taps + shape.centralTap] = weight.elements[index]
    }
    return kernel
  }
}
