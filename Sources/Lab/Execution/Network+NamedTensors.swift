// The parameters of a network, and the states of an optimizer, under their names in files.

public import ZerOCheckpoints
public import ZerOLinearAlgebra
public import ZerONetworks

extension ModelGraph {
  /// Matrices as tensors of the parameters' shapes under PyTorch's names, `l1.weight`, `l1.bias` and so on.
  ///
  /// - Parameters:
  ///   - matrices: One per parameter.
  ///   - prefix: Put before each name.
  /// - Returns: One tensor per parameter.
  func namedTensors(_ matrices: [Matrix<Float>], prefix: String = "") -> [NamedTensor] {
    zip(parameters, matrices).map { parameter, matrix in
      NamedTensor(name: prefix + parameter.name, shape: parameter.shape, values: matrix.elements)
    }
  }

  /// The matrices of tensors with these names and shapes.
  ///
  /// - Returns: `nil` if a tensor is missing, or has another shape.
  func matrices(_ tensors: [String: NamedTensor], prefix: String = "") -> [Matrix<Float>]? {
    var found: [Matrix<Float>] = []
    for parameter in parameters {
      guard let tensor = tensors[prefix + parameter.name], tensor.shape == parameter.shape else {
        return nil
      }
      found.append(
        Matrix(rows: parameter.rows, columns: parameter.columns, elements: tensor.values))
    }
    return found
  }
}

extension Network<Float> {
  /// The parameters under PyTorch's names, `l1.weight`, `l1.bias` and so on.
  public var namedTensors: [NamedTensor] { graph.namedTensors(parameters) }
}

/// The network and the states of the optimizer, as checkpoints contain them.
struct TrainedTensors {
  let network: Network<Float>

  /// The states by name, one matrix per parameter.
  let states: [String: [Matrix<Float>]]

  /// The prefix of a state's tensors, which no parameter's name has.
  static func prefix(_ state: String) -> String { "optimizer.\(state)." }

  init(_ network: Network<Float>, states: [String: [Matrix<Float>]] = [:]) {
    self.network = network
    self.states = states
  }

  /// Reads the tensors of a checkpoint.
  ///
  /// - Parameters:
  ///   - tensors: The tensors.
  ///   - network: A network of the same model.
  ///   - stateNames: The names of the optimizer's states.
  ///
  /// - Throws: `CheckpointDefect` if names or shapes are others.
  init(_ tensors: [NamedTensor], like network: Network<Float>, stateNames: [String])
    throws(CheckpointDefect)
  {
    let values = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let graph = network.graph
    guard let parameters = graph.matrices(values) else { throw .otherModel }
    guard tensors.count == graph.parameters.count * (1 + stateNames.count) else {
      throw .otherStates
    }
    var states: [String: [Matrix<Float>]] = [:]
    for name in stateNames {
      guard let state = graph.matrices(values, prefix: Self.prefix(name)) else {
        throw .otherStates
      }
      states[name] = state
    }
    self.init(Network(graph: graph, parameters: parameters), states: states)
  }

  /// All tensors: the parameters, and then the states by name.
  var namedTensors: [NamedTensor] {
    network.namedTensors
      + states.sorted { $0.key < $1.key }.flatMap {
        network.graph.namedTensors($0.value, prefix: Self.prefix($0.key))
      }
  }
}
