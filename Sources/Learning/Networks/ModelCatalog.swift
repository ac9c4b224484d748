// The models that plans name.

/// The settings that models are made from.
public struct ModelSettings: Hashable, Sendable {
  /// n_x, the number of inputs, at least 1.
  public var inputDimension: Int

  /// n_h, the number of hidden units, at least 1.
  public var width: Int

  /// n_y, the number of classes, at least 1.
  public var classCount: Int

  /// The number of square layers, n_h × n_h, at least 1.
  public var depth: Int

  /// The function after each hidden layer.
  public var activation = Activation.relu

  /// The normalization before the square layers; `nil` for none.
  public var norm: Normalization.Kind?

  /// Whether square layers are in residual blocks.
  public var isResidual = false

  /// Whether dense layers have biases.
  public var hasBias = true

  /// Makes settings.
  public init(inputDimension: Int, width: Int, classCount: Int, depth: Int = 1) {
    self.inputDimension = inputDimension
    self.width = width
    self.classCount = classCount
    self.depth = depth
  }
}

/// A model, with the weights whose ranks are measured unless others are chosen.
public struct Model: Equatable, Sendable {
  /// The model.
  public let graph: ModelGraph

  /// The names of the weights to measure.
  public let measured: [String]
}

/// An error for settings that no model can have.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  /// Residual blocks of two layers, and an odd number of layers.
  case oddDepth(Int)

  /// A normalization over a single unit.
  case normalizesOneUnit(String)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .oddDepth(let depth):
      "depth is \(depth), but a residual block has two square layers; use an even depth"
    case .normalizesOneUnit(let norm):
      "norm \(norm) of a layer of 1 unit keeps at most its sign; use a larger width or no norm"
    }
  }
}

/// A kind of model with its name.
public struct ModelFamily: Sendable {
  /// The name in experiments and on the command line.
  public let name: String

  /// A one-line description for listings.
  public let summary: String

  private let make: @Sendable (ModelSettings) throws(ModelError) -> Model

  /// The families, in the order of listings.
  public static let catalog = [
    ModelFamily(
      name: "mlp",
      summary: "multilayer perceptron n_x, n_x, n_h, ..., n_h, n_y, plain or with residual blocks",
      make: Model.mlp)
  ]

  /// The model of given settings.
  ///
  /// - Throws: `ModelError` if the family has no such model.
  public func model(_ settings: ModelSettings) throws(ModelError) -> Model { try make(settings) }

  /// Finds a family.
  ///
  /// - Parameter name: The name.
  /// - Returns: `nil` for an unknown name.
  public static func named(_ name: String) -> ModelFamily? { catalog.first { $0.name == name } }
}
