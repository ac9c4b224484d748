// Which runs of an experiment a claim speaks of.

public import Training

/// A condition on plans: each named key has one of the named values.
public struct RunFilter: Equatable, Sendable {
  /// The accepted texts of each key.
  private let accepted: [String: [String]]

  /// Reads a filter.
  init(_ mapping: YAMLMapping) throws(ExperimentError) {
    var accepted: [String: [String]] = [:]
    for (key, value) in mapping.all {
      for element in value.elements { accepted[key, default: []].append(try element.string()) }
    }
    self.accepted = accepted
  }

  /// Whether a plan meets the condition.
  public func matches(_ plan: TrainingPlan) -> Bool {
    accepted.allSatisfy { key, values in values.contains(plan.text(of: key)) }
  }
}

extension TrainingPlan {
  /// The value of a key as text, for filters and for labels; empty for a key that isn't one.
  public func text(of key: String) -> String {
    switch CodingKeys(rawValue: key) {
    case .data: data
    case .initializer: initializer
    case .width: String(width)
    case .modelSeed: String(modelSeed)
    case .seed: String(seed)
    case .epochs: String(epochs)
    case .batchSize: String(batchSize)
    case .testBatchSize: String(testBatchSize)
    case .learningRate: String(learningRate)
    case .gamma: String(gamma)
    case .stepSize: String(stepSize)
    case .bias: bias.map { String($0) } ?? "none"
    case .measureEvery: String(measureEvery)
    case .quantities: quantities.joined(separator: " ")
    case nil: ""
    }
  }

  /// A template with every `{key}` replaced by the plan's value.
  public func filling(_ template: String) -> String {
    CodingKeys.allCases.reduce(template) { text, key in
      text.replacing("{\(key.rawValue)}", with: self.text(of: key.rawValue))
    }
  }
}
