/// A fully connected layer, y = W·x + b.
///
/// W is outputs × inputs, as in PyTorch's `nn.Linear`.
public struct Dense: Operation {
  /// m, the number of outputs.
  public let outputs: Int

  /// Whether b is there.
  public let hasBias: Bool

  /// Makes a layer of m outputs.
  public init(outputs: Int, hasBias: Bool) {
    self.outputs = outputs
    self.hasBias = hasBias
  }

  /// m.
  public func output(of inputs: [ValueShape]) -> ValueShape { ValueShape(units: outputs) }

  /// `weight`, and `bias` if there is one.
  public func parameters(of inputs: [ValueShape]) -> [OperationParameter] {
    let shape = [outputs, inputs[0].features]
    return [OperationParameter(name: "weight", shape: shape, role: .weight)]
      + (hasBias ? [OperationParameter(name: "bias", shape: [outputs], role: .bias)] : [])
  }

  /// The outputs are new units.
  public func keepsUnits(of inputs: [ValueShape]) -> Bool { false }

  /// The same layer with another number of outputs.
  public func resized(to outputs: Int) -> Dense { Dense(outputs: outputs, hasBias: hasBias) }

  /// 2·m·n.
  public func operationsPerProduct(of inputs: [ValueShape]) -> Double {
    2 * Double(outputs) * Double(inputs[0].features)
  }
}
