// What becomes of a tensor.

public import Initializers

/// The new values of a tensor of a model.
public indirect enum Treatment: Hashable, Sendable {
  /// The initializer's weight of a dense layer: Algorithm 1 of the ZerO paper, for ZerO. The taps of a kernel count
  /// as inputs, which suits a convolution that cuts a picture into patches.
  case matrix

  /// The initializer's kernel of a convolution: Algorithm 2, for ZerO. Of a grouped convolution, whose file has
  /// the inputs of one group, it is the kernel of that shape.
  case convolution

  /// The partial identity, in the center of a kernel; of a depthwise convolution's, only the first output passes.
  case identity

  /// 0 everywhere.
  case zeros

  /// 1 everywhere.
  case ones

  /// The values of the file, bit for bit.
  case keep

  /// Square weights of several layers in one, the outputs of the first layer first: Q, K and V.
  case stacked([Treatment])

  /// Weights of equal shape in one, by the initializer, outputs after outputs: the gates of a recurrent layer.
  case matrices(Int)

  /// The norms of the slices of a weight that is normalized, g in W = g·v/|v|.
  case norms

  /// Whether a tensor of some extents can be treated so.
  ///
  /// - Parameters:
  ///   - shape: The extents of the stored tensor.
  ///   - layout: Where outputs and inputs are among them.
  /// - Returns: `false` for what has no outputs and inputs, or none of the right number.
  public func fits(_ shape: [Int], layout: TensorLayout) -> Bool {
    switch self {
    case .keep, .zeros, .ones, .norms: return true
    case .matrix, .identity: return (2...5).contains(shape.count) && !shape.contains(0)
    case .convolution: return (3...5).contains(shape.count) && !shape.contains(0)
    case .stacked(let parts):
      guard shape.count == 2, !shape.contains(0) else { return false }
      let extents = layout.torchExtents(of: shape)
      return extents[0] == parts.count * extents[1]
    case .matrices(let count):
      return shape.count == 2 && !shape.contains(0)
        && layout.torchExtents(of: shape)[0].isMultiple(of: count)
    }
  }

  /// Whether it matters where outputs and inputs are.
  var hasLayout: Bool {
    switch self {
    case .matrix, .convolution, .identity, .stacked, .matrices: true
    case .zeros, .ones, .keep, .norms: false
    }
  }

  /// Whether values of a type can be so.
  ///
  /// - Parameters:
  ///   - type: As a safetensors file names it.
  ///   - isFloatingPoint: Whether it is a floating-point type that can be written.
  /// - Returns: For integers, whether the treatment needs no numbers but 0.
  func suits(type: String, isFloatingPoint: Bool) -> Bool {
    switch self {
    case .keep: true
    // Bits that are all 0 are the number 0 in every type but this one, of powers of two alone.
    case .zeros: type != "F8_E8M0"
    default: isFloatingPoint
    }
  }

  /// The treatment in a few words.
  ///
  /// - Parameter initializer: What the initializer is called.
  /// - Returns: For example `ZerO, matrix`.
  public func text(_ initializer: String) -> String {
    switch self {
    case .matrix, .convolution, .matrices: "\(initializer), \(name)"
    case .identity, .zeros, .ones, .keep, .norms: name
    case .stacked(let parts): parts.map { $0.text(initializer) }.joined(separator: " | ")
    }
  }

  /// The treatment in a word, whatever the initializer.
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

  /// What a tensor becomes, in a sentence.
  func noun(_ initializer: String) -> String {
    switch self {
    case .matrix: "a matrix by \(initializer)"
    case .convolution: "a convolution kernel by \(initializer)"
    case .identity: "an identity"
    case .zeros, .ones: name
    case .keep: "what it is"
    case .stacked, .matrices: "several weights in one (\(text(initializer)))"
    case .norms: "the norms of a weight"
    }
  }

  /// What a tensor must be to be treated so, in a sentence.
  var need: String {
    switch self {
    case .stacked(let parts):
      "a matrix of \(parts.count) x as many outputs as inputs; --identity gives the first outputs the identity and "
        + "the others 0"
    case .convolution: "a convolution kernel; name another tensor"
    default: "a matrix or a convolution kernel; name another tensor"
    }
  }

  /// The same weight by the initializer alone, where the rules of a family have another value for it.
  ///
  /// - Parameters:
  ///   - shape: Of the stored tensor.
  ///   - layout: Where outputs and inputs are.
  /// - Returns: Itself for what is no weight of a layer.
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
