// Small random changes of any initializer's weights, chosen by name: `ZerO+1e-6`.

public import ZerOLinearAlgebra
import ZerOMessages
public import ZerORandomness

/// An initializer's weights plus small random ones: W = W₁ + s·R, where R is a weight of `Random`, drawn after W₁.
///
/// R has elements N(0, 2/n), n the fan-in, at every tap of a kernel. The random change makes identical units different, so
/// a run shows from which size s on training can tell them apart.
///
/// A catalog has it under the names of all its entries: `ZerO+1e-6` is ZerO with s = 10⁻⁶. A sum is rounded to single
/// precision, so an element of 1 is unchanged by a change from −3·10⁻⁸ to 6·10⁻⁸; zeros change at any size.
public struct Perturbation: Initializer {
  /// The initializer of W₁.
  public let base: any Initializer

  /// s, above 0 and at most 1.
  public let size: Float

  private let noise = TorchDistribution(.kaiming, .normal)

  /// Makes the initializer.
  ///
  /// - Parameters:
  ///   - base: The initializer of W₁.
  ///   - size: s, above 0 and at most 1.
  public init(base: any Initializer, size: Float) {
    (self.base, self.size) = (base, size)
  }

  /// The memory of W₁, R and their sum.
  public var bytesPerElement: Int { base.bytesPerElement + 8 }

  /// Fails for the shapes for which the initializer of W₁ is undefined.
  ///
  /// - Throws: The error of W₁.
  public func check(_ shape: WeightShape) throws(InitializationError) { try base.check(shape) }

  /// Computes the weight of a dense layer, in O(m·n) and the cost of W₁.
  ///
  /// - Throws: The error of W₁.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    let weight = try base.weight(shape, using: &streams)
    guard weight.rows == shape.outputs, weight.columns == shape.inputs else {
      throw .wrongShape(shape, rows: weight.rows, columns: weight.columns)
    }
    return Matrix(
      rows: weight.rows, columns: weight.columns,
      elements: sum(weight.elements, try noise.weight(shape, using: &streams).elements))
  }

  /// Computes the kernel of a convolution, row-major.
  ///
  /// - Throws: The error of W₁.
  public func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    let kernel = try base.kernel(shape, using: &streams)
    let noise = try noise.kernel(shape, using: &streams)
    guard kernel.count == noise.count else {
      let columns = shape.inputs * shape.taps
      throw .wrongShape(
        WeightShape(outputs: shape.outputs, inputs: columns), rows: kernel.count / columns,
        columns: columns)
    }
    return sum(kernel, noise)
  }

  private func sum(_ values: ContiguousArray<Float>, _ noise: ContiguousArray<Float>)
    -> ContiguousArray<Float>
  {
    ContiguousArray(zip(values, noise).map { $0 + size * $1 })
  }
}

extension Perturbation {
  /// The parts of a name: an entry of a catalog, and the size behind a plus sign; `nil` for the size of a name without one.
  ///
  /// - Parameter name: A name of an initializer, for example `ZerO+1e-6`.
  /// - Returns: The name before the first plus sign, and the text behind it.
  public static func parts(of name: String) -> (base: String, size: String?) {
    guard let plus = name.firstIndex(of: "+") else { return (name, nil) }
    return (String(name[..<plus]), String(name[name.index(after: plus)...]))
  }

  /// The size that a text states: digits, points, minus signs and `e`, because the text is a part of names of folders.
  ///
  /// - Parameter text: The text behind a plus sign, at most 32 bytes.
  /// - Returns: s; `nil` for other characters, and outside of 10⁻³⁷ to 1.
  public static func size(of text: String) -> Float? {
    guard text.utf8.count <= 32,
      text.allSatisfy({ $0.isASCII && ($0.isNumber || "e.-".contains($0)) }),
      let size = Float(text), (1e-37...1).contains(size)
    else { return nil }
    return size
  }

  /// Whether a text may name an initializer: the name of an entry of some catalog, alone or with a size.
  ///
  /// - Parameter name: Any text.
  /// - Returns: `false` for a text that cannot.
  public static func isName(_ name: String) -> Bool {
    let (base, text) = parts(of: name)
    return base.isCatalogName && text.map { size(of: $0) != nil } ?? true
  }
}
