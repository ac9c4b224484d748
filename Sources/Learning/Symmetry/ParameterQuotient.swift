// One parameter of a quotient network: reduction to classes, and expansion to all units.

public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism

/// A parameter in which each class of identical units is one unit; see ``NetworkQuotient``.
///
/// A vector is a matrix of one column.
public struct ParameterQuotient<Scalar: MatrixScalar>: Sendable {
  /// W₀, the whole parameter before training.
  public let start: InitialParameter<Scalar>

  /// V₀, the parameter before training after reduction.
  public let reduced: InitialParameter<Scalar>

  /// How identical units are represented.
  enum Representation: Sendable {
    /// Each class is one unit.
    case merged(below: MembershipMatrix, above: MembershipMatrix)

    /// The parameter has neither identical nor dead units.
    case trivial

    /// Every unit is stored; the classes at both ends, if known.
    case separate(classes: (below: UnitClasses, above: UnitClasses)?)
  }

  let representation: Representation

  /// m, the number of rows of the whole parameter.
  public var rows: Int { start.rows }

  /// n, the number of columns of the whole parameter.
  public var columns: Int { start.columns }

  init(
    reducing start: InitialParameter<Scalar>, below: UnitClasses, above: UnitClasses, taps: Int = 1
  ) {
    let (inputs, outputs) = (MembershipMatrix(below, taps: taps), MembershipMatrix(above))
    self.start = start
    guard !inputs.isTrivial || !outputs.isTrivial else {
      (reduced, representation) = (start, .trivial)
      return
    }
    representation = .merged(below: inputs, above: outputs)
    reduced = .matrix(Self.blockMeans(of: start, inputs, outputs))
  }

  /// Keeps every unit of a parameter.
  ///
  /// - Parameters:
  ///   - start: The parameter before training.
  ///   - classes: The classes at both ends, which `copyDistance(in:startFactor:team:)` needs.
  public init(
    unreduced start: InitialParameter<Scalar>,
    classes: (below: UnitClasses, above: UnitClasses)? = nil
  ) {
    (self.start, reduced, representation) = (start, start, .separate(classes: classes))
  }

  /// V₀[c, d], the mean of W₀[i, j] over all j in d, for any i in c.
  private static func blockMeans(
    of weight: InitialParameter<Scalar>, _ inputs: MembershipMatrix, _ outputs: MembershipMatrix
  ) -> Matrix<Scalar> {
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
    return Matrix<Scalar>(rows: outputs.count, columns: inputs.count) { row, column in
      Scalar(sums[row, column] / inputs.sizes[column])
    }
  }

  /// V − α·V₀: what the gradients have added to every element of each block of W.
  ///
  /// - Parameters:
  ///   - weight: V.
  ///   - startFactor: α.
  ///   - team: The threads that share the work.
  /// - Returns: K × L.
  func blockChange(
    of weight: Matrix<Scalar>, startFactor: Double, team: ThreadTeam = .alone
  ) -> Matrix<Double> {
    var change = Matrix<Double>(weight, team: team)
    switch reduced {
    case .identity: change.subtractIdentity(times: startFactor)
    case .matrix(let start): change.subtract(start, times: startFactor, team: team)
    }
    return change
  }

  /// √D·(V − α·V₀)·√E, D and E the class sizes; padded with zeros, its singular values equal those of W − α·W₀.
  ///
  /// - Parameters:
  ///   - weight: V.
  ///   - startFactor: α, 1 without weight decay.
  ///   - team: The threads that share the work.
  /// - Returns: K × L.
  public func change(
    of weight: Matrix<Scalar>, startFactor: Double = 1, team: ThreadTeam = .alone
  ) -> Matrix<Double> {
    var change = blockChange(of: weight, startFactor: startFactor, team: team)
    guard case .merged(let below, let above) = representation else { return change }
    change.writeRows(team) { block in
      let (rows, columns) = (block.rows, block.columns)
      block.withMutableElements { elements in
        var position = 0
        for row in rows {
          for column in 0..<columns {
            elements[position] *= above.lengths[row] * below.lengths[column]
            position += 1
          }
        }
      }
    }
    return change
  }

  /// W = α·W₀ + P·(V − α·V₀)·Qᵀ.
  ///
  /// - Parameters:
  ///   - weight: V.
  ///   - startFactor: α, 1 without weight decay.
  /// - Returns: m × n.
  public func expanded(_ weight: Matrix<Scalar>, startFactor: Double = 1) -> Matrix<Scalar> {
    guard case .merged(let below, let above) = representation else { return weight }
    let change = blockChange(of: weight, startFactor: startFactor)
    return Matrix(rows: rows, columns: columns) { i, j in
      let initial: Scalar =
        switch start {
        case .identity: i == j ? 1 : 0
        case .matrix(let weight): weight[i, j]
        }
      let kept = startFactor * Double(initial)
      guard let row = above.classOfUnit[i], let column = below.classOfUnit[j] else {
        return Scalar(kept)
      }
      return Scalar(kept + change[row, column])
    }
  }
}

/// The membership matrix of a level: one row per unit, one column per class.
struct MembershipMatrix: Equatable, Sendable {
  /// The class of each unit; `nil` for a dead unit.
  let classOfUnit: [Int?]

  /// The first unit of each class.
  let firsts: [Int]

  /// The number of units of each class.
  let sizes: [Double]

  /// The Euclidean norm of each column, √size.
  let lengths: [Double]

  /// The number of columns.
  var count: Int { firsts.count }

  /// Whether every unit is a live class of its own.
  let isTrivial: Bool

  /// Makes the matrix of some classes.
  ///
  /// - Parameters:
  ///   - classes: The classes; of a kernel's columns those of its inputs at each tap.
  ///   - taps: The number of taps.
  init(_ classes: UnitClasses, taps: Int = 1) {
    classOfUnit = classes.classOfUnit
    isTrivial = classes.count == classes.unitCount
    guard classes.count > 0 else {
      // A level without live units keeps one unit without inputs: a level cannot be empty.
      firsts = Array(0..<taps)
      sizes = [Double](repeating: 1, count: taps)
      lengths = sizes
      return
    }
    firsts = classes.representatives
    sizes = classes.multiplicities.map(Double.init)
    lengths = sizes.map { $0.squareRoot() }
  }
}
