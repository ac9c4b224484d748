// The initial network of a plan.

public import ZerODatasets
public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerONetworks
import ZerORandomness

extension TrainingPlan {
  /// Checks the plan, and whether it fits a data set.
  ///
  /// - Parameters:
  ///   - data: The data set.
  ///   - initializers: The catalog that contains the initializer.
  /// - Throws: `PlanError`.
  public func validate(for data: Dataset, initializers: InitializerCatalog = .builtIn)
    throws(PlanError)
  {
    try validate(initializers: initializers)
    guard batchSize <= data.train.count else {
      throw .batchLargerThanData(batchSize: batchSize, count: data.train.count)
    }
    try validate(architecture(for: data), initializers)
  }

  /// Checks that the initializer is defined for every layer and the network is not too large.
  private func validate(_ architecture: Architecture, _ initializers: InitializerCatalog)
    throws(PlanError)
  {
    let rule: any Initializer
    do {
      rule = try initializers.entry(named: initializer).initializer
      for shape in architecture.weightShapes { try rule.check(shape) }
    } catch {
      throw .initialization(error)
    }
    // In floating point, so a product of dimensions can't overflow; symmetry reduction stores no identity matrices.
    let parameters = architecture.weightShapes.reduce(0) { sum, shape in
      symmetry == .reduced && rule.isIdentity(shape)
        ? sum : sum + Double(shape.outputs) * Double(shape.inputs)
    }
    guard parameters <= Double(Self.maximumParameters) else {
      throw .tooManyParameters(
        inputDimension: architecture.inputDimension, width: width, depth: depth)
    }
  }

  /// The layer sizes of the plan's network for a data set.
  ///
  /// - Parameter data: The data set, which determines the numbers of inputs and classes.
  /// - Returns: The layer sizes.
  public func architecture(for data: Dataset) -> Architecture {
    Architecture(
      inputDimension: data.inputDimension, width: width, classCount: data.classCount, depth: depth)
  }

  /// The plan's network before its first update, for a data set.
  ///
  /// - Parameters:
  ///   - data: The data set, which determines the numbers of inputs and classes.
  ///   - initializers: The catalog that contains the initializer.
  /// - Returns: The network; its identity matrices need no memory.
  /// - Throws: `PlanError` if the plan does not fit the data, or the initializer is not defined for a layer.
  public func start<Scalar: MatrixScalar>(
    for data: Dataset, initializers: InitializerCatalog = .builtIn
  ) throws(PlanError) -> InitialNetwork<Scalar> {
    try validate(for: data, initializers: initializers)
    return try start(architecture(for: data), initializers)
  }

  /// The plan's network before its first update, for given numbers of inputs and classes.
  ///
  /// - Parameters:
  ///   - inputDimension: n_x ≥ 1, the number of pixels.
  ///   - classCount: n_y ≥ 1, the number of classes.
  ///   - initializers: The catalog that contains the initializer.
  /// - Returns: The network; its identity matrices need no memory.
  /// - Throws: `PlanError` if the plan is invalid, or the initializer is not defined for a layer.
  public func start<Scalar: MatrixScalar>(
    inputDimension: Int, classCount: Int, initializers: InitializerCatalog = .builtIn
  ) throws(PlanError) -> InitialNetwork<Scalar> {
    try validate(initializers: initializers)
    let architecture = Architecture(
      inputDimension: inputDimension, width: width, classCount: classCount, depth: depth)
    try validate(architecture, initializers)
    return try start(architecture, initializers)
  }

  /// The initial network of the plan for a data set, with all its weights in memory.
  ///
  /// - Parameters:
  ///   - data: The data set, which determines the numbers of inputs and classes.
  ///   - initializers: The catalog that contains the initializer.
  /// - Returns: The network before its first update.
  /// - Throws: `PlanError` if the plan does not fit the data, or the initializer is not defined for a layer.
  public func initialNetwork<Scalar: MatrixScalar>(
    for data: Dataset, initializers: InitializerCatalog = .builtIn
  ) throws(PlanError) -> Network<Scalar> {
    try start(for: data, initializers: initializers).network
  }

  private func start<Scalar: MatrixScalar>(
    _ architecture: Architecture, _ initializers: InitializerCatalog
  ) throws(PlanError) -> InitialNetwork<Scalar> {
    var streams = RandomStreams(seed: modelSeed)
    do {
      return try InitialNetwork(
        architecture, initializer: try initializers.entry(named: initializer).initializer,
        bias: bias.map { Scalar($0) }, using: &streams)
    } catch {
      throw .initialization(error)
    }
  }
}
