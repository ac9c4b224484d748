// An operation of a model: its sizes and parameters are known before any number exists.

public import ZerOLinearAlgebra
public import ZerOParallelism

/// The computation of a node of a ``ModelGraph``.
///
/// An operation is a value of its sizes. The parameters themselves are in a ``Network``.
public protocol Operation: Hashable, Sendable {
  /// The number of units of the output.
  ///
  /// - Parameter inputs: The numbers of units of the inputs.
  /// - Returns: The number of units.
  func outputs(of inputs: [Int]) -> Int

  /// The parameters, in the order of PyTorch's `state_dict`.
  ///
  /// - Parameter inputs: The numbers of units of the inputs.
  /// - Returns: One description per parameter.
  func parameters(of inputs: [Int]) -> [OperationParameter]

  /// Whether unit i of the output belongs to unit i of each input, as for an addition: then all of them are units of one axis.
  var keepsUnits: Bool { get }

  /// The operation with another number of new units; itself if it keeps units.
  ///
  /// - Parameter outputs: The number of units of the output.
  /// - Returns: The operation.
  func resized(to outputs: Int) -> Self

  /// The floating-point operations of one matrix product of the operation, per sample; 0 without a weight.
  ///
  /// - Parameter inputs: The numbers of units of the inputs.
  /// - Returns: A count as a floating-point number, which cannot overflow.
  func operationsPerProduct(of inputs: [Int]) -> Double
}

/// A parameter of an operation, without the name of the node.
public struct OperationParameter: Hashable, Sendable {
  /// The role of a parameter, which determines its initial value.
  public enum Role: Hashable, Sendable {
    /// A matrix of outputs × inputs, which an initializer fills.
    case weight
    /// An additive constant per unit.
    case bias
    /// A factor per unit, initially 1.
    case gain
    /// An additive constant per unit after a gain, initially 0.
    case shift
  }

  /// The name in the node, for example `weight`.
  public let name: String

  /// The dimensions: outputs and inputs of a weight, or units.
  public let shape: [Int]

  /// The role.
  public let role: Role

  /// Describes a parameter.
  public init(name: String, shape: [Int], role: Role) {
    self.name = name
    self.shape = shape
    self.role = role
  }
}

/// The matrices of one node in a pass over a batch.
public struct OperationPass<Scalar: MatrixScalar>: Sendable {
  /// The inputs, each units × samples.
  public let inputs: [Matrix<Scalar>]

  /// The parameters of the node, in the order of `Operation.parameters(of:)`; a vector has one column.
  public let parameters: [Matrix<Scalar>]

  /// The output, in a backward pass; without elements in a forward pass.
  public let output: Matrix<Scalar>

  /// The number of identical units that each unit stands for; `nil` if every unit stands for itself.
  public let multiplicities: ContiguousArray<Double>?

  /// The threads that share the work.
  public let team: ThreadTeam
}

/// An operation without a weight matrix, which computes its output and the gradients of its inputs and parameters itself.
///
/// Weights are left to the training loop, because an update uses them while they are in the cache.
public protocol WeightlessOperation: Operation {
  /// Computes the output.
  ///
  /// - Parameters:
  ///   - pass: The inputs and parameters.
  ///   - output: Overwritten.
  func forward<Scalar>(_ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>)

  /// Writes or adds ∂L/∂x of an input x.
  ///
  /// - Parameters:
  ///   - pass: The inputs and parameters.
  ///   - gradient: ∂L/∂y of the output.
  ///   - input: The position of x among the inputs.
  ///   - target: ∂L/∂x.
  ///   - adding: Whether `target` contains the gradients of other operations that x enters, to which this one is added.
  ///   - finish: Called with every block of rows of `target`, after it is written.
  func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>, input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void)

  /// The gradients of the parameters, one value per unit; empty without parameters.
  ///
  /// - Parameters:
  ///   - pass: The inputs and parameters.
  ///   - gradient: ∂L/∂y of the output.
  /// - Returns: One gradient per parameter.
  func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
}

extension WeightlessOperation {
  /// No parameters.
  public func parameters(of inputs: [Int]) -> [OperationParameter] { [] }

  /// Each unit of the output belongs to a unit of the input.
  public var keepsUnits: Bool { true }

  /// The units of the first input.
  public func outputs(of inputs: [Int]) -> Int { inputs.first ?? 0 }

  /// The units are those of the input.
  public func resized(to outputs: Int) -> Self { self }

  /// No matrix product.
  public func operationsPerProduct(of inputs: [Int]) -> Double { 0 }

  /// No parameters, so no gradients.
  public func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
  { [] }
}
