import ZerOLinearAlgebra

/// The units of one level, grouped into classes that stay identical during training.
///
/// A level is the inputs of a network or the outputs of a layer. Dead units, whose activation is
/// always 0, belong to no class.
public struct UnitClasses: Equatable, Sendable {
  /// The class of each unit, numbered from 0 in order of first occurrence; `nil` for a dead unit.
  public let classOfUnit: [Int?]

  /// The first unit of each class, in ascending order.
  public let representatives: [Int]

  /// The number of units per class, at least 1.
  public let multiplicities: [Int]

  /// Groups units with equal labels into classes.
  ///
  /// - Parameter labels: One label per unit; `nil` for a dead unit.
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

  /// The number of units, including dead ones.
  public var unitCount: Int { classOfUnit.count }

  /// The number of classes.
  public var count: Int { representatives.count }

  /// The number of dead units.
  public var deadCount: Int { unitCount - multiplicities.reduce(0, +) }

  /// Whether every live unit is alone in its class, so no class can split.
  var isDiscrete: Bool { count == unitCount - deadCount }

  /// Returns the representative of a unit.
  ///
  /// - Parameter unit: The unit, counted from 0.
  /// - Returns: The first unit of its class; `nil` for a dead unit.
  public func representative(of unit: Int) -> Int? {
    classOfUnit[unit].map { representatives[$0] }
  }

  /// Replaces each unit by some neighbors that belong to different classes: the taps of a kernel, or the pixels of a channel.
  ///
  /// - Parameter taps: The number of neighbors per unit, at least 1.
  /// - Returns: As many classes per class.
  func repeated(_ taps: Int) -> UnitClasses {
    guard taps > 1 else { return self }
    return UnitClasses(
      labels: classOfUnit.flatMap { unitClass in
        (0..<taps).map { tap in unitClass.map { $0 * taps + tap } }
      })
  }

  /// Splits classes whose units have different labels.
  ///
  /// - Parameter labels: One label per unit; labels of dead units are ignored.
  /// - Returns: The finer classes.
  func split<Label: Hashable>(by labels: [Label]) -> UnitClasses {
    UnitClasses(
      labels: zip(classOfUnit, labels).map { unitClass, label in
        unitClass.map { Pair(unitClass: $0, label: label) }
      })
  }

  /// The number of each unit's group, where groups with the same numbers of units of each class have the same one.
  ///
  /// Such groups have equal means and variances.
  ///
  /// - Parameter groups: The groups of the units.
  /// - Returns: One number per unit, counted from 0 in order of first occurrence.
  func groupLabels(_ groups: ChannelGroups) -> [Int] {
    var members = [[Int]](repeating: [], count: groups.groups)
    for (unit, group) in groups.groupOfChannel.enumerated() {
      members[group].append(classOfUnit[unit] ?? -1)
    }
    let kinds = UnitClasses(labels: members.map { $0.sorted() })
    return groups.groupOfChannel.map { kinds.classOfUnit[$0] ?? 0 }
  }

  private struct Pair<Label: Hashable>: Hashable {
    let unitClass: Int
    let label: Label
  }
}
