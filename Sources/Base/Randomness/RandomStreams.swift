// One seed, two streams: the reference notebook draws normal numbers with PyTorch and column indices with NumPy.

/// The random streams of an initializer, both started from one seed.
///
/// An initializer receives the streams as an `inout` argument. It draws from the same stream as its original; the
/// other stream does not advance. `RandomStreams(seed: s)` is equivalent to the Python code `torch.manual_seed(s);
/// rng = numpy.random.default_rng(s)`.
public struct RandomStreams: Equatable, Sendable {
  /// PyTorch's stream.
  public var torch: TorchGenerator

  /// NumPy's stream.
  public var numPy: NumPyGenerator

  /// Starts both streams.
  ///
  /// - Parameter seed: The seed for both PyTorch's `manual_seed` and NumPy's `default_rng`.
  public init(seed: UInt64) {
    torch = TorchGenerator(seed: seed)
    numPy = NumPyGenerator(seed: seed)
  }
}
