// Weights under PyTorch's weight normalization, stored as a direction and a length.

import ZerOCheckpoints

/// A normalized weight W = g·v/|v| in PyTorch's format: v has W's shape, and g has size 1 along the
/// dimensions of the norms.
///
/// v and g are `NAME_v` and `NAME_g` (`torch.nn.utils.weight_norm`), or
/// `parametrizations.NAME.original1` and `.original0`
/// (`torch.nn.utils.parametrizations.weight_norm`). With v = W, and g the norms of W's slices, the
/// layer has the weight W. If a slice of W is 0, g is 0 and v keeps a direction, since 0/0 would be
/// NaN.
///
/// Reference: T. Salimans and D. P. Kingma, "Weight Normalization: A Simple Reparameterization to
/// Accelerate Training of Deep Neural Networks", NeurIPS (2016), arXiv 1602.07868.
struct WeightNormalization: Sendable {
  /// The direction v.
  let direction: StoredTensor

  /// The length g.
  let length: StoredTensor

  /// The name of W.
  let weight: String

  /// Finds the normalized weights of a model.
  ///
  /// - Parameter tensors: The model's tensors.
  /// - Returns: Each normalized weight, by the names of both of its tensors.
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

  /// Whether g has one value per slice of v.
  private static func fit(direction: StoredTensor, length: StoredTensor) -> Bool {
    guard direction.format != nil, length.format != nil, direction.count > 0 else { return false }
    return length.shape.isEmpty
      || length.shape.count == direction.shape.count
        && zip(length.shape, direction.shape).allSatisfy { $0 == 1 || $0 == $1 }
  }

  /// The norms of W's slices.
  ///
  /// - Parameter weight: W in v's order.
  /// - Returns: g, for W rounded to v's type.
  func lengths(of weight: ContiguousArray<Float>) -> ContiguousArray<Float> {
    ContiguousArray(squaredLengths(of: weight).map { Float($0.squareRoot()) })
  }

  /// W, with zero slices replaced by the file's direction, or by a unit vector if that is 0 too.
  ///
  /// - Parameter weight: W in v's order.
  /// - Returns: v.
  /// - Throws: `TensorFileError` if the file can't be read.
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

  /// Calls `body` with the index of every value of v and the index of its slice in g.
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
