// An initializer outside the package, from its definition to the rank of W − W₀ after training, at the tolerance
// 1e-4. The guide of the same name shows this file part by part.

import ZerOLab

// snippet.rule
/// Signed identity: unit i reads input i mod n, with a random sign.
///
/// ```
/// W[i, j] = ±τ if j = i mod n, else 0
/// ```
///
/// Its columns are orthogonal, so the singular values are τ·√⌈m/n⌉ and
/// τ·√⌊m/n⌋, the square root of the number of rows that read an input.
struct SignedIdentity: Initializer {
  let scale: Float

  /// Makes the initializer; τ must be finite and positive.
  init(scale: Float) throws(InvalidScale) {
    guard scale.isFinite, scale > 0 else {
      throw InvalidScale(scale: scale)
    }
    self.scale = scale
  }

  func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    let (m, n) = (shape.outputs, shape.inputs)
    var weight = Matrix<Float>(repeating: 0, rows: m, columns: n)
    for i in 0..<m {
      let sign: Float = streams.numPy.integer(below: 2) == 0 ? 1 : -1
      weight[i, i % n] = sign * scale
    }
    return weight
  }
}

/// An error for an invalid τ.
struct InvalidScale: Error, CustomStringConvertible {
  let scale: Float
  var description: String {
    "the scale is \(scale); it must be a finite number above 0"
  }
}
// snippet.end

// snippet.refused
do {
  _ = try SignedIdentity(scale: 0)
} catch {
  print(error)
}
// snippet.end

// snippet.weights
let rule = try SignedIdentity(scale: 1)
let shape = WeightShape(outputs: 10, inputs: 4)
var streams = RandomStreams(seed: 7)
let weight = try rule.weight(shape, using: &streams)

for i in 0..<10 {
  for j in 0..<4 {
    let size: Float = j == i % 4 ? 1 : 0
    precondition(abs(weight[i, j]) == size, "row \(i), column \(j)")
  }
}

var sameSeed = RandomStreams(seed: 7)
let again = try rule.weight(shape, using: &sameSeed)
let next = try rule.weight(shape, using: &streams)
precondition(again == weight, "equal seeds give equal weights")
precondition(next != weight, "the stream advances")

let singularValues = try Matrix<Double>(weight).singularValues()
print(singularValues.map { ($0 * $0).rounded(to: 6) })
// snippet.end

// snippet.data
// 64 images of 4 × 4 pixels: in class 0 the upper half is bright, in
// class 1 the lower half.
let labels = ContiguousArray((0..<64).map { UInt8($0 % 2) })
var noise = RandomStreams(seed: 1)
let pixels = ContiguousArray(
  labels.flatMap { label in
    (0..<16).map { pixel in
      let half = pixel / 8 == Int(label) ? 200 : 20
      return UInt8(half + noise.numPy.integer(below: 50))
    }
  })
let images = try LabeledImages(size: [4, 4], pixels: pixels, labels: labels)
// snippet.end

// snippet.training
let model = Model.notebook(
  inputDimension: 16, width: 32, classCount: 2)
let start = try Network<Float>(
  model.graph, initializer: rule, bias: 0.01, using: &streams)
let trained = NetworkInTraining(
  start, optimizer: SGD(), batchSizes: [images.count])
var workspace = Workspace(for: start, samples: images.count)
let all = Array(0..<images.count)[...]
var losses: [Double] = []

for update in 1...50 {
  images.copyBatch(all, into: &workspace.activations[0])
  trained.forward(&workspace)
  losses.append(workspace.computeLoss(labels: images.labels(of: all)).mean)
  trained.step(rate: 0.1, number: update, &workspace)
}
let network = trained()
let (first, last) = (losses[0].rounded(to: 2), losses[49].rounded(to: 2))
print("loss \(first), after 50 updates \(last)")

let test = network.evaluate(on: images, order: Array(all), batchSize: 64)
print("\(test.correct) of \(test.count) correct")
// snippet.end

// snippet.rank
let quantities = ["rank", "rank_from_start"]
let ranks = try Observation(quantities, from: start).values(of: network)
for quantity in quantities {
  print("\(quantity) of l3: \(ranks[quantity]?["l3.weight"] ?? 0)")
}

var change = Matrix<Double>(network.layers[2].weight)
change.subtract(start.layers[2].weight)
let rank = try NumericalRank(of: change, tolerance: 1e-4)
print("counted down to \(rank.smallestAbove ?? 0)")
print("not counted from \(rank.largestBelow ?? 0)")
// snippet.end

extension Double {
  /// Rounds to a number of decimal places.
  fileprivate func rounded(to places: Int) -> Double {
    var factor = 1.0
    for _ in 0..<places { factor *= 10 }
    return (self * factor).rounded() / factor
  }
}
