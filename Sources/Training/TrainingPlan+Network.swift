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
    // In floating point, where a product of extents can't overflow.
    let (n, h) = (Double(data.inputDimension), Double(width))
    guard n * n + n * h + Double(depth) * h * h <= Double(Self.maximumParameters) else {
      throw .tooManyParameters(
        inputDimension: data.inputDimension, width: width, depth: depth)
    }
    do {
      let rule = try InitializerCatalog.entry(named: initializer).initializer
      for shape in architecture(for: data).weightShapes { try rule.check(shape) }
    } catch {
      throw .initialization(error)
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

  /// The initial network of the plan, for images and classes of a data set.
  ///
  /// - Parameter data: Gives the first layer's size and the number of classes.
  /// - Returns: The network before its first update.
  /// - Throws: `PlanError` when the plan doesn't fit the data, or the initialiser a layer.
  public func initialNetwork<Scalar: MatrixScalar>(for data: Dataset) throws(PlanError)
    -> Network<Scalar>
  {
    try validate(for: data)
    var streams = RandomStreams(seed: modelSeed)
    do {
      return try Network(
        architecture(for: data),
        initializer: try InitializerCatalog.entry(named: initializer).initializer,
        bias: bias.map { Scalar($0) }, using: &streams)
    } catch {
      throw .initialization(error)
    }
  }
}
