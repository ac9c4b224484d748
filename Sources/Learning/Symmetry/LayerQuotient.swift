// One layer of a quotient network: reduction to classes, and expansion to all units.

public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism

/// A layer in which each class of identical units is one unit; see ``NetworkQuotient``.
public struct LayerQuotient<Scalar: MatrixScalar>: Sendable {
  /// The whole layer before training.
  public let start: InitialLayer<Scalar>

  /// The layer before training after reduction: W̃₀ and b̃₀.
  public let reduced: InitialLayer<Scalar>

  /// How identical units are represented.
  enum Representation: Sendable {
    /// Each class is one unit.
    case merged(below: MembershipMatrix, above: MembershipMatrix)

    /// The layer has neither identical nor dead units.
    case trivial

    /// Every unit is stored; the classes at both ends, if known.
    case separate(classes: (below: UnitClasses, above: UnitClasses)?)
  }

  let representation: Representation

  /// m, the number of outputs of the whole layer.
  public var rows: Int { start.outputs }

  /// n, the number of inputs of the whole layer.
  public var columns: Int { start.inputs }

  init(reducing layer: InitialLayer<Scalar>, below: UnitClasses, above: UnitClasses) {
    let (inputs, outputs) = (MembershipMatrix(below), MembershipMatrix(above))
    start = layer
    guard !inputs.isTrivial || !outputs.isTrivial else {
      (reduced, representation) = (layer, .trivial)
      return
    }
    representation = .merged(below: inputs, above: outputs)
    reduced = InitialLayer(
      weight: Self.reducedWeight(layer.weight, inputs, outputs),
      bias: layer.bias.map { bias in
        ContiguousArray(
          zip(outputs.firsts, outputs.lengths).map { unit, length in
            Scalar(Double(bias[unit]) * length)
          })
      },
      activation: layer.activation)
  }

  /// Keeps every unit of a layer.
  ///
  /// - Parameters:
  ///   - layer: The layer before training.
  ///   - classes: The classes at both ends, which `copyDistance(in:team:)` needs.
  public init(
    unreduced layer: InitialLayer<Scalar>, classes: (below: UnitClasses, above: UnitClasses)? = nil
  ) {
    (start, reduced, representation) = (layer, layer, .separate(classes: classes))
  }

  /// W̃₀[c, d] = √(size of c / size of d) · Σ W₀[i, j] over all j in d, for any i in c.
  private static func reducedWeight(
    _ weight: InitialLayer<Scalar>.Weight, _ inputs: MembershipMatrix, _ outputs: MembershipMatrix
  ) -> InitialLayer<Scalar>.Weight {
    if case .identity = weight, inputs == outputs, inputs.hasLiveUnits {
      return .identity(inputs.count)
    }
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

  /// W̃ − W̃₀; padded with zeros, its singular values equal the singular values of W − W₀.
  ///
  /// - Parameters:
  ///   - weight: W̃.
  ///   - team: The threads that share the work.
  /// - Returns: K × L.
  public func change(of weight: Matrix<Scalar>, team: ThreadTeam = .alone) -> Matrix<Double> {
    var change = Matrix<Double>(weight, team: team)
    switch reduced.weight {
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
    guard case .merged(let below, let above) = representation else { return weight }
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
    guard case .merged(_, let above) = representation, let bias, let start = start.bias,
      let before = reduced.bias
    else { return bias }
    return ContiguousArray(
      start.indices.map { unit in
        guard let row = above.classOfUnit[unit] else { return start[unit] }
        let change = Double(bias[row]) - Double(before[row])
        return Scalar(Double(start[unit]) + change / above.lengths[row])
      })
  }
}

/// The membership matrix of a level: one row per unit, one column per class.
struct MembershipMatrix: Equatable, Sendable {
  /// The class of each unit; `nil` for a dead unit.
  let classOfUnit: [Int?]

  /// The first unit of each class.
  let firsts: [Int]

  /// The Euclidean norm of each column, √size.
  let lengths: [Double]

  /// The number of columns.
  var count: Int { firsts.count }

  /// Whether every unit is a live class of its own.
  let isTrivial: Bool

  /// Whether any unit is live.
  var hasLiveUnits: Bool { firsts.first.map { classOfUnit[$0] != nil } ?? false }

  init(_ classes: UnitClasses) {
    classOfUnit = classes.classOfUnit
    isTrivial = classes.count == classes.unitCount
    guard classes.count > 0 else {
      // A level without live units keeps one unit without inputs: a level cannot be empty.
      (firsts, lengths) = ([0], [1])
      return
    }
    firsts = classes.representatives
    lengths = classes.multiplicities.map { Double($0).squareRoot() }
  }
}
