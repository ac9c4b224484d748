// The parameters of a network under their names in files.

public import ZerOCheckpoints
public import ZerOLinearAlgebra
public import ZerONetworks

extension Network<Float> {
  /// The parameters under PyTorch's names, `l1.weight`, `l1.bias` and so on.
  public var namedTensors: [NamedTensor] {
    layers.enumerated().flatMap { index, layer in
      let name = LayerName(index: index)
      let weight = NamedTensor(name: name.weight, matrix: layer.weight)
      return [weight] + (layer.bias.map { [NamedTensor(name: name.bias, vector: $0)] } ?? [])
    }
  }

  /// Loads the parameters of a checkpoint.
  ///
  /// - Returns: Whether names and shapes match this network; if not, the network is unchanged.
  mutating func load(_ tensors: [NamedTensor]) -> Bool {
    let values = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let mine = namedTensors
    guard tensors.count == mine.count, mine.allSatisfy({ values[$0.name]?.shape == $0.shape })
    else { return false }
    for index in layers.indices {
      let name = LayerName(index: index)
      if let weight = values[name.weight]?.values {
        layers[index].weight = Matrix(
          rows: layers[index].weight.rows, columns: layers[index].weight.columns, elements: weight)
      }
      if let bias = values[name.bias]?.values { layers[index].bias = bias }
    }
    return true
  }
}
