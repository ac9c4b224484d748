// Figures of differences: each run beside the one that is like it but for a value or two.

public import Training

extension FigureSpecification {
  /// What the curves of a figure have subtracted.
  public struct Difference: Equatable, Sendable, CustomStringConvertible {
    /// The values that the subtracted run has instead, in words, for example `ties exact`.
    public let description: String

    private let subtrahends: [TrainingPlan: TrainingPlan]

    /// Finds each run's counterpart.
    ///
    /// - Parameters:
    ///   - value: A table of keys of runs, with the values that the counterpart has.
    ///   - drawn: The plans that have curves.
    ///   - plans: All of the experiment's, among which every counterpart must be.
    /// - Throws: `ExperimentError`; `.noSuchRun` for a run without a counterpart, `.wrongValue` for one that is its own.
    init(_ value: YAMLValue, of drawn: [TrainingPlan], among plans: [TrainingPlan])
      throws(ExperimentError)
    {
      description = try RunFilter(value, plans: plans).description
      let known = Set(plans)
      var subtrahends: [TrainingPlan: TrainingPlan] = [:]
      for plan in drawn {
        var other = plan
        try other.override(by: value)
        guard known.contains(other) else {
          throw .noSuchRun(path: value.path, line: value.line, key: value.key)
        }
        guard other != plan else {
          throw value.wrong(expected: "values that the runs of the figure don't have themselves")
        }
        subtrahends[plan] = other
      }
      self.subtrahends = subtrahends
    }

    /// The plan of the run that a run's curve has subtracted; `nil` for one that the figure doesn't draw.
    public func subtrahend(of plan: TrainingPlan) -> TrainingPlan? { subtrahends[plan] }
  }
}
