// The name of a run's folder, made from its plan alone, so that the same run has the same name in
// every experiment.

extension TrainingPlan {
  /// The name of the run's folder, for example `Partial_Identity-w256-m0-s1`.
  ///
  /// Initializer, width, model seed, seed, and then whatever differs from the notebook's settings;
  /// the measured quantities are not part of it.
  public var identifier: String {
    CodingKeys.inIdentifier.compactMap(mark).joined(separator: "-")
  }

  /// The identifier without the seeds, which runs have in common that are repetitions of one setting.
  public var settingIdentifier: String {
    CodingKeys.inIdentifier.filter { $0 != .modelSeed && $0 != .seed }.compactMap(mark)
      .joined(separator: "-")
  }

  /// What the identifier says of a key, for example `lr0.05`.
  ///
  /// - Parameter key: A key of plans.
  /// - Returns: `nil` where it says nothing: for the notebook's setting, and for what only chooses records.
  public func mark(of key: CodingKeys) -> String? {
    let usual = TrainingPlan(initializer: initializer, width: width)
    func text<Value: Equatable>(_ key: KeyPath<TrainingPlan, Value>, _ text: (Value) -> String)
      -> String?
    {
      self[keyPath: key] == usual[keyPath: key] ? nil : text(self[keyPath: key])
    }
    return switch key {
    case .initializer: initializer
    case .width: "w\(width)"
    case .modelSeed: "m\(modelSeed)"
    case .seed: "s\(seed)"
    case .depth: text(\.depth) { "d\($0)" }
    case .epochs: text(\.epochs) { "e\($0)" }
    case .batchSize: text(\.batchSize) { "b\($0)" }
    case .testBatchSize: text(\.testBatchSize) { "tb\($0)" }
    case .learningRate: text(\.learningRate) { "lr\($0)" }
    case .gamma: text(\.gamma) { "g\($0)" }
    case .stepSize: text(\.stepSize) { "ss\($0)" }
    case .bias: text(\.bias) { $0.map { "bias\($0)" } ?? "nobias" }
    case .ties: text(\.ties) { "\($0)" }
    case .measureEvery: text(\.measureEvery) { "every\($0)" }
    case .data: text(\.data) { "on-" + $0.map { $0.isLetter || $0.isNumber ? $0 : "_" } }
    case .quantities, .snapshots: nil
    }
  }
}

extension TrainingPlan.CodingKeys {
  /// The keys in the order of the identifier.
  fileprivate static let inIdentifier: [Self] = [
    .initializer, .width, .modelSeed, .seed, .depth, .epochs, .batchSize, .testBatchSize,
    .learningRate, .gamma, .stepSize, .bias, .ties, .measureEvery, .data,
  ]
}
