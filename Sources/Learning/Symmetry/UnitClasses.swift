// Which units of one level of a network are copies of each other.

/// The units of a level, those that stay equal for ever put into classes.
///
/// A level is the inputs, or the outputs of a layer. Dead units, whose activation is always 0, are in no
/// class.
public struct UnitClasses: Equatable, Sendable {
  /// The class of each unit, counted from 0 in the order of their first units; `nil` for a dead unit.
  public let classOfUnit: [Int?]

  /// The first unit of each class, ascending.
  public let representatives: [Int]

  /// The number of units of each class, at least 1.
  public let multiplicities: [Int]

  /// Puts units with equal labels into one class.
  ///
  /// - Parameter labels: A label a unit, `nil` for a dead one.
  public init<Label: Hashable>(labels: some Sequence<Label?>) {
    var known: [Label: Int] = [:]
    var (classes, firsts, counts): ([Int?], [Int], [Int]) = ([], [], [])
    for label in labels {
      guard let label else {
        classes.append(nil)
        continue
      }
      if let found = known[label] {
        classes.append(found)
        counts[found] += 1
      } else {
        known[label] = firsts.count
        firsts.append(classes.count)
        classes.append(counts.count)
        counts.append(1)
      }
    }
    classOfUnit = classes
    representatives = firsts
    multiplicities = counts
  }

  /// The number of units, dead ones included.
  public var unitCount: Int { classOfUnit.count }

  /// The number of classes.
  public var count: Int { representatives.count }

  /// The number of dead units.
  public var deadCount: Int { unitCount - multiplicities.reduce(0, +) }

  /// Whether every live unit is alone in its class, so that nothing can part any two further.
  var isDiscrete: Bool { count == unitCount - deadCount }

  /// Looks up who stands for a unit.
  ///
  /// - Parameter unit: Counted from 0.
  /// - Returns: The first unit of its class; `nil` for a dead unit.
  public func representative(of unit: Int) -> Int? {
    classOfUnit[unit].map { representatives[$0] }
  }

  /// Parts the units of a class whose labels differ.
  ///
  /// - Parameter labels: A label a unit; those of dead units don't matter.
  /// - Returns: The finer classes.
  func split<Label: Hashable>(by labels: [Label]) -> UnitClasses {
    UnitClasses(
      labels: zip(classOfUnit, labels).map { unitClass, label in
        unitClass.map { Pair(unitClass: $0, label: label) }
      })
  }

  private struct Pair<Label: Hashable>: Hashable {
    let unitClass: Int
    let label: Label
  }
}
