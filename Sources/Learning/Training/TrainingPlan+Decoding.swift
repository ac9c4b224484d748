// Reading plan.json.

extension TrainingPlan {
  /// Reads a plan.
  ///
  /// Keys that came later may be missing: such a plan has their usual values.
  ///
  /// - Throws: `DecodingError` where another key is missing or a value has another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      initializer: try container.decode(String.self, forKey: .initializer),
      width: try container.decode(Int.self, forKey: .width))
    depth = try container.decodeIfPresent(Int.self, forKey: .depth) ?? depth
    data = try container.decode(String.self, forKey: .data)
    modelSeed = try container.decode(UInt64.self, forKey: .modelSeed)
    seed = try container.decode(UInt64.self, forKey: .seed)
    epochs = try container.decode(Int.self, forKey: .epochs)
    batchSize = try container.decode(Int.self, forKey: .batchSize)
    testBatchSize = try container.decode(Int.self, forKey: .testBatchSize)
    learningRate = try container.decode(Double.self, forKey: .learningRate)
    gamma = try container.decode(Double.self, forKey: .gamma)
    stepSize = try container.decode(Int.self, forKey: .stepSize)
    bias = try container.decodeIfPresent(Double.self, forKey: .bias)
    ties = try container.decodeIfPresent(Ties.self, forKey: .ties) ?? ties
    measureEvery = try container.decode(Int.self, forKey: .measureEvery)
    quantities = try container.decode([String].self, forKey: .quantities)
    snapshots = try container.decodeIfPresent(Int.self, forKey: .snapshots) ?? snapshots
  }
}
