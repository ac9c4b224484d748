// A statement about runs that a measurement decides.

import Training

/// A claim: over the whole of training, a quantity stays within a bound, or gets beyond it.
public struct Claim: Equatable, Sendable {
  /// What the quantity is held against.
  public enum Bound: Equatable, Sendable {
    /// n_x, the number of pixels.
    case inputDimension
    /// A number.
    case number(Double)
  }

  /// Which way the claim goes.
  public enum Relation: String, CaseIterable, Sendable {
    /// No value of any run is above the bound.
    case atMost = "at_most"
    /// Every run has a value above the bound.
    case exceeds
  }

  /// Which runs it speaks of.
  public let runs: RunFilter

  /// For example `l3.weight`.
  public let tensor: String

  /// For example `rank`.
  public let quantity: String

  /// Which way it goes.
  public let relation: Relation

  /// What the quantity is held against.
  public let bound: Bound

  static let keys = ["runs", "tensor", "quantity"] + Relation.allCases.map(\.rawValue)

  /// Reads a claim.
  ///
  /// - Parameters:
  ///   - value: A table of `keys`.
  ///   - plans: The experiment's plans, at least one of which must match.
  ///   - measured: The quantities that the experiment measures.
  /// - Throws: `ExperimentError`.
  init(_ value: YAMLValue, plans: [TrainingPlan], measured: [String]) throws(ExperimentError) {
    let mapping = try value.mapping(known: Self.keys)
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
  /// A bound: `input_dimension`, or a number that a chart can show.
  func bound() throws(ExperimentError) -> Claim.Bound {
    guard try string() != "input_dimension" else { return .inputDimension }
    guard let number = try? number(), abs(number) <= 1e12 else {
      throw wrong(expected: "a number up to 1e12, or input_dimension")
    }
    return .number(number)
  }
}
