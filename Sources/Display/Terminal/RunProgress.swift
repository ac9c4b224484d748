// The progress of one run, reported by the runner of this process or read from records.

import Foundation
import ZerOExecution
import ZerOMessages
import ZerONetworks
import ZerORecords
import ZerOReports
import ZerOTraining

/// The state of one run.
struct RunProgress: Equatable, Sendable {
  /// The state of a run.
  enum State: Equatable, Sendable {
    /// Not started.
    case waiting
    /// Running.
    case running
    /// Done, interrupted, diverged or failed.
    case ended(RunStatus)
    /// Recorded as running, but its process no longer exists.
    case abandoned
    /// Its records cannot be used.
    case damaged(RecordError)
  }

  /// The latest measured rank.
  struct Rank: Equatable, Sendable {
    let quantity: String
    let value: Double

    /// The layer, for example `l4`; `nil` if only one is measured.
    let layer: String?

    /// The quantity's name with spaces.
    var name: String { quantity.replacing("_", with: " ") }

    /// The value, in deep networks preceded by the layer: `345`, `l4 345`.
    var text: String { (layer.map { $0 + " " } ?? "") + String(format: "%.0f", value) }
  }

  var label: String
  let plan: TrainingPlan

  /// A number proportional to the duration of the whole run.
  let cost: Double
  var state = State.waiting

  /// Updates made before this session, or before the first look at the run.
  private(set) var earlier = 0
  private(set) var done = 0
  private(set) var total = 0
  private(set) var epoch = 1
  private(set) var loss: Double?
  private(set) var rank: Rank?

  /// Accuracy of the latest test pass, in percent.
  var testAccuracy: Double?

  /// Seconds since the last row of a run that has stopped writing rows; `nil` otherwise.
  var secondsSinceRow: Double?

  private(set) var rate = UpdateRate()
  private var imagesPerUpdate = 0.0

  /// The names of the measured weights.
  let weights: [String]

  /// The floating-point operations of an update, per image.
  private var operationsPerImage: Double?

  /// Makes a run that has not started.
  ///
  /// - Parameters:
  ///   - label: Its name on the screen.
  ///   - plan: A valid plan.
  ///   - data: The training data, `nil` if not known yet.
  init(label: String, plan: TrainingPlan, data: Provenance.Data? = nil) {
    self.label = label
    self.plan = plan
    cost = plan.cost
    weights = plan.measuredWeights
    if let data { set(data) }
  }

  /// Sets the training data.
  mutating func set(_ data: Provenance.Data) {
    // The values come from a file and may be invalid.
    guard let images = data.counts.first, images > 0, images < 1 << 40, data.inputDimension > 0,
      data.classCount > 0
    else { return }
    let updates = plan.updatesPerEpoch(sampleCount: images)
    total = plan.epochs * updates
    imagesPerUpdate = Double(images) / Double(updates)
    operationsPerImage = try? plan.model(
      input: data.input, classCount: data.classCount
    ).graph.operationsPerSample
  }

  /// Starts a session after a number of earlier updates.
  mutating func begin(after updates: Int = 0) {
    state = .running
    (earlier, done) = (updates, updates)
    rate = UpdateRate()
  }

  /// Records a measurement.
  ///
  /// - Parameters:
  ///   - iteration: The update across epochs, counted from 0.
  ///   - epoch: The epoch, counted from 1.
  ///   - loss: The batch loss.
  ///   - quantities: The measured values by quantity and tensor.
  ///   - time: Seconds of a monotonic clock.
  mutating func measure(
    iteration: Int, epoch: Int, loss: Double, quantities: [String: [String: Double]],
    at time: Double
  ) {
    done = iteration < total ? max(0, iteration) + 1 : total
    self.epoch = epoch
    self.loss = loss
    let named = plan.quantities.first { quantities[$0] != nil }
    // The measured weight with the largest rank.
    rank = named.flatMap { quantity in
      let ranks = weights.compactMap { tensor in
        quantities[quantity]?[tensor].map { (tensor, $0) }
      }
      return ranks.max { $0.1 < $1.1 }.map { tensor, value in
        Rank(
          quantity: quantity, value: value,
          layer: weights.count > 1 ? tensor.replacing(".weight", with: "") : nil)
      }
    }
    rate.record(done, at: time)
  }

  /// Records the end of the run, which may precede the first look at it.
  mutating func end(_ status: RunStatus, isEarlier: Bool = false) {
    state = .ended(status)
    if status.status == .done { done = total }
    if isEarlier { earlier = done }
  }

  /// Records that the run's files cannot be used.
  mutating func damage(_ error: RecordError) { state = .damaged(error) }

  /// Counts all updates so far as earlier ones.
  mutating func countAsEarlier() { earlier = done }
}

extension RunProgress {
  /// The fraction of the updates that are done, 0 … 1.
  var fraction: Double {
    if case .ended(let status) = state, status.status == .done { return 1 }
    return total > 0 ? Double(done) / Double(total) : 0
  }

  /// Images per second, including the time for measurements and test passes.
  var imagesPerSecond: Double? {
    guard state == .running else { return nil }
    return rate.perSecond.map { $0 * imagesPerUpdate }
  }

  /// Floating-point operations per second in the matrix products of updates; `nil` with symmetry reduction, where the
  /// number of distinct units is not known here.
  var operationsPerSecond: Double? {
    guard plan.symmetry == .dense, let imagesPerSecond, let operationsPerImage else {
      return nil
    }
    return imagesPerSecond * operationsPerImage
  }

  /// Seconds until the last update at the recent rate.
  func timeLeft(at time: Double) -> Double? {
    guard state == .running else { return nil }
    return rate.secondsUntil(total, at: time)
  }

  /// Whether the run will not continue by itself.
  var isOver: Bool {
    switch state {
    case .waiting, .running: false
    case .ended, .abandoned, .damaged: true
    }
  }

  /// Whether no work is left; an interrupted or abandoned run can still be resumed.
  var isFinished: Bool {
    switch state {
    case .ended(let status): status.status != .interrupted
    case .damaged: true
    case .waiting, .running, .abandoned: false
    }
  }
}

extension RunProgress {
  /// The state in one or two words.
  var stateWord: String {
    switch state {
    case .waiting: "not started"
    case .running: "running"
    case .abandoned: "abandoned"
    case .damaged(let error): error.runState
    case .ended(let status): status.status.rawValue
    }
  }

  /// The remark on the end of the run: final state, duration and results; `nil` until the run has ended.
  var endRemark: Remark? {
    switch state {
    case .waiting, .running: return nil
    case .abandoned:
      return Remark(
        label: label,
        text: String(
          format: "was abandoned by its process at %.0f %%", (100 * fraction).rounded(.down)),
        color: .yellow)
    case .damaged(let error):
      return Remark(
        label: label, text: "is \(error.runState): \(error.description.inOneLine)", color: .red)
    case .ended(let status):
      let word =
        status.status == .interrupted
        ? "interrupted, with a checkpoint," : status.status.rawValue
      let time = status.seconds.map { String(format: "after %.1f s", $0) }
      let results = [
        rank.map { "\($0.name) \($0.text)" },
        testAccuracy.map { String(format: "test %.2f %%", $0) },
      ].compactMap(\.self)
      let summary =
        status.status == .done && !results.isEmpty
        ? ": " + results.joined(separator: ", ") : ""
      return Remark(
        label: label,
        text: [word, time].compactMap(\.self).joined(separator: " ")
          + (status.message.map { ": \($0.inOneLine)" } ?? summary),
        color: color(of: status.status))
    }
  }

  private func color(of status: RunStatus.State) -> TextColor? {
    switch status {
    case .done: nil
    case .running: nil
    case .interrupted: .yellow
    case .diverged, .failed: .red
    }
  }
}
