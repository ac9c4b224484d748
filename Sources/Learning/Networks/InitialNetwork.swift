// A network before training, with identity weights stored without their elements.

public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerORandomness
import ZerORequirements

/// A parameter before training.
public enum InitialParameter<Scalar: MatrixScalar>: Equatable, Sendable {
  /// m × n, or m × 1 for a vector.
  case matrix(Matrix<Scalar>)

  /// I of n × n, which needs no memory.
  case identity(Int)

  /// Stores a matrix, or only its size if it is an identity.
  public init(_ matrix: Matrix<Scalar>) {
    let isIdentity =
      matrix.rows == matrix.columns && matrix.elements.first == 1 && matrix.isIdentity
    self = isIdentity ? .identity(matrix.rows) : .matrix(matrix)
  }

  /// m.
  public var rows: Int {
    switch self {
    case .matrix(let matrix): matrix.rows
    case .identity(let size): size
    }
  }

  /// n.
  public var columns: Int {
    switch self {
    case .matrix(let matrix): matrix.columns
    case .identity(let size): size
    }
  }

  /// Whether the parameter is an identity.
  public var isIdentity: Bool { if case .identity = self { true } else { false } }

  /// The parameter as a matrix; an identity is allocated.
  public var matrix: Matrix<Scalar> {
    switch self {
    case .matrix(let matrix): matrix
    case .identity(let size): .identity(rows: size, columns: size)
    }
  }
}

/// A network before its first update; identity weights need no memory.
public struct InitialNetwork<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The model.
  public let graph: ModelGraph

  /// The parameters, in the order of `graph.parameters`.
  public let parameters: [InitialParameter<Scalar>]

  /// Makes a network from given parameters.
  ///
  /// - Parameters:
  ///   - graph: The model.
  ///   - parameters: One per parameter of the model, of its shape.
  public init(graph: ModelGraph, parameters: [InitialParameter<Scalar>]) {
    require(
      parameters.count == graph.parameters.count,
      "\(parameters.count) matrices for \(graph.parameters.count) parameters")
    self.graph = graph
    self.parameters = parameters
  }

  /// Makes a network with initial weights, with the random draws of PyTorch's `torch.manual_seed(s)` before the modules are made.
  ///
  /// `nn.Linear` first fills its weight and bias, with one 32-bit draw per element, layer after
  /// layer. Only then does the initializer process the layers. The discarded draws advance
  /// PyTorch's stream for all later draws, so they are skipped here too.
  ///
  /// - Parameters:
  ///   - graph: The model.
  ///   - initializer: The initializer of a weight.
  ///   - bias: The initial value of every bias.
  ///   - zeroGains: Whether a gain of this name starts at 0; by default each starts at 1.
  ///   - streams: The sources of random numbers.
  /// - Throws: `InitializationError` if an initializer is undefined for the shape of a weight.
  public init(
    _ graph: ModelGraph, initializer: (ModelGraph.Parameter) -> any Initializer, bias: Scalar,
    zeroGains: (String) -> Bool = { _ in false }, using streams: inout RandomStreams
  ) throws(InitializationError) {
    for parameter in graph.parameters where [.weight, .bias].contains(parameter.role) {
      streams.torch.skip(parameter.rows * parameter.columns)
    }
    var parameters: [InitialParameter<Scalar>] = []
    for parameter in graph.parameters {
      guard parameter.role == .weight else {
        let isZero = parameter.role == .gain && zeroGains(parameter.name)
        let value = isZero ? 0 : parameter.role.initialValue.map { Scalar($0) } ?? bias
        parameters.append(
          .matrix(Matrix(repeating: value, rows: parameter.rows, columns: parameter.columns)))
        continue
      }
      let rule = initializer(parameter)
      parameters.append(
        parameter.shape.count > 2
          ? .matrix(try Self.kernel(parameter, by: rule, using: &streams))
          : try Self.weight(
            WeightShape(outputs: parameter.rows, inputs: parameter.columns), by: rule,
            using: &streams))
    }
    self.init(graph: graph, parameters: parameters)
  }

  private static func kernel(
    _ parameter: ModelGraph.Parameter, by initializer: any Initializer,
    using streams: inout RandomStreams
  ) throws(InitializationError) -> Matrix<Scalar> {
    let shape = KernelShape(
      outputs: parameter.shape[0], inputs: parameter.shape[1],
      kernelSize: Array(parameter.shape[2...]))
    let kernel = try initializer.kernel(shape, using: &streams)
    guard kernel.count == parameter.rows * parameter.columns else {
      throw .wrongShape(
        shape.flattened, rows: parameter.rows, columns: kernel.count / parameter.rows)
    }
    return Matrix<Scalar>(
      Matrix(rows: parameter.rows, columns: parameter.columns, elements: kernel))
  }

  private static func weight(
    _ shape: WeightShape, by initializer: any Initializer, using streams: inout RandomStreams
  ) throws(InitializationError) -> InitialParameter<Scalar> {
    if initializer.isIdentity(shape) {
      guard shape.outputs == shape.inputs else { throw .identityNotSquare(shape) }
      return .identity(shape.outputs)
    }
    let weight = try initializer.weight(shape, using: &streams)
    guard weight.rows == shape.outputs, weight.columns == shape.inputs else {
      throw .wrongShape(shape, rows: weight.rows, columns: weight.columns)
    }
    return InitialParameter(Matrix<Scalar>(weight))
  }

  /// Converts a network and detects its identities.
  public init(_ network: Network<Scalar>) {
    self.init(
      graph: network.graph,
      parameters: zip(network.graph.parameters, network.parameters).map {
        $0.role == .weight && $0.shape.count == 2 ? InitialParameter($1) : .matrix($1)
      })
  }

  /// The network with all weights as matrices.
  public var network: Network<Scalar> {
    Network(graph: graph, parameters: parameters.map(\.matrix))
  }
}
