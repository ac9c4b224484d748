// The new values of a tensor.

public import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness
import ZerORequirements

/// The new values of a tensor of a model.
public indirect enum Treatment: Hashable, Sendable {
  /// The initializer's weight for a dense layer; for ZerO, Algorithm 1 of the paper. The taps of a
  /// kernel count as inputs, which suits patch embeddings.
  case matrix

  /// The initializer's convolution kernel; for ZerO, Algorithm 2. The kernel of a grouped
  /// convolution has the shape in the file, with the inputs of one group.
  case convolution

  /// The partial identity, at the center tap of a kernel; in a depthwise kernel, only the first
  /// output is not 0.
  case identity

  /// All values 0.
  case zeros

  /// All values 1.
  case ones

  /// The file's values, bit for bit.
  case keep

  /// Square weights of several layers, concatenated along the outputs: Q, K and V.
  case stacked([Treatment])

  /// Weights of equal shape by the initializer, concatenated along the outputs: the gates of a
  /// recurrent layer.
  case matrices(Int)

  /// The norms g of the slices of a normalized weight W = g·v/|v|.
  case norms

  /// Whether the treatment fits a shape.
  ///
  /// - Parameters:
  ///   - shape: The dimensions of the stored tensor.
  ///   - layout: Their layout.
  /// - Returns: `false` if the tensor has no outputs and inputs, or a wrong number of them.
  public func fits(_ shape: [Int], layout: TensorLayout) -> Bool {
    switch self {
    case .keep, .zeros, .ones, .norms: return true
    case .matrix, .identity: return (2...5).contains(shape.count) && !shape.contains(0)
    case .convolution: return (3...5).contains(shape.count) && !shape.contains(0)
    case .stacked(let parts):
      guard shape.count == 2, !shape.contains(0) else { return false }
      let dimensions = layout.torchShape(of: shape)
      return dimensions[0] == parts.count * dimensions[1]
    case .matrices(let count):
      return shape.count == 2 && !shape.contains(0)
        && layout.torchShape(of: shape)[0].isMultiple(of: count)
    }
  }

  /// Whether the values depend on the layout.
  var hasLayout: Bool {
    switch self {
    case .matrix, .convolution, .identity, .stacked, .matrices: true
    case .zeros, .ones, .keep, .norms: false
    }
  }

  /// Whether the treatment fits a type.
  ///
  /// - Parameters:
  ///   - type: The type's name in the safetensors format.
  ///   - isFloatingPoint: Whether it is a floating-point type that can be written.
  /// - Returns: For integers, whether the treatment needs no value other than 0.
  func suits(type: String, isFloatingPoint: Bool) -> Bool {
    switch self {
    case .keep: true
    // All bits 0 are the number 0 in every type but F8_E8M0, which represents only powers of two.
    case .zeros: type != "F8_E8M0"
    default: isFloatingPoint
    }
  }

  /// The treatment in a few words.
  ///
  /// - Parameter initializer: The initializer's name.
  /// - Returns: For example `ZerO, matrix`.
  public func text(_ initializer: String) -> String {
    switch self {
    case .matrix, .convolution, .matrices: "\(initializer), \(name)"
    case .identity, .zeros, .ones, .keep, .norms: name
    case .stacked(let parts): parts.map { $0.text(initializer) }.joined(separator: " | ")
    }
  }

  /// The treatment in one word, without the initializer.
  var name: String {
    switch self {
    case .matrix: "matrix"
    case .convolution: "convolution"
    case .identity: "identity"
    case .zeros: "zeros"
    case .ones: "ones"
    case .keep: "keep"
    case .stacked(let parts): parts.map(\.name).joined(separator: " | ")
    case .matrices(let count): "\(count) matrices"
    case .norms: "norms"
    }
  }

  /// The treatment as a noun phrase that completes "can't become …".
  func nounPhrase(_ initializer: String) -> String {
    switch self {
    case .matrix: "a matrix by \(initializer)"
    case .convolution: "a convolution kernel by \(initializer)"
    case .identity: "an identity"
    case .zeros, .ones: name
    case .keep: "its own values"
    case .stacked, .matrices: "several weights in one (\(text(initializer)))"
    case .norms: "the norms of a weight"
    }
  }

  /// The required shape as a noun phrase that completes "that requires …".
  var need: String {
    switch self {
    case .stacked(let parts):
      "a matrix with \(parts.count) times as many outputs as inputs; --identity sets the first outputs to the identity "
        + "and the others to 0"
    case .convolution: "a convolution kernel; name another tensor"
    default: "a matrix or a convolution kernel; name another tensor"
    }
  }

  /// The initializer's own treatment of a weight that a family's rules set to the identity or 0.
  ///
  /// - Parameters:
  ///   - shape: The dimensions of the stored tensor.
  ///   - layout: Their layout.
  /// - Returns: The same treatment if the tensor is not the weight of a layer.
  func plain(_ shape: [Int], layout: TensorLayout) -> Treatment {
    let weight: Treatment
    switch self {
    case .identity, .zeros: weight = shape.count > 2 ? .convolution : .matrix
    case .stacked(let parts): weight = .matrices(parts.count)
    case .matrix, .convolution, .ones, .keep, .matrices, .norms: return self
    }
    return weight.fits(shape, layout: layout) ? weight : self
  }
}

extension Treatment {
  /// Checks that an initializer supports a shape, without generating the values.
  ///
  /// - Parameters:
  ///   - dimensions: In PyTorch's order; they fit the treatment.
  ///   - initializer: The initializer.
  /// - Throws: `InitializationError` if it doesn't.
  func check(_ dimensions: [Int], by initializer: any Initializer) throws(InitializationError) {
    switch self {
    case .matrix: try initializer.check(Self.flattened(dimensions))
    case .convolution: try initializer.check(Self.kernel(dimensions).tap)
    case .identity, .zeros, .ones, .keep, .norms: return
    case .stacked(let parts):
      for part in parts { try part.check([dimensions[1], dimensions[1]], by: initializer) }
    case .matrices(let count):
      try initializer.check(WeightShape(outputs: dimensions[0] / count, inputs: dimensions[1]))
    }
  }

  /// Generates the values in PyTorch's order.
  ///
  /// - Parameters:
  ///   - dimensions: In PyTorch's order; they fit the treatment.
  ///   - initializer: The initializer.
  ///   - streams: The source of random draws.
  /// - Returns: As many values as the product of the dimensions.
  /// - Precondition: The treatment is neither `keep` nor `norms`.
  /// - Throws: `InitializationError` if the initializer doesn't support the shape.
  func values(
    _ dimensions: [Int], by initializer: any Initializer, using streams: inout RandomStreams
  ) throws(InitializationError) -> ContiguousArray<Float> {
    switch self {
    case .matrix:
      return try initializer.weight(Self.flattened(dimensions), using: &streams).elements
    case .convolution:
      return try initializer.kernel(Self.kernel(dimensions), using: &streams)
    case .identity:
      let partialIdentity = PartialIdentity()
      guard dimensions.count > 2 else {
        return try partialIdentity.weight(Self.flattened(dimensions), using: &streams).elements
      }
      return try partialIdentity.kernel(Self.kernel(dimensions), using: &streams)
    case .zeros: return ContiguousArray(repeating: 0, count: dimensions.reduce(1, *))
    case .ones: return ContiguousArray(repeating: 1, count: dimensions.reduce(1, *))
    case .keep, .norms: requirementFailure("values of a tensor that has others (\(name))")
    case .stacked(let parts):
      var values: ContiguousArray<Float> = []
      for part in parts {
        values += try part.values([dimensions[1], dimensions[1]], by: initializer, using: &streams)
      }
      return values
    case .matrices(let count):
      let shape = WeightShape(outputs: dimensions[0] / count, inputs: dimensions[1])
      var values: ContiguousArray<Float> = []
      for _ in 0..<count { values += try initializer.weight(shape, using: &streams).elements }
      return values
    }
  }

  private static func flattened(_ dimensions: [Int]) -> WeightShape {
    WeightShape(outputs: dimensions[0], inputs: dimensions.dropFirst().reduce(1, *))
  }

  private static func kernel(_ dimensions: [Int]) -> KernelShape {
    KernelShape(outputs: dimensions[0], inputs: dimensions[1], kernelSize: Array(dimensions[2...]))
  }
}
