// The shape of the notebook's network.

public import Initializers

/// The layer sizes of the notebook's multilayer perceptron: n_x → n_x → n_h → n_h → n_y, or
/// with more square layers of n_h.
///
/// The second layer widens the input to n_h; the square ones are where training degeneracy is looked
/// for.
public struct Architecture: Hashable, Sendable {
  /// n_x, the number of pixels.
  public let inputDimension: Int

  /// n_h, the number of hidden units.
  public let width: Int

  /// n_y, the number of classes.
  public let classCount: Int

  /// The number of square layers, n_h × n_h; the notebook has one.
  public let depth: Int

  /// The first layer whose rank is measured, counted from 0: `l3`.
  ///
  /// It and the square layers after it are measured.
  public static let firstMeasuredLayer = 2

  /// Makes an architecture of positive sizes.
  public init(inputDimension: Int, width: Int, classCount: Int, depth: Int = 1) {
    precondition(
      inputDimension > 0 && width > 0 && classCount > 0 && depth > 0,
      "a network of \(inputDimension), \(width) and \(classCount) units, \(depth) deep")
    self.inputDimension = inputDimension
    self.width = width
    self.classCount = classCount
    self.depth = depth
  }

  /// The shapes of the weights, first layer first.
  public var weightShapes: [WeightShape] {
    let hidden = [Int](repeating: width, count: depth + 1)
    let sizes = [inputDimension, inputDimension] + hidden + [classCount]
    return zip(sizes, sizes.dropFirst()).map { WeightShape(outputs: $1, inputs: $0) }
  }

  /// Floating-point operations of the products of one update, for each of its samples.
  ///
  /// A weight of m × n takes 2·m·n for each product, of which there are three: W·x forward, Wᵀ·δ and δ·xᵀ
  /// backward. The first layer has two: its input is data and has no gradient. In floating point, where a
  /// product of extents can't overflow.
  public var operationsPerSample: Double {
    weightShapes.enumerated().reduce(0) { sum, layer in
      let products = layer.offset == 0 ? 2.0 : 3
      return sum + products * 2 * Double(layer.element.outputs) * Double(layer.element.inputs)
    }
  }

  /// The name of a layer, counted from 0, as in the notebook's PyTorch model: `l1` and so on.
  public static func layerName(_ index: Int) -> String { "l\(index + 1)" }
}
