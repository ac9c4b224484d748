// The models that plans name.

/// The normalizations of models, by name.
public enum ModelNormalization: String, CaseIterable, Sendable {
  /// No normalization.
  case none
  /// Layer normalization, over all units of a sample and, in images, over all pixels.
  case layer
  /// Root mean square normalization.
  case rms
  /// Batch normalization.
  case batch
  /// Group normalization, in groups of `ModelNormalization.groups`.
  case group

  /// The number of groups of a group normalization.
  static let groups = 8

  /// The name, and the number of groups of a group normalization, which no tensor tells.
  public var text: String { self == .group ? "group (\(Self.groups) groups)" : rawValue }

  /// The operation; `nil` for none.
  var operation: (any Operation)? {
    switch self {
    case .none: nil
    case .layer: Normalization(.layer)
    case .rms: Normalization(.rms)
    case .batch: BatchNormalization()
    case .group: Normalization(.layer, groups: Self.groups)
    }
  }
}

/// The settings that models are made from.
public struct ModelSettings: Hashable, Sendable {
  /// The size of the images; n_x is the number of its features.
  public var input: ValueShape

  /// n_h, the number of hidden units, or of channels of the first stage; at least 1.
  public var width: Int

  /// n_y, the number of classes, at least 1.
  public var classCount: Int

  /// The number of square layers of a multilayer perceptron, n_h × n_h, at least 1.
  public var depth: Int

  /// The numbers of blocks of a convolutional network's stages; empty for those of the family.
  public var blocks: [Int] = []

  /// The numbers of channels of the stages; empty for `width`, twice as many in the second stage, and so on.
  public var widths: [Int] = []

  /// The function after each hidden layer.
  public var activation = Activation.relu

  /// The normalization.
  public var norm = ModelNormalization.none

  /// Whether square layers are in residual blocks.
  public var isResidual = false

  /// Whether dense layers, and convolutions without a normalization, have biases.
  public var hasBias = true

  /// Makes settings.
  public init(input: ValueShape, width: Int, classCount: Int, depth: Int = 1) {
    self.input = input
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

  /// The names of the weights at the ends of residual branches, which ZerO starts at 0.
  public var branchEnds: [String] = []
}

/// An error for settings that no model can have.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  /// Residual blocks of two layers, and an odd number of layers.
  case oddDepth(Int)

  /// A normalization over a single unit.
  case normalizesOneUnit(String)

  /// A normalization that a family does not have.
  case unsuitableNorm(String, family: String, known: [String])

  /// Channels that do not divide into the groups of a group normalization.
  case groupsDoNotDivide(channels: Int, groups: Int)

  /// A setting that a family does not have.
  case unusedSetting(String, family: String)

  /// Numbers of blocks and of widths that differ, or are not positive.
  case wrongStages(String)

  /// Images that cannot be halved as often as the model does, and the smallest height and width of images that can.
  case imageTooSmall(ValueShape, halvings: Int, smallest: Int)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .oddDepth(let depth):
      "depth is \(depth), but a residual block has two square layers; use an even depth"
    case .normalizesOneUnit(let norm):
      "norm \(norm) of a layer of 1 unit keeps at most its sign; use a larger width or no norm"
    case .unsuitableNorm(let norm, let family, let known):
      "model \(family) has no norm \(norm); use \(known.joined(separator: " or ")), or another model"
    case .groupsDoNotDivide(let channels, let groups):
      "norm group needs numbers of channels that are multiples of \(groups), and \(channels) is not; use another width or norm layer"
    case .unusedSetting(let key, let family):
      "model \(family) does not use \(key); omit it"
    case .wrongStages(let reason): reason
    case .imageTooSmall(let image, let halvings, let smallest):
      "images of \(image.height) x \(image.width) pixels are too small to be halved \(halvings) times; "
        + "use at least \(smallest) x \(smallest) pixels, or fewer stages (--blocks)"
    }
  }
}

/// A kind of model with its name.
public struct ModelFamily: Sendable {
  /// The name in experiments and on the command line.
  public let name: String

  /// A one-line description for listings.
  public let summary: String

  /// The width of a model for which none is given; `nil` if one must be.
  public let width: Int?

  /// The normalization of a model for which none is given.
  public let norm: ModelNormalization

  /// The height and width of its images where no data tells them.
  public let imageSide: Int

  private let make: @Sendable (ModelSettings) throws(ModelError) -> Model

  init(
    name: String, summary: String, width: Int? = nil, norm: ModelNormalization = .none,
    imageSide: Int = 28,
    make: @escaping @Sendable (ModelSettings) throws(ModelError) -> Model
  ) {
    (self.name, self.summary, self.width, self.norm) = (name, summary, width, norm)
    (self.imageSide, self.make) = (imageSide, make)
  }

  /// The families, in the order of listings.
  public static let catalog =
    [
      ModelFamily(
        name: "mlp",
        summary:
          "multilayer perceptron n_x, n_x, n_h, ..., n_h, n_y, plain or with residual blocks",
        make: Model.mlp),
      ModelFamily(
        name: "cnn",
        summary: "convolutions of 3 x 3 in stages with pooling, without residual blocks",
        width: 32, make: Model.cnn),
    ] + ModelFamily.residualNetworks

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
