// From a plan to the network it starts from.

public import Datasets
import Initializers
public import LinearAlgebra
public import Networks
import Randomness

extension TrainingPlan {
  /// Checks the plan against the data that it is to be carried out on.
  ///
  /// - Throws: `PlanError`.
  public func validate(for data: Dataset) throws(PlanError) {
    try validate()
    guard batchSize <= data.train.count else {
      throw .batchLargerThanData(batchSize: batchSize, count: data.train.count)
    }
    try validate(architecture(for: data))
  }

  /// Checks that a network of some sizes can be made.
  private func validate(_ architecture: Architecture) throws(PlanError) {
    let rule: any Initializer
    do {
      rule = try InitializerCatalog.entry(named: initializer).initializer
      for shape in architecture.weightShapes { try rule.check(shape) }
    } catch {
      throw .initialization(error)
    }
    // In floating point, where a product of extents can't overflow; with exact ties identities are never made.
    let parameters = architecture.weightShapes.reduce(0) { sum, shape in
      ties == .exact && rule.isIdentity(shape)
        ? sum : sum + Double(shape.outputs) * Double(shape.inputs)
    }
    guard parameters <= Double(Self.maximumParameters) else {
      throw .tooManyParameters(
        inputDimension: architecture.inputDimension, width: width, depth: depth)
    }
  }

  /// The layer sizes of the plan's network, for images and classes of a data set.
  ///
  /// - Parameter data: Gives the first layer's size and the number of classes.
  /// - Returns: The sizes.
  public func architecture(for data: Dataset) -> Architecture {
    Architecture(
      inputDimension: data.inputDimension, width: width, classCount: data.classCount, depth: depth)
  }

  /// The plan's network before its first update, for images and classes of a data set.
  ///
  /// - Parameter data: Gives the first layer's size and the number of classes.
  /// - Returns: The network, of which identities take no memory.
  /// - Throws: `PlanError` when the plan doesn't fit the data, or the initializer a layer.
  public func start<Scalar: MatrixScalar>(for data: Dataset) throws(PlanError)
    -> InitialNetwork<Scalar>
  {
    try validate(for: data)
    return try start(architecture(for: data))
  }

  /// The same for images that are known by their size alone.
  ///
  /// - Parameters:
  ///   - inputDimension: n_x ≥ 1, the number of pixels.
  ///   - classCount: n_y ≥ 1.
  /// - Returns: The network, of which identities take no memory.
  /// - Throws: `PlanError` when the plan is none, or the initializer has no value for a layer.
  public func start<Scalar: MatrixScalar>(inputDimension: Int, classCount: Int)
    throws(PlanError) -> InitialNetwork<Scalar>
  {
    try validate()
    let architecture = Architecture(
      inputDimension: inputDimension, width: width, classCount: classCount, depth: depth)
    try validate(architecture)
    return try start(architecture)
  }

  /// The initial network of the plan, for images and classes of a data set.
  ///
  /// - Parameter data: Gives the first layer's size and the number of classes.
  /// - Returns: The network before its first update.
  /// - Throws: `PlanError` when the plan doesn't fit the data, or the initializer a layer.
  public func initialNetwork<Scalar: MatrixScalar>(for data: Dataset) throws(PlanError)
    -> Network<Scalar>
  {
    try start(for: data).network
  }

  private func start<Scalar: MatrixScalar>(_ architecture: Architecture) throws(PlanError)
    -> InitialNetwork<Scalar>
  {
    var streams = RandomStreams(seed: modelSeed)
    do {
      return try InitialNetwork(
        architecture, initializer: try InitializerCatalog.entry(named: initializer).initializer,
        bias: bias.map { Scalar($0) }, using: &streams)
    } catch {
      throw .initialization(error)
    }
  }
}
