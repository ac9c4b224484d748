// A network before training, with identity weights stored without their elements.

public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerORandomness
import ZerORequirements

/// A layer before training.
public struct InitialLayer<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The initial weight of a layer.
  public enum Weight: Equatable, Sendable {
    /// W, m × n.
    case matrix(Matrix<Scalar>)

    /// I of n × n, which needs no memory.
    case identity(Int)

    /// Stores a matrix, or only its size if it is an identity.
    public init(_ matrix: Matrix<Scalar>) {
      let isIdentity =
        matrix.rows == matrix.columns && matrix.elements.first == 1 && matrix.isIdentity
      self = isIdentity ? .identity(matrix.rows) : .matrix(matrix)
    }
  }

  /// W₀.
  public let weight: Weight

  /// b₀, m values; `nil` for a layer without biases.
  public let bias: ContiguousArray<Scalar>?

  /// f.
  public let activation: Activation

  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - weight: m × n.
  ///   - bias: m values, or `nil`.
  ///   - activation: The function that is applied to the outputs.
  public init(weight: Weight, bias: ContiguousArray<Scalar>?, activation: Activation) {
    self.weight = weight
    self.bias = bias
    self.activation = activation
    require(
      bias.map { $0.count == outputs } ?? true, "\(bias?.count ?? 0) biases for \(outputs) outputs")
  }

  /// Converts a dense layer and detects whether its weight is an identity.
  public init(_ layer: DenseLayer<Scalar>) {
    self.init(
      weight: Weight(layer.weight), bias: layer.bias, activation: layer.activation)
  }

  /// m.
  public var outputs: Int {
    switch weight {
    case .matrix(let weight): weight.rows
    case .identity(let size): size
    }
  }

  /// n.
  public var inputs: Int {
    switch weight {
    case .matrix(let weight): weight.columns
    case .identity(let size): size
    }
  }

  /// Whether W₀ is the identity.
  public var isIdentity: Bool {
    if case .identity = weight { true } else { false }
  }

  /// W₀ as a matrix; an identity is allocated.
  public var matrix: Matrix<Scalar> {
    switch weight {
    case .matrix(let weight): weight
    case .identity(let size): .identity(rows: size, columns: size)
    }
  }

  /// The layer with its weight as a matrix.
  public var dense: DenseLayer<Scalar> {
    DenseLayer(weight: matrix, bias: bias, activation: activation)
  }
}

/// A network before its first update; identity weights need no memory.
public struct InitialNetwork<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The layers, first layer first.
  public let layers: [InitialLayer<Scalar>]

  /// Makes a network with initial weights, with the random draws of `torch.manual_seed(s);
  /// MLP(init=…)`.
  ///
  /// `nn.Linear` first fills its weight and bias, with one 32-bit draw per element, layer after
  /// layer. Only then does the initializer process the layers. The discarded draws advance
  /// PyTorch's stream for all later draws, so they are skipped here too.
  ///
  /// - Parameters:
  ///   - architecture: The layer sizes.
  ///   - initializer: Computes the weight of every layer.
  ///   - bias: The initial value of every bias; `nil` for layers without biases.
  ///   - streams: The sources of random numbers.
  /// - Throws: `InitializationError` if the initializer is undefined for the shape of a layer.
  public init(
    _ architecture: Architecture, initializer: any Initializer, bias: Scalar?,
    using streams: inout RandomStreams
  ) throws(InitializationError) {
    let shapes = architecture.weightShapes
    for shape in shapes {
      streams.torch.skip(shape.outputs * shape.inputs + (bias == nil ? 0 : shape.outputs))
    }
    var layers: [InitialLayer<Scalar>] = []
    for (index, shape) in shapes.enumerated() {
      layers.append(
        InitialLayer(
          weight: try Self.weight(shape, by: initializer, using: &streams),
          bias: bias.map { ContiguousArray(repeating: $0, count: shape.outputs) },
          activation: index == shapes.count - 1 ? .identity : .relu))
    }
    self.layers = layers
  }

  private static func weight(
    _ shape: WeightShape, by initializer: any Initializer, using streams: inout RandomStreams
  ) throws(InitializationError) -> InitialLayer<Scalar>.Weight {
    if initializer.isIdentity(shape) {
      guard shape.outputs == shape.inputs else { throw .identityNotSquare(shape) }
      return .identity(shape.outputs)
    }
    let weight = try initializer.weight(shape, using: &streams)
    guard weight.rows == shape.outputs, weight.columns == shape.inputs else {
      throw .wrongShape(shape, rows: weight.rows, columns: weight.columns)
    }
    return InitialLayer.Weight(Matrix<Scalar>(weight))
  }

  /// Converts a network and detects its identities.
  public init(_ network: Network<Scalar>) {
    layers = network.layers.map { InitialLayer($0) }
  }

  /// The network with all weights as matrices.
  public var network: Network<Scalar> { Network(layers: layers.map(\.dense)) }
}
