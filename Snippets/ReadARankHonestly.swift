// How the rank of a trained weight depends on tolerance and precision: swift run ReadARankHonestly RUN, where RUN is
// the folder of a run from partial identity with its model. The guide of the same name shows this file part by part.

import Foundation
import ZerOLab

// snippet.change
let path = CommandLine.arguments[1] + "/model.safetensors"
let file = try SafetensorsFile(path: path)
var change = Matrix<Double>(repeating: 0, rows: 0, columns: 0)
for tensor in file.tensors where tensor.name == "l3.weight" {
  change = try tensor.matrix(rows: tensor.shape[0], columns: tensor.shape[1])
}
change.subtractIdentity()
// snippet.end

// snippet.tolerances
let spectrum = Spectrum(try change.singularValues())
for tolerance in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6] {
  print("above \(tolerance): \(spectrum.rank(above: tolerance).rank)")
}
// snippet.end

// snippet.margin
let rank = spectrum.rank(above: NumericalRank.notebookTolerance)
print(
  "counted down to \(threeDigits(rank.smallestAbove ?? 0)),",
  "not counted from \(threeDigits(rank.largestBelow ?? 0))")
// snippet.end

// snippet.numPy
let largest = spectrum.values[0]
let dimension = Double(max(change.rows, change.columns))
let epsilons = [Double.ulpOfOne, Double(Float.ulpOfOne)]
for (type, epsilon) in zip(["float64", "float32"], epsilons) {
  let tolerance = largest * dimension * epsilon
  let count = spectrum.rank(above: tolerance).rank
  print("numpy's own for \(type): τ = \(threeDigits(tolerance)), \(count)")
}
// snippet.end

// snippet.single
// 192 singular values of this matrix are exactly 0. In exact arithmetic
// rotations do not change them; here each rounds to single precision.
let thin = Matrix<Double>(rows: change.rows, columns: change.columns) {
  $1 < 64 ? change[$0, $1] : 0
}
var streams = RandomStreams(seed: 0)
let square = WeightShape(outputs: change.rows, inputs: change.rows)
let rotation = try Orthogonal().weight(square, using: &streams)
for size in [1.0, 1000.0] {
  let large = Matrix<Double>(rows: thin.rows, columns: thin.columns) {
    size * thin[$0, $1]
  }
  let expected = Spectrum(try large.singularValues())
  var single = Matrix<Float>(large)
  for _ in 0..<100 { single = rotation * single * rotation.transposed }
  let found = Spectrum(try Matrix<Double>(single).singularValues())
  let errors = zip(found.values, expected.values).map { abs($0 - $1) }
  print(
    "σ₁ = \(threeDigits(expected.values[0])):",
    "off by \(threeDigits(errors.max() ?? 0)),",
    "\(found.rank(above: 1e-4).rank) above 1e-4",
    "instead of \(expected.rank(above: 1e-4).rank)")
}
// snippet.end

// snippet.others
for quantity in SpectralQuantity.catalog {
  let value = quantity.value(of: spectrum, tolerance: 1e-4)
  print(quantity.key, threeDigits(value))
}
// snippet.end

// snippet.bias
let biases = [Double](repeating: 0.01, count: change.rows)
let bias = singularValuesOfBroadcastMinusIdentity(biases)
print(bias.prefix(3).map(threeDigits), "…", threeDigits(bias[change.rows - 1]))
// snippet.end

/// Formats a number with three significant digits.
func threeDigits(_ number: Double) -> String { String(format: "%.3g", number) }
