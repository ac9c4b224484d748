// What rounding does to copies that are trained each for itself.

public import LinearAlgebra
public import Parallelism

extension LayerQuotient {
  /// How far rounding has brought copies apart.
  ///
  /// ```
  /// max |(W − W₀)[i, j] − (W − W₀)[k, l]|,   k and l the first units of the classes of i and j
  /// ```
  ///
  /// and |W − W₀| where a unit is dead; 0 in exact arithmetic, and in a layer without copies.
  ///
  /// - Parameters:
  ///   - weight: W̃.
  ///   - team: Shares the work.
  /// - Returns: `nil` for a layer that is neither folded nor knows its classes; a NaN where W̃ holds one or an
  ///   infinity.
  /// - Complexity: O(m·n), of a folded layer O(K·L).
  public func copyDistance(in weight: Matrix<Scalar>, team: ThreadTeam = .alone) -> Double? {
    let classes: (below: UnitClasses, above: UnitClasses)
    switch copies {
    case .folded, .none: return weight.isFinite ? 0 : .nan
    case .kept(nil): return nil
    case .kept(let known?): classes = known
    }
    let change = change(of: weight, team: team)
    let representatives = (0..<columns).map { classes.below.representative(of: $0) }
    return team.concatenate(rows) { rows in
      let (all, columns) = (change.elements.span, change.columns)
      return rows.map { i -> Double in
        let first = classes.above.representative(of: i)
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
}
