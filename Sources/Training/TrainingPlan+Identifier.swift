// The name of a run's folder, made from its plan alone, so that the same run has the same name in
// every experiment.

extension TrainingPlan {
  /// The name of the run's folder, for example `Partial_Identity-w256-m0-s1`.
  ///
  /// Initialiser, width, model seed, seed, and then whatever differs from the notebook's settings;
  /// the measured quantities are not part of it.
  public var identifier: String {
    let usual = TrainingPlan(initializer: initializer, width: width)
    var parts = ["\(initializer)-w\(width)-m\(modelSeed)-s\(seed)"]
    func add<Value: Equatable>(_ key: KeyPath<TrainingPlan, Value>, _ text: (Value) -> String) {
      if self[keyPath: key] != usual[keyPath: key] { parts.append(text(self[keyPath: key])) }
    }
    add(\.depth) { "d\($0)" }
    add(\.epochs) { "e\($0)" }
    add(\.batchSize) { "b\($0)" }
    add(\.testBatchSize) { "tb\($0)" }
    add(\.learningRate) { "lr\($0)" }
    add(\.gamma) { "g\($0)" }
    add(\.stepSize) { "ss\($0)" }
    add(\.bias) { $0.map { "bias\($0)" } ?? "nobias" }
    add(\.measureEvery) { "every\($0)" }
    add(\.data) { "on-" + $0.map { $0.isLetter || $0.isNumber ? $0 : "_" } }
    return parts.joined(separator: "-")
  }
}
