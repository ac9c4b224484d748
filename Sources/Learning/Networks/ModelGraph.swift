// A model as data: what it computes, and the names and shapes of its parameters, before any number exists.

public import ZerOLinearAlgebra
import ZerORequirements

/// A model: nodes in the order of their computation, each with an operation and its inputs.
///
/// A *value* is what a node computes, a matrix of features × samples, where the features are units or the units of each pixel: value 0 is the input of the model, and value k + 1 the output
/// of node k. The last value is the output. An *axis* is a set of units that several values share, because an operation keeps
/// them: the values before and after an activation, and all summands of a residual stream.
public struct ModelGraph: Equatable, Sendable {
  /// An operation at its place in a model.
  public struct Node: Equatable, Sendable {
    /// The name, a prefix of the names of its parameters; unique among nodes with parameters.
    public let name: String

    /// The operation.
    public let operation: any Operation

    /// The values that it reads.
    public let inputs: [Int]

    /// The positions of its parameters in `ModelGraph.parameters`.
    public let parameters: Range<Int>

    /// Whether names, operations and inputs are equal.
    public static func == (one: Node, other: Node) -> Bool {
      one.name == other.name && one.inputs == other.inputs && one.parameters == other.parameters
        && AnyHashable(one.operation) == AnyHashable(other.operation)
    }
  }

  /// A parameter of a model.
  public struct Parameter: Hashable, Sendable {
    /// The name in PyTorch's `state_dict`, for example `l3.weight`.
    public let name: String

    /// The dimensions: outputs and inputs of a weight with its taps, or units; none for a single number.
    public let shape: [Int]

    /// The role, which determines the initial value.
    public let role: OperationParameter.Role

    /// For each dimension of units, a value with the same ones: two for a weight between units, one for constants per
    /// unit, such as biases, gains, and the taps of a depthwise convolution.
    public let values: [Int]

    /// The number of rows as a matrix.
    public var rows: Int { shape.first ?? 1 }

    /// The number of columns as a matrix, in which the taps of a kernel are beside its inputs; 1 for a vector.
    public var columns: Int { shape.dropFirst().reduce(1, *) }
  }

  /// The nodes, each after those that it reads.
  public private(set) var nodes: [Node] = []

  /// The parameters, in the order of the nodes.
  public private(set) var parameters: [Parameter] = []

  /// The size of each value.
  public private(set) var shapes: [ValueShape]

  /// The axis of each value, numbered from 0 in order of first occurrence.
  public private(set) var axes: [Int] = [0]

  /// The first value of each axis.
  private var firstValues = [0]

  /// The numbers of identical units that each unit of an axis stands for, by axis; no entry for an axis whose units stand for themselves.
  ///
  /// A dense operation then multiplies each input by its number, and a normalization weighs its means.
  public var multiplicities: [Int: ContiguousArray<Double>] = [:]

  /// Makes a model without operations.
  ///
  /// - Parameter inputs: The number of inputs, at least 1.
  public init(inputs: Int) { self.init(of: ValueShape(units: inputs)) }

  /// Makes a model without operations.
  ///
  /// - Parameter input: The size of the input, of at least one feature.
  public init(of input: ValueShape) {
    require(min(input.units, input.height, input.width) > 0, "a model of the input \(input)")
    shapes = [input]
  }

  /// The number of inputs: of all features of the first value.
  public var inputs: Int { shapes[0].features }

  /// Whether the first value is an image, whose channels are neighbors, and not a vector.
  public var readsImages: Bool { shapes[0].pixels > 1 }

  /// The number of outputs.
  public var outputs: Int { shapes[shapes.count - 1].features }

  /// The latest value, which the next node reads unless it names others.
  public var latest: Int { shapes.count - 1 }

  /// The number of axes.
  public var axisCount: Int { firstValues.count }

  /// Adds a node.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - operation: What it computes.
  ///   - inputs: The values that it reads; by default the output so far.
  /// - Returns: The new value.
  @discardableResult
  public mutating func append(_ name: String, _ operation: any Operation, of inputs: [Int]? = nil)
    -> Int
  {
    let inputs = inputs ?? [latest]
    require(
      !inputs.isEmpty && inputs.allSatisfy(shapes.indices.contains),
      "inputs \(inputs) of \(name) among \(shapes.count) values")
    let sizes = inputs.map { shapes[$0] }
    let value = shapes.count
    let keepsUnits = operation.keepsUnits(of: sizes)
    let start = parameters.count
    for parameter in operation.parameters(of: sizes) {
      let ends = keepsUnits ? [value] : [value, inputs[0]]
      parameters.append(
        Parameter(
          name: "\(name).\(parameter.name)", shape: parameter.shape, role: parameter.role,
          values: Array(ends.prefix(parameter.shape.count))))
    }
    nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs, parameters: start..<parameters.count))
    shapes.append(operation.output(of: sizes))
    guard keepsUnits else {
      axes.append(axisCount)
      firstValues.append(value)
      return value
    }
    require(Set(sizes).count == 1, "\(name) of \(sizes)")
    axes.append(axes[inputs[0]])
    for input in inputs.dropFirst() { join(axes[input], axes[inputs[0]]) }
    return value
  }

  /// Makes one axis of two.
  private mutating func join(_ one: Int, _ other: Int) {
    guard one != other else { return }
    let (kept, joined) = (min(one, other), max(one, other))
    for value in firstValues[joined]..<axes.count where axes[value] >= joined {
      axes[value] = axes[value] == joined ? kept : axes[value] - 1
    }
    firstValues.remove(at: joined)
  }

  /// The same model with other numbers of units.
  ///
  /// - Parameters:
  ///   - counts: The number of units of each axis; that of the input stays.
  ///   - multiplicities: The numbers of identical units that each unit stands for; see `multiplicities`.
  ///   - groups: The groups of the remaining units for normalizations in several groups, by node.
  /// - Returns: The resized model.
  public func resized(
    to counts: [Int], multiplicities: [Int: ContiguousArray<Double>],
    groups: [Int: ChannelGroups] = [:]
  ) -> ModelGraph {
    var graph = ModelGraph(of: shapes[0])
    for (index, node) in nodes.enumerated() {
      var operation = node.operation.resized(to: counts[axes[index + 1]])
      if let groups = groups[index], let normalization = operation as? Normalization {
        operation = normalization.merged(groups)
      }
      graph.append(node.name, operation, of: node.inputs)
    }
    graph.multiplicities = multiplicities
    return graph
  }

  /// The axes of a parameter's dimensions.
  public func axes(of parameter: Parameter) -> [Int] { parameter.values.map { axes[$0] } }

  /// The position of a parameter.
  ///
  /// - Parameter name: For example `l3.weight`.
  /// - Returns: `nil` if the model has no such parameter.
  public func index(ofParameter name: String) -> Int? {
    parameters.firstIndex { $0.name == name }
  }

  /// The positions of all weights, in the order of the nodes.
  public var weights: [Int] { parameters.indices.filter { parameters[$0].role == .weight } }

  /// The number of taps of a kernel; 1 for other parameters.
  ///
  /// - Parameter weight: The position among the parameters.
  /// - Returns: The product of the dimensions after outputs and inputs.
  public func taps(ofWeight weight: Int) -> Int {
    parameters[weight].shape.dropFirst(2).reduce(1, *)
  }

  /// The positions of the weights of dense operations, in the order of the nodes.
  public var denseWeights: [Int] {
    nodes.filter { $0.operation is Dense }.map(\.parameters.lowerBound)
  }

  /// The floating-point operations of the matrix products of one update, per sample.
  ///
  /// A weight has three products: W·x forward, Wᵀ·δ and δ·xᵀ backward. A weight that reads the data has two, because data
  /// need no gradient. The result is a floating-point number, which cannot overflow.
  public var operationsPerSample: Double {
    nodes.reduce(0) { sum, node in
      sum + (node.inputs.contains(0) ? 2 : 3)
        * node.operation.operationsPerProduct(of: node.inputs.map { shapes[$0] })
    }
  }

  /// The number of all parameters' elements, as a floating-point number, which cannot overflow.
  public var parameterCount: Double {
    parameters.reduce(0) { $0 + Double($1.rows) * Double($1.columns) }
  }

  /// The number of images of a test batch: of images with many features only as many as need about half a gigabyte.
  ///
  /// - Parameter size: The stated number, 1 or more.
  /// - Returns: At most the stated number, and at least 1.
  public func testBatchSize(atMost size: Int) -> Int {
    readsImages ? max(1, min(size, Int(Double(1 << 27) / storedFeatures))) : size
  }

  /// The features of all gradients that have memory of their own in a backward pass.
  public var storedGradients: Double {
    GraphFlow(self).gradientFeatures.reduce(0) { $0 + Double($1) }
  }

  /// The features of all values that have memory of their own.
  public var storedFeatures: Double {
    GraphFlow(self).features.reduce(0) { $0 + Double($1) }
  }
}

extension ModelGraph {
  /// Whether the classes of the model's units can be found.
  ///
  /// They can for all models but those with parameters for the units of a flattened image, or with a convolution in
  /// several groups that contain more than one input or more than one output. If each contains one of both, the
  /// convolution is depthwise.
  public var supportsPartition: Bool {
    let flattened = Set(
      nodes.indices.filter { nodes[$0].operation is Flattening }.map { axes[$0 + 1] })
    let hasGroups = nodes.contains { node in
      guard let convolution = node.operation as? Convolutional else { return false }
      return convolution.groups > 1 && !convolution.keepsUnits(of: node.inputs.map { shapes[$0] })
    }
    return !hasGroups
      && parameters.allSatisfy { parameter in
        parameter.values.first.map { !flattened.contains(axes[$0]) } ?? true
      }
  }
}
