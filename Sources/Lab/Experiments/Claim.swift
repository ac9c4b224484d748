// Claims about runs, decided by measurements.

import ZerOTraining

/// A claim: during training a quantity never exceeds a bound, or exceeds it at some point.
public struct Claim: Equatable, Sendable {
  /// The bound of a quantity.
  public enum Bound: Equatable, Sendable {
    /// n_x, the number of inputs.
    case inputDimension
    /// A number.
    case number(Double)
  }

  /// The direction of a claim.
  public enum Relation: String, CaseIterable, Sendable {
    /// No value of any run is above the bound.
    case atMost = "at_most"
    /// Every run has a value above the bound.
    case exceeds
  }

  /// The runs that the claim is about.
  public let runs: RunFilter

  /// The measured tensor, for example `l3.weight`.
  public let tensor: String

  /// The measured quantity, for example `rank`.
  public let quantity: String

  /// The direction.
  public let relation: Relation

  /// The bound.
  public let bound: Bound

  /// Reads a claim.
  ///
  /// - Parameters:
  ///   - value: A table.
  ///   - plans: The plans of the experiment, of which at least one must match.
  ///   - measured: The quantities that the experiment measures.
  /// - Throws: `ExperimentError`.
  init(_ value: YAMLValue, plans: [TrainingPlan], measured: [String]) throws(ExperimentError) {
    let mapping = try value.mapping(known: Experiment.keys(of: "claims"))
    runs = try RunFilter(mapping.required("runs"), plans: plans)
    quantity = try mapping.required("quantity").choice(of: measured)
    tensor = try mapping.required("tensor").choice(
      of: FigureSpecification.commonTensors(
        with: quantity, of: plans.filter(runs.matches)))
    let relations = Relation.allCases.filter { mapping[$0.rawValue] != nil }
    guard let relation = relations.first else {
      let keys = Relation.allCases.map(\.rawValue).joined(separator: "' or '")
      throw .missingKey(path: value.path, line: mapping.line, key: keys)
    }
    guard relations.count == 1 else {
      throw try mapping.required(relations[1].rawValue).wrong(
        expected: "in a claim of its own, without '\(relation.rawValue)'")
    }
    self.relation = relation
    bound = try mapping.required(relation.rawValue).bound()
  }
}

extension YAMLValue {
  /// A bound: `input_dimension`, or a number in the range of charts.
  func bound() throws(ExperimentError) -> Claim.Bound {
    guard try string() != "input_dimension" else { return .inputDimension }
    guard let number = try? number(), abs(number) <= 1e12 else {
      throw wrong(expected: "a number up to 1e12, or input_dimension")
    }
    return .number(number)
  }
}
