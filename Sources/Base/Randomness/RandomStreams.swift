// One seed, two streams: the notebook draws its normals with PyTorch and its columns with NumPy.

/// The generators that an initializer may draw from, both started from one seed.
///
/// An initializer gets the streams as an `inout` argument and draws from the one that its original
/// used; the other stays where it was. So `RandomStreams(seed: s)` stands for the Python lines
/// `torch.manual_seed(s); rng = numpy.random.default_rng(s)`.
public struct RandomStreams: Equatable, Sendable {
  /// PyTorch's stream.
  public var torch: TorchGenerator

  /// NumPy's stream.
  public var numPy: NumPyGenerator

  /// Starts both streams.
  ///
  /// - Parameter seed: Given to PyTorch's `manual_seed` and NumPy's `default_rng` alike.
  public init(seed: UInt64) {
    torch = TorchGenerator(seed: seed)
    numPy = NumPyGenerator(seed: seed)
  }
}
