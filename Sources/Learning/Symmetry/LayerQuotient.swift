// One layer of a quotient: folding it and unfolding it.

public import LinearAlgebra
public import Networks
public import Parallelism

/// A layer of which copies are one unit each; see ``NetworkQuotient``.
public struct LayerQuotient<Scalar: MatrixScalar>: Sendable {
  /// The layer before it was folded.
  public let start: InitialLayer<Scalar>

  /// The layer before training, folded: W̃₀ and b̃₀.
  public let folded: InitialLayer<Scalar>

  /// What became of copies.
  enum Copies: Sendable {
    /// They are one unit each.
    case folded(below: Fold, above: Fold)

    /// There are none, and no dead units.
    case none

    /// Each is a unit of its own; the classes at the two ends, where anybody asked for them.
    case kept(classes: (below: UnitClasses, above: UnitClasses)?)
  }

  let copies: Copies

  /// The outputs of the whole layer, m.
  public var rows: Int { start.outputs }

  /// The inputs of the whole layer, n.
  public var columns: Int { start.inputs }

  init(folding layer: InitialLayer<Scalar>, below: UnitClasses, above: UnitClasses) {
    let (inputs, outputs) = (Fold(below), Fold(above))
    start = layer
    guard !inputs.isTrivial || !outputs.isTrivial else {
      (folded, copies) = (layer, .none)
      return
    }
    copies = .folded(below: inputs, above: outputs)
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
  ///   - classes: Those at its two ends, for `copyDistance(in:team:)`.
  public init(
    unfolded layer: InitialLayer<Scalar>, classes: (below: UnitClasses, above: UnitClasses)? = nil
  ) {
    (start, folded, copies) = (layer, layer, .kept(classes: classes))
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
  ///   - team: Shares the work.
  /// - Returns: K × L.
  public func change(of weight: Matrix<Scalar>, team: ThreadTeam = .alone) -> Matrix<Double> {
    var change = Matrix<Double>(weight, team: team)
    switch folded.weight {
    case .identity: change.subtractIdentity()
    case .matrix(let start): change.subtract(start, team: team)
    }
    return change
  }

  /// W = W₀ + P̄·(W̃ − W̃₀)·Q̄ᵀ.
  ///
  /// - Parameter weight: W̃.
  /// - Returns: m × n.
  public func expandedWeight(_ weight: Matrix<Scalar>) -> Matrix<Scalar> {
    guard case .folded(let below, let above) = copies else { return weight }
    let change = change(of: weight)
    return Matrix(rows: rows, columns: columns) { i, j in
      let initial: Scalar =
        switch start.weight {
        case .identity: i == j ? 1 : 0
        case .matrix(let weight): weight[i, j]
        }
      guard let row = above.classOfUnit[i], let column = below.classOfUnit[j] else {
        return initial
      }
      return Scalar(
        Double(initial) + change[row, column] / (above.lengths[row] * below.lengths[column]))
    }
  }

  /// b = b₀ + P̄·(b̃ − b̃₀).
  ///
  /// - Parameter bias: b̃, or `nil`.
  /// - Returns: m values, or `nil`.
  public func expandedBias(_ bias: ContiguousArray<Scalar>?) -> ContiguousArray<Scalar>? {
    guard case .folded(_, let above) = copies, let bias, let start = start.bias,
      let before = folded.bias
    else { return bias }
    return ContiguousArray(
      start.indices.map { unit in
        guard let row = above.classOfUnit[unit] else { return start[unit] }
        let change = Double(bias[row]) - Double(before[row])
        return Scalar(Double(start[unit]) + change / above.lengths[row])
      })
  }
}
