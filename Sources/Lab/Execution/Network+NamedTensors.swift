// A network's parameters as files name them.

public import Checkpoints
public import LinearAlgebra
public import Networks

extension Network<Float> {
  /// The parameters under PyTorch's names, `l1.weight`, `l1.bias` and so on.
  public var namedTensors: [NamedTensor] {
    layers.enumerated().flatMap { index, layer in
      let name = Architecture.layerName(index)
      let weight = NamedTensor(name: "\(name).weight", matrix: layer.weight)
      return [weight] + (layer.bias.map { [NamedTensor(name: "\(name).bias", vector: $0)] } ?? [])
    }
  }
}
