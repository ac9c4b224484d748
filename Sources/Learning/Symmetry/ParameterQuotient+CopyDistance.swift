// How far rounding has made identical units diverge.

public import ZerOLinearAlgebra
public import ZerOParallelism

extension ParameterQuotient {
  /// Computes how far the identical units of a layer have diverged.
  ///
  /// ```
  /// max |(W − α·W₀)[i, j] − (W − α·W₀)[k, l]|,   k and l the first units of the classes of i and j
  /// ```
  ///
  /// Where a unit is dead, |W − α·W₀| is used instead of the difference. The distance is 0 in exact
  /// arithmetic and in a layer without identical units.
  ///
  /// - Parameters:
  ///   - weight: The weight as it is trained.
  ///   - startFactor: α, 1 without weight decay.
  ///   - team: The threads that share the work.
  /// - Returns: The distance; `nil` for an unreduced layer without known classes; NaN if the weight
  ///   contains a NaN or an infinity.
  /// - Complexity: O(m·n); O(K·L) for a reduced layer.
  public func copyDistance(
    in weight: Matrix<Scalar>, startFactor: Double = 1, team: ThreadTeam = .alone
  ) -> Double? {
    let classes: (below: UnitClasses, above: UnitClasses)
    switch representation {
    case .merged, .trivial: return weight.isFinite ? 0 : .nan
    case .separate(nil): return nil
    case .separate(let known?): classes = known
    }
    let change = change(of: weight, startFactor: startFactor, team: team)
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

  /// The larger of two numbers; NaN if either is NaN, which `max` may drop.
  private static func larger(_ one: Double, _ other: Double) -> Double {
    one.isNaN || one >= other ? one : other
  }
}
