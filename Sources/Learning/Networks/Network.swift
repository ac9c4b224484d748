public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerORandomness
import ZerORequirements

/// A model with its parameters.
///
/// The type is generic over precision: training uses `Float`; the tests compare the same code in
/// `Double` with finite differences.
public struct Network<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The model.
  public let graph: ModelGraph

  /// The parameters, in the order of `graph.parameters`; a vector has one column.
  public var parameters: [Matrix<Scalar>]

  /// Makes a network from given parameters.
  ///
  /// - Parameters:
  ///   - graph: The model.
  ///   - parameters: One matrix per parameter of the model, of its shape.
  public init(graph: ModelGraph, parameters: [Matrix<Scalar>]) {
    require(
      parameters.count == graph.parameters.count,
      "\(parameters.count) matrices for \(graph.parameters.count) parameters")
    for (parameter, matrix) in zip(graph.parameters, parameters) {
      require(
        matrix.rows == parameter.rows && matrix.columns == parameter.columns,
        "\(matrix.rows) × \(matrix.columns) for \(parameter.name) of \(parameter.rows) × \(parameter.columns)"
      )
    }
    self.graph = graph
    self.parameters = parameters
  }

  /// Makes a network with initial weights, like ``InitialNetwork``.
  ///
  /// - Parameters:
  ///   - graph: The model.
  ///   - initializer: Computes every weight.
  ///   - bias: The initial value of every bias.
  ///   - streams: The sources of random numbers.
  /// - Throws: `InitializationError` if the initializer is undefined for the shape of a weight.
  public init(
    _ graph: ModelGraph, initializer: any Initializer, bias: Scalar = 0,
    using streams: inout RandomStreams
  ) throws(InitializationError) {
    self = try InitialNetwork(
      graph, initializer: { _ in initializer }, bias: bias, using: &streams
    ).network
  }

  /// The parameter of a name.
  ///
  /// - Parameter name: For example `l3.weight`.
  /// - Returns: `nil` if the model has no such parameter.
  public subscript(name: String) -> Matrix<Scalar>? {
    graph.index(ofParameter: name).map { parameters[$0] }
  }

  /// Computes the activations of a batch.
  ///
  /// - Parameters:
  ///   - workspace: Contains the batch on entry, and all activations on return.
  ///   - library: The library that computes the products of convolutions; those of dense operations are OpenBLAS's.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(
    _ workspace: inout Workspace<Scalar>, library: ProductLibrary = .current
  ) {
    workspace.forward(parameters: { parameters[$0] }, library: library) {
      index, inputs, outputs, team, finish in
      outputs.writeRows(team) { block in
        block.multiply(parameters[index], by: inputs)
        finish(block)
      }
    }
  }
}
