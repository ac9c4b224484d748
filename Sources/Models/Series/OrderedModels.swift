// The order of models by step: pure functions of names, with a function for the contents of a file.

import Foundation
import ZerOMessages

/// Models with their steps, in ascending order.
struct OrderedModels {
  /// The models with their steps.
  private(set) var models: [(path: String, step: Int)] = []

  /// The unit of the steps.
  private(set) var unit = StepUnit.step

  /// Files that were passed over, and why, one sentence per reason.
  private(set) var notes: [String] = []

  /// Orders models.
  ///
  /// - Parameters:
  ///   - found: The models.
  ///   - steps: Their steps; `nil` to tell them from names and contents.
  ///   - isSearch: Whether the models were found in a folder, not given one by one.
  ///   - path: The folder, for errors.
  ///   - stepInside: Reads the step inside a model.
  /// - Throws: `SeriesError`.
  init(
    _ found: FoundModels, steps: [Int]?, isSearch: Bool, path: String,
    stepInside: (_ path: String) -> NamedStep?
  ) throws(SeriesError) {
    notePassed(found.states, "other states of the training")
    var models = found.models
    if isSearch, models.contains(where: { !$0.isArray }) {
      notePassed(models.filter(\.isArray).map(\.path), "arrays beside the checkpoints")
      models.removeAll(where: \.isArray)
    }
    if let steps {
      try assign(steps, to: models, isSearch: isSearch)
    } else {
      try tell(models, isSearch: isSearch, stepInside)
    }
    guard !self.models.isEmpty else { throw .noCheckpoints(path: path) }
  }

  /// Gives models the steps that the user stated.
  private mutating func assign(_ steps: [Int], to all: [ModelFile], isSearch: Bool)
    throws(SeriesError)
  {
    var models = passOver(all, "the same checkpoint in another format") { model, others in
      others.contains { model.isAlternative(to: $0) && model.hasUsualName && $0.hasUsualName }
    }
    if isSearch, !models.allSatisfy({ $0.isCopy }) {
      models = passOver(models, "copies of checkpoints") { model, _ in model.isCopy }
    }
    guard steps.count == models.count else {
      throw .wrongStepCount(given: steps.count, all: models.map(\.path))
    }
    if let repeated = Dictionary(grouping: steps, by: { $0 }).filter({ $1.count > 1 }).keys.min() {
      throw .repeatedStep(repeated)
    }
    self.models = zip(models, steps).map { ($0.path, $1) }.sorted { $0.step < $1.step }
  }

  /// Tells the steps of models from their names, and from their contents where the names don't.
  private mutating func tell(
    _ all: [ModelFile], isSearch: Bool, _ stepInside: (_ path: String) -> NamedStep?
  ) throws(SeriesError) {
    var steps: [ModelFile: NamedStep] = [:]
    for (model, step) in zip(all, StepNames.steps(of: all.map(\.parts))) { steps[model] = step }
    var models = passOver(all, "the same checkpoint in another format") { model, others in
      others.contains { other in
        model.isAlternative(to: other) && steps[model] == steps[other]
          && (steps[model] != nil || model.hasUsualName && other.hasUsualName)
      }
    }
    if !models.allSatisfy(\.isCopy) {
      models = passOver(models, "copies of checkpoints") { model, others in
        guard model.isCopy, let step = steps[model] else { return model.isCopy }
        return others.contains { !$0.isCopy && steps[$0] == step }
      }
    }
    if isSearch {
      models = passOver(models, "the model at the end of the run") { model, others in
        model.hasUsualName && steps[model] == nil
          && others.contains { other in
            steps[other] != nil
              && (model.folder.isEmpty || (other.folder + "/").hasPrefix(model.folder + "/"))
          }
      }
    }
    let unnamed = models.filter { steps[$0] == nil }
    for model in unnamed where !model.isInitial { steps[model] = stepInside(model.path) }
    let known = models.first { steps[$0] != nil }
    for model in unnamed where model.isInitial {
      steps[model] = NamedStep(number: 0, unit: known.flatMap { steps[$0]?.unit } ?? .step)
    }
    let unclear = models.filter { steps[$0] == nil }
    guard unclear.isEmpty else {
      throw .unclearSteps(unclear: unclear.map(\.path), all: models.map(\.path))
    }
    try order(models, steps)
  }

  private mutating func order(_ models: [ModelFile], _ steps: [ModelFile: NamedStep])
    throws(SeriesError)
  {
    let units = Dictionary(grouping: models) { steps[$0]?.unit ?? .step }
    if let step = units[.step]?.first, let epoch = units[.epoch]?.first {
      throw .mixedUnits(step: step.path, epoch: epoch.path)
    }
    unit = units.keys.first ?? .step
    let ordered = models.map { (path: $0.path, step: steps[$0]?.number ?? 0) }
      .sorted { ($0.step, $0.path) < ($1.step, $1.path) }
    for (first, second) in zip(ordered, ordered.dropFirst()) where first.step == second.step {
      throw .sameStep(step: first.step, first: first.path, second: second.path)
    }
    self.models = ordered
  }

  /// The models that are not passed over; the others are noted.
  private mutating func passOver(
    _ models: [ModelFile], _ reason: String,
    _ isPassed: (_ model: ModelFile, _ all: [ModelFile]) -> Bool
  ) -> [ModelFile] {
    let passed = Set(models.filter { isPassed($0, models) })
    notePassed(models.filter(passed.contains).map(\.path), reason)
    return models.filter { !passed.contains($0) }
  }

  private mutating func notePassed(_ paths: [String], _ reason: String) {
    guard !paths.isEmpty else { return }
    notes.append("passed over, \(reason): \(firstOf(paths))")
  }
}
