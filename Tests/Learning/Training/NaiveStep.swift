// The oracle of an update by SGD: every gradient a matrix of its own, every δ by the definition.

import ZerOLinearAlgebra
import ZerONetworks

/// δ of every layer, from the last one's, for a network with ReLU between its layers.
func naiveDeltas<Scalar: MatrixScalar>(
  of network: Network<Scalar>, activations: [Matrix<Scalar>], last: Matrix<Scalar>
) -> [Matrix<Scalar>] {
  var deltas = [last]
  for index in network.layers.indices.dropFirst().reversed() {
    let inputGradient = network.layers[index].weight.transposed * deltas[0]
    deltas.insert(
      Matrix(rows: inputGradient.rows, columns: inputGradient.columns) {
        activations[index][$0, $1] > 0 ? inputGradient[$0, $1] : 0
      }, at: 0)
  }
  return deltas
}

/// W − lr·δ·xᵀ and b − lr·Σδ for every layer.
func naiveStep<Scalar: MatrixScalar>(
  _ network: Network<Scalar>, deltas: [Matrix<Scalar>], activations: [Matrix<Scalar>],
  rate: Scalar
) -> Network<Scalar> {
  var network = network
  for (index, delta) in deltas.enumerated() {
    let gradient = delta * activations[index].transposed
    let old = network.layers[index].weight
    network.layers[index].weight = Matrix(rows: old.rows, columns: old.columns) {
      old[$0, $1] - rate * gradient[$0, $1]
    }
    for unit in 0..<delta.rows {
      for sample in 0..<delta.columns {
        network.layers[index].bias?[unit] -= rate * delta[unit, sample]
      }
    }
  }
  return network
}
