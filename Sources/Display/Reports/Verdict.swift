// The verdict on a claim, with the number that decides it.

public import ZerOExperiments
import ZerOMessages
import ZerORecords
public import ZerOTraining

/// The outcome of checking a claim against records.
public struct Verdict: Equatable, Sendable {
  /// The possible outcomes.
  public enum Outcome: String, Sendable {
    /// All runs of the claim are done and consistent with it.
    case held
    /// At least one run violates the claim.
    case violated
    /// No run violates the claim, but at least one run is not done.
    case undecided

    /// The first word of the verdict.
    public var word: String {
      switch self {
      case .held: "Held"
      case .violated: "Violated"
      case .undecided: "Undecided"
      }
    }
  }

  /// The outcome.
  public let outcome: Outcome

  /// The reason, with the deciding number.
  public let statement: String

  /// Whether all runs of the claim are done and consistent with it.
  public var isHeld: Bool { outcome == .held }

  /// The verdict in one sentence.
  public var sentence: String { "\(outcome.word): \(statement)" }

  /// Checks a claim.
  ///
  /// - Parameters:
  ///   - claim: The claim.
  ///   - results: The results of runs; the claim's filter selects among them.
  ///   - missing: The runs of the experiment without a record.
  public init(_ claim: Claim, on results: [RunResult], missing: [TrainingPlan] = []) {
    let concerned = results.filter { claim.runs.matches($0.plan) }
    let absent = missing.first(where: claim.runs.matches)
    guard !concerned.isEmpty else {
      if let absent {
        outcome = .undecided
        statement = "the run \(absent.identifier) has not started."
        return
      }
      outcome = .undecided
      statement = "no run matches the claim about \(claim.quantity)."
      return
    }
    let subject = "\(Self.text(of: claim.quantity, claim.tensor)) of \(Self.names(concerned))"
    let short = Set(concerned.map { Self.shortName($0.plan) })
    let name = { (plan: TrainingPlan) in
      short.count == concerned.count ? Self.shortName(plan) : plan.identifier
    }
    let peaks = concerned.compactMap { Peak($0, claim) }
    let ended = peaks.filter(\.result.isDone)
    let isViolated =
      switch claim.relation {
      case .atMost: peaks.contains { $0.excess > 0 }
      case .exceeds: ended.contains { $0.excess <= 0 }
      }
    if !isViolated, let unfinished = concerned.first(where: { !$0.isDone }) {
      outcome = .undecided
      statement =
        "\(subject), because the run \(unfinished.plan.identifier) is \(unfinished.state)."
      return
    }
    if !isViolated, let absent {
      outcome = .undecided
      statement = "\(subject), because the run \(absent.identifier) has not started."
      return
    }
    // The deciding run violates the claim most, or comes closest to violating it.
    let decisive =
      switch claim.relation {
      case .atMost: peaks.max { $0.excess < $1.excess }
      case .exceeds: (isViolated ? ended : peaks).min { $0.excess < $1.excess }
      }
    guard let decisive, isViolated || peaks.count == concerned.count else {
      outcome = .undecided
      statement = "\(subject), because it was not measured."
      return
    }
    let bound = Self.text(of: claim.bound, decisive.bound)
    let place = "\(name(decisive.result.plan)), after \(counted(decisive.curve.updates, "update"))"
    let (held, statement): (Bool, String) =
      switch claim.relation {
      case .atMost:
        decisive.excess <= 0
          ? (true, "\(subject) never exceeds \(bound); the largest is")
          : (false, "\(subject) exceeds \(bound); the largest is")
      case .exceeds:
        decisive.excess > 0
          ? (true, "\(subject) exceeds \(bound); it reaches")
          : (false, "\(subject) does not exceed \(bound); it only reaches")
      }
    outcome = held ? .held : .violated
    self.statement = "\(statement) \(number(decisive.curve.largest)) (\(place))."
  }

  /// The largest value of one run, and its bound.
  private struct Peak {
    let result: RunResult
    let curve: RunResult.CurveSummary
    let bound: Double

    var excess: Double { curve.largest - bound }

    init?(_ result: RunResult, _ claim: Claim) {
      guard let curve = result.curve(claim.quantity, of: claim.tensor), let data = result.data
      else { return nil }
      self.result = result
      self.curve = curve
      bound = claim.bound.value(inputDimension: data.inputDimension)
    }
  }

  private static func shortName(_ plan: TrainingPlan) -> String {
    "\(plan.initializer), n_h = \(plan.width)"
  }

  private static func names(_ results: [RunResult]) -> String {
    var names: [String] = []
    for result in results where !names.contains(result.plan.initializer) {
      names.append(result.plan.initializer)
    }
    return names.joined(separator: ", ")
  }

  /// The formula of a quantity of a tensor, or its name.
  static func text(of quantity: String, _ tensor: String) -> String {
    switch quantity {
    case "rank": "rank(\(tensor) - I)"
    case "rank_from_start": "rank(\(tensor) - W0)"
    default:
      FigureText.titleFromStart(quantity).map { "\($0) of \(tensor) - W0" }
        ?? "\(quantity) of \(tensor)"
    }
  }

  private static func text(of bound: Claim.Bound, _ value: Double) -> String {
    bound == .inputDimension ? "the input dimension \(number(value))" : number(value)
  }
}

/// A number, without a decimal point if it is an integer.
func number(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}
