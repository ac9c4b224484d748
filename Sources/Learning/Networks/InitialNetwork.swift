// A network before training, where most of a wide one is identities.

public import Initializers
public import LinearAlgebra
public import Randomness

/// A layer before training.
public struct InitialLayer<Scalar: MatrixScalar>: Equatable, Sendable {
  /// Its weight.
  public enum Weight: Equatable, Sendable {
    /// W, m × n.
    case matrix(Matrix<Scalar>)

    /// I of n × n, which takes no memory.
    case identity(Int)

    /// Takes a matrix, and lets it go if it is an identity.
    public init(_ matrix: Matrix<Scalar>) {
      let isIdentity =
        matrix.rows == matrix.columns && matrix.elements.first == 1 && matrix.isIdentity
      self = isIdentity ? .identity(matrix.rows) : .matrix(matrix)
    }
  }

  /// W₀.
  public let weight: Weight

  /// b₀, m values, or `nil` for a layer without bias.
  public let bias: ContiguousArray<Scalar>?

  /// f.
  public let activation: Activation

  /// Makes a layer.
  ///
  /// - Parameters:
  ///   - weight: m × n.
  ///   - bias: m values, or `nil`.
  ///   - activation: Applied to the outputs.
  public init(weight: Weight, bias: ContiguousArray<Scalar>?, activation: Activation) {
    self.weight = weight
    self.bias = bias
    self.activation = activation
    precondition(
      bias.map { $0.count == outputs } ?? true, "\(bias?.count ?? 0) biases for \(outputs) outputs")
  }

  /// Takes a layer as it is; an identity is found.
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

  /// W₀, made where it is the identity.
  public var matrix: Matrix<Scalar> {
    switch weight {
    case .matrix(let weight): weight
    case .identity(let size): .identity(rows: size, columns: size)
    }
  }

  /// The layer with its weight made.
  public var dense: DenseLayer<Scalar> {
    DenseLayer(weight: matrix, bias: bias, activation: activation)
  }
}

/// A network before its first update, whose identities take no memory.
public struct InitialNetwork<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The layers, first one first.
  public let layers: [InitialLayer<Scalar>]

  /// Makes a network and draws its first weights, as `torch.manual_seed(s); MLP(init=…)` does.
  ///
  /// `nn.Linear` first fills its own weight and bias, one 32-bit draw an element, layer after layer;
  /// only then the initializer goes over the layers. The draws that are thrown away matter to
  /// whatever draws from PyTorch's stream afterwards, so they are made here too.
  ///
  /// - Parameters:
  ///   - architecture: The layer sizes.
  ///   - initializer: Gives every layer its weight.
  ///   - bias: What every bias starts from, or `nil` for layers without bias.
  ///   - streams: Where random draws come from.
  /// - Throws: `InitializationError` when the initializer has no value for a layer's shape.
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
          weight: initializer.isIdentity(shape)
            ? .identity(shape.outputs)
            : InitialLayer.Weight(
              Matrix<Scalar>(try initializer.weight(shape, using: &streams))),
          bias: bias.map { ContiguousArray(repeating: $0, count: shape.outputs) },
          activation: index == shapes.count - 1 ? .identity : .rectifiedLinear))
    }
    self.layers = layers
  }

  /// Takes a network as it is; its identities are found.
  public init(_ network: Network<Scalar>) {
    layers = network.layers.map { InitialLayer($0) }
  }

  /// The network with all its weights made.
  public var network: Network<Scalar> { Network(layers: layers.map(\.dense)) }
}
