// The layer sizes of the network, and the names of its parameters.

public import ZerOInitializers
import ZerORequirements

/// The layer sizes of a multilayer perceptron: n_x → n_x → n_h → n_h → n_y, as in the reference
/// notebook, or with more square layers of n_h × n_h.
///
/// The second layer expands the input to n_h. The ranks of the square layers are measured.
public struct Architecture: Hashable, Sendable {
  /// n_x, the number of pixels.
  public let inputDimension: Int

  /// n_h, the number of hidden units.
  public let width: Int

  /// n_y, the number of classes.
  public let classCount: Int

  /// The number of square layers, n_h × n_h; 1 in the reference notebook.
  public let depth: Int

  /// The position of the first measured layer, counted from 0: `l3`.
  ///
  /// This layer and the square layers after it are measured.
  public static let firstMeasuredLayer = 2

  /// Makes an architecture; all sizes must be positive.
  public init(inputDimension: Int, width: Int, classCount: Int, depth: Int = 1) {
    require(
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

  /// The floating-point operations of the matrix products of one update, per sample.
  ///
  /// A weight of m × n costs 2·m·n operations per product. There are three products: W·x forward,
  /// Wᵀ·δ and δ·xᵀ backward. The first layer has two, because its input is data and needs no
  /// gradient. The result is a floating-point number, which cannot overflow.
  public var operationsPerSample: Double {
    weightShapes.enumerated().reduce(0) { sum, layer in
      let products = layer.offset == 0 ? 2.0 : 3
      return sum + products * 2 * Double(layer.element.outputs) * Double(layer.element.inputs)
    }
  }
}

/// The names of a layer and its parameters, as in the reference notebook's PyTorch model.
public struct LayerName: Hashable, Sendable, CustomStringConvertible {
  /// The position of the layer in its network, counted from 0.
  public let index: Int

  /// Names the layer at a position, counted from 0.
  public init(index: Int) { self.index = index }

  /// The name of the layer, for example `l3`.
  public var description: String { "l\(index + 1)" }

  /// The name of the weight, for example `l3.weight`.
  public var weight: String { "\(self).weight" }

  /// The name of the bias, for example `l3.bias`.
  public var bias: String { "\(self).bias" }
}
