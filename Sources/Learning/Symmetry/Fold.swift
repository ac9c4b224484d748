// A level of a network, copies as one.

/// The units of a level as columns of a membership matrix.
struct Fold: Equatable, Sendable {
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
