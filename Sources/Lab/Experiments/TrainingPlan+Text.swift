// A plan's values as text, for filters, labels and tables.

public import Training

extension TrainingPlan {
  /// The value of a key as text.
  ///
  /// - Parameter key: A key of plans; anything else has the empty text.
  /// - Returns: For example `none` for the bias of a network without biases.
  public func text(of key: String) -> String {
    switch CodingKeys(rawValue: key) {
    case .data: data
    case .initializer: initializer
    case .width: String(width)
    case .depth: String(depth)
    case .modelSeed: String(modelSeed)
    case .seed: String(seed)
    case .epochs: String(epochs)
    case .batchSize: String(batchSize)
    case .testBatchSize: String(testBatchSize)
    case .learningRate: String(learningRate)
    case .gamma: String(gamma)
    case .stepSize: String(stepSize)
    case .bias: bias.map { String($0) } ?? "none"
    case .ties: ties.rawValue
    case .measureEvery: String(measureEvery)
    case .quantities: quantities.isEmpty ? "none" : quantities.joined(separator: " ")
    case .snapshots: String(snapshots)
    case nil: ""
    }
  }

  /// Replaces every `{key}` of a template by the plan's value.
  ///
  /// - Parameter template: For example `n_h={width}`.
  /// - Returns: For example `n_h=256`.
  public func filling(_ template: String) -> String {
    CodingKeys.allCases.reduce(template) { text, key in
      text.replacing("{\(key.rawValue)}", with: self.text(of: key.rawValue))
    }
  }
}
