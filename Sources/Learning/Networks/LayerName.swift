/// The names of a layer and its parameters, as in a PyTorch model.
public struct LayerName: Hashable, Sendable, CustomStringConvertible {
  /// The name of the layer, for example `l3`.
  public let description: String

  /// Names a layer.
  public init(_ name: String) { description = name }

  /// The name of the weight, for example `l3.weight`.
  public var weight: String { "\(self).weight" }

  /// The name of the bias, for example `l3.bias`.
  public var bias: String { "\(self).bias" }
}
