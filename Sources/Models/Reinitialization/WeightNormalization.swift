// Weights that PyTorch's weight normalization stores as a direction and a length.

import Checkpoints

/// A weight W = g·v/|v| as PyTorch stores it: v has W's shape, and g has the dimension 1 on the axes that the norms are
/// taken over.
///
/// g is `NAME_g` and v `NAME_v` (`torch.nn.utils.weight_norm`), or they are `parametrizations.NAME.original0` and
/// `.original1` (`torch.nn.utils.parametrizations.weight_norm`). With v = W and g the norms of W's slices the layer has
/// the weight W. A slice of W that is 0 has g = 0, and v keeps a direction there: 0/0 would be NaN.
///
/// Reference: T. Salimans and D. P. Kingma, "Weight Normalization: A Simple Reparameterization to Accelerate Training of
/// Deep Neural Networks", NeurIPS (2016), arXiv 1602.07868.
struct WeightNormalization: Sendable {
  /// v.
  let direction: StoredTensor

  /// g.
  let length: StoredTensor

  /// The name that W would have in the file.
  let weight: String

  /// The normalized weights of a model.
  ///
  /// - Parameter tensors: The model's.
  /// - Returns: Each one under the names of both of its tensors.
  static func all(among tensors: [StoredTensor]) -> [String: WeightNormalization] {
    let byName = Dictionary(tensors.map { (TensorName($0.name).plain, $0) }) { first, _ in first }
    var found: [String: WeightNormalization] = [:]
    for direction in tensors {
      let name = TensorName(direction.name)
      guard let (weight, lengthName) = name.normalized, let length = byName[lengthName],
        fit(direction: direction, length: length)
      else { continue }
      let pair = WeightNormalization(direction: direction, length: length, weight: weight)
      found[direction.name] = pair
      found[length.name] = pair
    }
    return found
  }

  /// Whether every slice of v has one value of g.
  private static func fit(direction: StoredTensor, length: StoredTensor) -> Bool {
    guard direction.format != nil, length.format != nil, direction.count > 0 else { return false }
    return length.shape.isEmpty
      || length.shape.count == direction.shape.count
        && zip(length.shape, direction.shape).allSatisfy { $0 == 1 || $0 == $1 }
  }

  /// The norms of W's slices.
  ///
  /// - Parameter weight: W in v's order.
  /// - Returns: g, of W as v's type rounds it.
  func lengths(of weight: ContiguousArray<Float>) -> ContiguousArray<Float> {
    ContiguousArray(squaredLengths(of: weight).map { Float($0.squareRoot()) })
  }

  /// W, with a direction where a slice of it is 0: that of the file, or the first axis where that is 0, too.
  ///
  /// - Parameter weight: W in v's order.
  /// - Returns: v.
  /// - Throws: `TensorFileError` where the file can't be read.
  func directions(of weight: ContiguousArray<Float>) throws(TensorFileError)
    -> ContiguousArray<Float>
  {
    let squares = squaredLengths(of: weight)
    guard squares.contains(0) else { return weight }
    let stored = try direction.named().values
    let storedSquares = squaredLengths(of: stored)
    var (directions, isFirst) = (weight, squares.map { $0 == 0 })
    forEachValue { place, slice in
      guard squares[slice] == 0 else { return }
      let isUsable = storedSquares[slice] > 0 && storedSquares[slice].isFinite
      directions[place] = isUsable ? stored[place] : isFirst[slice] ? 1 : 0
      isFirst[slice] = false
    }
    return directions
  }

  private func squaredLengths(of weight: ContiguousArray<Float>) -> [Double] {
    let rounded = direction.format?.rounded(weight) ?? weight
    var squares = [Double](repeating: 0, count: length.count)
    forEachValue { place, slice in squares[slice] += Double(rounded[place]) * Double(rounded[place])
    }
    return squares
  }

  /// The place of every value of v, and of the value of g that is its slice's.
  private func forEachValue(_ body: (_ place: Int, _ slice: Int) -> Void) {
    let shape = direction.shape
    var (steps, step) = ([Int](repeating: 0, count: shape.count), 1)
    for axis in length.shape.indices.reversed() where length.shape[axis] > 1 {
      steps[axis] = step
      step *= length.shape[axis]
    }
    var (index, slice) = ([Int](repeating: 0, count: shape.count), 0)
    for place in 0..<direction.count {
      body(place, slice)
      for axis in shape.indices.reversed() {
        index[axis] += 1
        slice += steps[axis]
        if index[axis] < shape[axis] { break }
        slice -= steps[axis] * shape[axis]
        index[axis] = 0
      }
    }
  }
}
