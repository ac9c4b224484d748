// One layer of a quotient: folding and unfolding.

public import LinearAlgebra
public import Networks
public import Parallelism

/// A layer of which copies are one unit each; see ``NetworkQuotient``.
public struct LayerQuotient<Scalar: MatrixScalar>: Sendable {
  /// The layer before it was folded.
  public let start: InitialLayer<Scalar>

  /// The layer before training, folded: W̃₀ and b̃₀.
  public let folded: InitialLayer<Scalar>

  /// The classes at the two ends; `nil` where nothing was folded.
  private let ends: (below: Fold, above: Fold)?

  /// The same of a layer whose copies are each for itself, so that one can see how far they part; `nil` where
  /// nobody asked.
  private let copies: (below: UnitClasses, above: UnitClasses)?

  /// Whether every unit is the only one of its class, folded or not.
  private let isWithoutCopies: Bool

  /// The outputs of the whole layer, m.
  public var rows: Int { start.outputs }

  /// The inputs of the whole layer, n.
  public var columns: Int { start.inputs }

  init(folding layer: InitialLayer<Scalar>, below: UnitClasses, above: UnitClasses) {
    let (inputs, outputs) = (Fold(below), Fold(above))
    start = layer
    copies = nil
    isWithoutCopies = true
    guard !inputs.isTrivial || !outputs.isTrivial else {
      (folded, ends) = (layer, nil)
      return
    }
    ends = (inputs, outputs)
    folded = InitialLayer(
      weight: Self.foldedWeight(layer.weight, inputs, outputs),
      bias: layer.bias.map { bias in
        ContiguousArray(
          zip(outputs.firsts, outputs.lengths).map { unit, length in
            Scalar(Double(bias[unit]) * length)
          })
      },
      activation: layer.activation)
  }

  /// Takes a layer as it is.
  ///
  /// - Parameters:
  ///   - layer: The layer before training.
  ///   - copies: The classes at its two ends, for `copyDistance(in:crew:)`.
  public init(
    unfolded layer: InitialLayer<Scalar>, copies: (below: UnitClasses, above: UnitClasses)? = nil
  ) {
    (start, folded, ends) = (layer, layer, nil)
    self.copies = copies
    isWithoutCopies = false
  }

  /// W̃₀[c, d] = √(size of c / size of d) · Σ W₀[i, j] over the j of d, for any i of c.
  private static func foldedWeight(
    _ weight: InitialLayer<Scalar>.Weight, _ inputs: Fold, _ outputs: Fold
  ) -> InitialLayer<Scalar>.Weight {
    if case .identity = weight, inputs == outputs, inputs.isAlive { return .identity(inputs.count) }
    var sums = Matrix<Double>(repeating: 0, rows: outputs.count, columns: inputs.count)
    for (row, unit) in outputs.firsts.enumerated() where outputs.classOfUnit[unit] != nil {
      switch weight {
      case .identity:
        if let column = inputs.classOfUnit[unit] { sums[row, column] = 1 }
      case .matrix(let weight):
        for j in 0..<weight.columns {
          guard let column = inputs.classOfUnit[j] else { continue }
          sums[row, column] += Double(weight[unit, j])
        }
      }
    }
    return .matrix(
      Matrix<Scalar>(rows: outputs.count, columns: inputs.count) { row, column in
        Scalar(sums[row, column] * outputs.lengths[row] / inputs.lengths[column])
      })
  }

  /// W̃ − W̃₀: its singular values, and zeros, are those of W − W₀.
  ///
  /// - Parameters:
  ///   - weight: W̃.
  ///   - crew: Shares the work.
  /// - Returns: K × L.
  public func change(of weight: Matrix<Scalar>, crew: Crew = .alone) -> Matrix<Double> {
    var change = Matrix<Double>(weight, crew: crew)
    switch folded.weight {
    case .identity: change.subtractIdentity()
    case .matrix(let start): change.subtract(start, crew: crew)
    }
    return change
  }

  /// How far rounding has brought copies apart.
  ///
  /// ```
  /// max |(W − W₀)[i, j] − (W − W₀)[k, l]|,   k and l the first units of the classes of i and j
  /// ```
  ///
  /// and |W − W₀| where a unit is dead; 0 in exact arithmetic, and in a folded layer.
  ///
  /// - Parameters:
  ///   - weight: W̃.
  ///   - crew: Shares the work.
  /// - Returns: `nil` for a layer that is neither folded nor knows its classes; a NaN where W holds one.
  /// - Complexity: O(m·n).
  public func copyDistance(in weight: Matrix<Scalar>, crew: Crew = .alone) -> Double? {
    guard !isWithoutCopies else { return 0 }
    guard let copies else { return nil }
    let change = change(of: weight, crew: crew)
    let representatives = (0..<columns).map { copies.below.representative(of: $0) }
    return crew.concatenate(rows) { rows in
      let (all, columns) = (change.elements.span, change.columns)
      return rows.map { i -> Double in
        let first = copies.above.representative(of: i)
        var largest = 0.0
        for j in 0..<columns {
          let element = all[i * columns + j]
          let distance =
            if let first, let other = representatives[j] {
              abs(element - all[first * columns + other])
            } else { abs(element) }
          largest = Self.larger(largest, distance)
        }
        return largest
      }
    }.reduce(0, Self.larger)
  }

  /// The larger of two numbers; a NaN where one is, which `max` may lose.
  private static func larger(_ one: Double, _ other: Double) -> Double {
    one.isNaN || one >= other ? one : other
  }

  /// W = W₀ + P̄·(W̃ − W̃₀)·Q̄ᵀ.
  ///
  /// - Parameter weight: W̃.
  /// - Returns: m × n.
  public func expandedWeight(_ weight: Matrix<Scalar>) -> Matrix<Scalar> {
    guard ends != nil else { return weight }
    let elements = elements(of: weight)
    return Matrix(rows: rows, columns: columns) { elements($0, $1) }
  }

  /// b = b₀ + P̄·(b̃ − b̃₀).
  ///
  /// - Parameter bias: b̃, or `nil`.
  /// - Returns: m values, or `nil`.
  public func expandedBias(_ bias: ContiguousArray<Scalar>?) -> ContiguousArray<Scalar>? {
    guard let ends, let bias, let start = start.bias else { return bias }
    return ContiguousArray(
      start.indices.map { unit in
        ends.above.classOfUnit[unit].map {
          Scalar(Double(bias[$0]) / ends.above.lengths[$0])
        } ?? start[unit]
      })
  }

  /// W as blocks, each with its element of largest magnitude, as `Matrix.blockExtremes(atMost:)` has them.
  ///
  /// - Parameters:
  ///   - weight: W̃.
  ///   - limit: The most rows and columns of the result, at least 1.
  /// - Returns: min(m, limit) × min(n, limit).
  /// - Complexity: O(m·n); of an identity only O(m + K²), K the number of classes.
  public func blockExtremes(of weight: Matrix<Scalar>, atMost limit: Int) -> Matrix<Scalar> {
    guard let ends, case .identity(let size) = start.weight, size > limit else {
      return expandedWeight(weight).blockExtremes(atMost: limit)
    }
    let elements = elements(of: weight)
    // Two units of a class show all that a block has of it: what is beside the diagonal, and what is on it.
    func chosen(_ block: Int, _ fold: Fold) -> [Int] {
      var seen: [Int?: Int] = [:]
      return (block * size / limit..<(block + 1) * size / limit).filter { unit in
        seen[fold.classOfUnit[unit], default: 0] += 1
        return seen[fold.classOfUnit[unit], default: 0] <= 2
      }
    }
    let rows = (0..<limit).map { chosen($0, ends.above) }
    let columns = (0..<limit).map { chosen($0, ends.below) }
    return Matrix(rows: limit, columns: limit) { a, b in
      var extreme: Scalar = 0
      for i in rows[a] {
        for j in columns[b] {
          let element = elements(i, j)
          if abs(element) > abs(extreme) { extreme = element }
        }
      }
      return extreme
    }
  }

  /// The elements of W, by row and column.
  private func elements(of weight: Matrix<Scalar>) -> (Int, Int) -> Scalar {
    let change = change(of: weight)
    let (start, ends) = (start, ends)
    return { i, j in
      let initial: Scalar =
        switch start.weight {
        case .identity: i == j ? 1 : 0
        case .matrix(let weight): weight[i, j]
        }
      guard let ends, let row = ends.above.classOfUnit[i], let column = ends.below.classOfUnit[j]
      else { return initial }
      let lengths = ends.above.lengths[row] * ends.below.lengths[column]
      return Scalar(Double(initial) + change[row, column] / lengths)
    }
  }
}

/// The units of a level as columns of a membership matrix.
private struct Fold: Equatable, Sendable {
  /// The column of each unit; `nil` for a dead one.
  let classOfUnit: [Int?]

  /// The first unit of each class.
  let firsts: [Int]

  /// The length of each class's column, √size.
  let lengths: [Double]

  /// The number of columns.
  var count: Int { firsts.count }

  /// Whether nothing is folded.
  let isTrivial: Bool

  /// Whether any unit is live.
  var isAlive: Bool { firsts.first.map { classOfUnit[$0] != nil } ?? false }

  init(_ classes: UnitClasses) {
    classOfUnit = classes.classOfUnit
    isTrivial = classes.count == classes.unitCount
    guard classes.count > 0 else {
      // A level without live units keeps one that nothing reaches: a network has no level of none.
      (firsts, lengths) = ([0], [1])
      return
    }
    firsts = classes.representatives
    lengths = classes.multiplicities.map { Double($0).squareRoot() }
  }
}
