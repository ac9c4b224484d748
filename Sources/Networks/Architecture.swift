// The shape of the notebook's network.

public import Initializers

/// The layer sizes of the notebook's multilayer perceptron: n_x → n_x → n_h → n_h → n_y.
///
/// The second layer widens the input to n_h; the third, square one is where training degeneracy is
/// looked for.
public struct Architecture: Hashable, Sendable {
  /// n_x, the number of pixels.
  public let inputDimension: Int

  /// n_h, the number of hidden units.
  public let width: Int

  /// n_y, the number of classes.
  public let classCount: Int

  /// The layer whose rank is measured, counted from 0: `l3`.
  public static let measuredLayer = 2

  /// Makes an architecture of three positive sizes.
  public init(inputDimension: Int, width: Int, classCount: Int) {
    precondition(
      inputDimension > 0 && width > 0 && classCount > 0,
      "a network of \(inputDimension), \(width) and \(classCount) units")
    self.inputDimension = inputDimension
    self.width = width
    self.classCount = classCount
  }

  /// The shapes of the weights, first layer first.
  public var weightShapes: [WeightShape] {
    let sizes = [inputDimension, inputDimension, width, width, classCount]
    return zip(sizes, sizes.dropFirst()).map { WeightShape(outputs: $1, inputs: $0) }
  }

  /// The name of a layer, counted from 0, as in the notebook's PyTorch model: `l1` and so on.
  public static func layerName(_ index: Int) -> String { "l\(index + 1)" }
}
