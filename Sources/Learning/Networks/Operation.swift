// An operation of a model: its sizes and parameters are known before any number exists.

public import ZerOLinearAlgebra
public import ZerOParallelism

/// The size of a value for one sample: units, or units at each pixel of an image, which are its channels.
///
/// The rows of a value are (pixel row, pixel column, unit), so the units of a pixel are neighbors.
public struct ValueShape: Hashable, Sendable {
  /// The number of units at each pixel.
  public let units: Int

  /// The height of the image; 1 without one.
  public let height: Int

  /// The width of the image; 1 without one.
  public let width: Int

  /// Makes a shape; without an image unless stated.
  public init(units: Int, height: Int = 1, width: Int = 1) {
    (self.units, self.height, self.width) = (units, height, width)
  }

  /// The number of pixels.
  public var pixels: Int { height * width }

  /// The number of rows of the value.
  public var features: Int { units * pixels }
}

/// The computation of a node of a ``ModelGraph``.
///
/// An operation is a value of its sizes. The parameters themselves are in a ``Network``.
public protocol Operation: Hashable, Sendable {
  /// The size of the output.
  ///
  /// - Parameter inputs: The sizes of the inputs.
  /// - Returns: The size.
  func output(of inputs: [ValueShape]) -> ValueShape

  /// The parameters, in the order of PyTorch's `state_dict`.
  ///
  /// - Parameter inputs: The sizes of the inputs.
  /// - Returns: One description per parameter.
  func parameters(of inputs: [ValueShape]) -> [OperationParameter]

  /// Whether unit i of the output belongs to unit i of each input, as for an addition: then all of them are units of one axis.
  ///
  /// The parameters then have one dimension of units, their rows.
  ///
  /// - Parameter inputs: The sizes of the inputs.
  /// - Returns: Whether the units are those of the inputs.
  func keepsUnits(of inputs: [ValueShape]) -> Bool

  /// The operation with another number of units.
  ///
  /// - Parameter outputs: The number of units of the output; of an operation that keeps units, that of its inputs too.
  /// - Returns: The operation.
  func resized(to outputs: Int) -> Self

  /// The floating-point operations of one matrix product of the operation, per sample; 0 without a weight.
  ///
  /// - Parameter inputs: The sizes of the inputs.
  /// - Returns: A count as a floating-point number, which cannot overflow.
  func operationsPerProduct(of inputs: [ValueShape]) -> Double
}

/// A parameter of an operation, without the name of the node.
public struct OperationParameter: Hashable, Sendable {
  /// The role of a parameter, which determines its initial value.
  public enum Role: Hashable, Sendable {
    /// A matrix of outputs × inputs, or a convolution kernel of outputs × inputs × taps, which an initializer fills.
    case weight
    /// An additive constant per unit.
    case bias
    /// A factor per unit, initially 1.
    case gain
    /// An additive constant per unit after a gain, initially 0.
    case shift
    /// A running mean per unit, initially 0; batches change it, not the optimizer.
    case mean
    /// A running variance per unit, initially 1; batches change it, not the optimizer.
    case variance
    /// The number of batches of the running statistics.
    case count

    /// Whether the optimizer changes the parameter.
    public var isTrained: Bool {
      switch self {
      case .weight, .bias, .gain, .shift: true
      case .mean, .variance, .count: false
      }
    }

    /// The initial value of every element; `nil` for weights, which an initializer fills, and biases, which a plan sets.
    public var initialValue: Double? {
      switch self {
      case .weight, .bias: nil
      case .gain, .variance: 1
      case .shift, .mean, .count: 0
      }
    }
  }

  /// The name in the node, for example `weight`.
  public let name: String

  /// The dimensions: outputs and inputs of a weight with its taps, or units; none for a single number.
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
  /// The inputs, each features × samples.
  public let inputs: [Matrix<Scalar>]

  /// The parameters of the node, in the order of `Operation.parameters(of:)`; a vector has one column.
  public let parameters: [Matrix<Scalar>]

  /// The output, in a backward pass; without elements in a forward pass.
  public let output: Matrix<Scalar>

  /// What the forward pass kept, in a backward pass.
  public let kept: ContiguousArray<Scalar>

  /// The sizes of the inputs.
  public let shapes: [ValueShape]

  /// Whether the batch is one of the training, whose own statistics normalize it.
  public let isTraining: Bool

  /// The number of identical units that each unit of the output stands for; `nil` if every unit stands for itself.
  public let multiplicities: ContiguousArray<Double>?

  /// The same of the first input.
  public let inputMultiplicities: ContiguousArray<Double>?

  /// The library that computes products.
  public let library: ProductLibrary

  /// The threads that share the work.
  public let team: ThreadTeam

  /// Makes a pass.
  public init(
    inputs: [Matrix<Scalar>], parameters: [Matrix<Scalar>] = [],
    output: Matrix<Scalar> = Matrix(repeating: 0, rows: 0, columns: 0),
    kept: ContiguousArray<Scalar> = [], shapes: [ValueShape], isTraining: Bool = false,
    multiplicities: ContiguousArray<Double>? = nil,
    inputMultiplicities: ContiguousArray<Double>? = nil, library: ProductLibrary = .current,
    team: ThreadTeam = .alone
  ) {
    (self.inputs, self.parameters, self.output) = (inputs, parameters, output)
    (self.kept, self.shapes, self.isTraining) = (kept, shapes, isTraining)
    (self.multiplicities, self.inputMultiplicities) = (multiplicities, inputMultiplicities)
    (self.library, self.team) = (library, team)
  }
}

/// The results of a forward pass beside its output.
public struct ForwardRemainder<Scalar: MatrixScalar>: Sendable {
  /// Numbers that the backward pass needs.
  public var kept: ContiguousArray<Scalar> = []

  /// New values of parameters that the optimizer does not change, by position among the operation's.
  public var statistics: [Int: ContiguousArray<Scalar>] = [:]

  /// Nothing.
  public init() {}
}

/// An operation that computes its output and the gradients of its inputs and parameters itself.
///
/// The products of dense operations are left to the training loop, because an update uses weights while they are in the cache.
public protocol StandaloneOperation: Operation {
  /// Computes the output.
  ///
  /// - Parameters:
  ///   - pass: The inputs and parameters.
  ///   - output: Overwritten.
  ///   - finish: Called with every block of rows of the output, after it is written.
  /// - Returns: What the backward pass needs, and new statistics.
  func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar>

  /// Writes or adds ∂L/∂x of an input x.
  ///
  /// - Parameters:
  ///   - pass: The inputs and parameters.
  ///   - gradient: ∂L/∂y of the output.
  ///   - parameterGradients: The gradients of the parameters.
  ///   - input: The position of x among the inputs.
  ///   - target: ∂L/∂x.
  ///   - adding: Whether `target` contains the gradients of other operations that x enters, to which this one is added.
  ///   - finish: Called with every block of rows of `target`, after it is written.
  func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void)

  /// The gradients of the trained parameters, which are the first ones.
  ///
  /// - Parameters:
  ///   - pass: The inputs and parameters.
  ///   - gradient: ∂L/∂y of the output.
  /// - Returns: One gradient per trained parameter, in the order of its elements.
  func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
}

extension StandaloneOperation {
  /// No parameters.
  public func parameters(of inputs: [ValueShape]) -> [OperationParameter] { [] }

  /// Each unit of the output belongs to a unit of the input.
  public func keepsUnits(of inputs: [ValueShape]) -> Bool { true }

  /// The size of the first input.
  public func output(of inputs: [ValueShape]) -> ValueShape { inputs[0] }

  /// The units are those of the input.
  public func resized(to outputs: Int) -> Self { self }

  /// No matrix product.
  public func operationsPerProduct(of inputs: [ValueShape]) -> Double { 0 }

  /// No parameters, so no gradients.
  public func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
  { [] }
}
