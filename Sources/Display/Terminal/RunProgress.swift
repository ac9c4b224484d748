// How far one run is, whoever told: the runner in this process, or the records of another.

import Execution
import Foundation
import Networks
import Records
import Training

/// The state of one run.
struct RunProgress: Equatable, Sendable {
  /// How it stands.
  enum State: Equatable, Sendable {
    /// It has not begun.
    case waiting
    /// It is under way.
    case running
    /// It will report nothing more for now.
    case ended(RunStatus)
    /// It says that it is under way, but its process has gone.
    case abandoned
    /// Its records cannot be used.
    case damaged(RecordError)
  }

  /// A measured quantity against its bound.
  struct Rank: Equatable, Sendable {
    let quantity: String
    let value: Double

    /// The layer, for example `l4`, where there are several.
    let layer: String?

    /// The quantity in words.
    var name: String { quantity.replacing("_", with: " ") }
  }

  var label: String
  let plan: TrainingPlan

  /// Proportional to the time that the whole run takes.
  let cost: Double
  var state = State.waiting

  /// Updates that had been made when this session began, or when it was first looked at.
  private(set) var earlier = 0
  private(set) var done = 0
  private(set) var total = 0
  private(set) var epoch = 1
  private(set) var loss: Double?
  private(set) var rank: Rank?

  /// Right answers of the latest test pass, in percent.
  var testAccuracy: Double?

  /// Seconds since its last row, where that is all that is known.
  var silence: Double?

  private(set) var pace = Pace()
  private var imagesPerUpdate = 0.0
  private var architecture: Architecture?

  /// A run that has not begun.
  ///
  /// - Parameters:
  ///   - label: Its name on the screen.
  ///   - plan: A valid plan.
  ///   - data: What it is trained on, `nil` if that isn't known yet.
  init(label: String, plan: TrainingPlan, data: Provenance.Data? = nil) {
    self.label = label
    self.plan = plan
    cost = plan.cost
    if let data { set(data) }
  }

  /// Notes what the run is trained on.
  mutating func set(_ data: Provenance.Data) {
    // A file may say anything.
    guard let images = data.counts.first, images > 0, images < 1 << 40, data.inputDimension > 0,
      data.classCount > 0
    else { return }
    let updates = plan.updatesPerEpoch(sampleCount: images)
    total = plan.epochs * updates
    imagesPerUpdate = Double(images) / Double(updates)
    architecture = plan.architecture(for: data)
  }

  /// A session begins, with some updates made before.
  mutating func begin(after updates: Int = 0) {
    state = .running
    (earlier, done) = (updates, updates)
    pace = Pace()
  }

  /// Notes a measurement.
  ///
  /// - Parameters:
  ///   - iteration: The update across epochs, counted from 0.
  ///   - epoch: Counted from 1.
  ///   - loss: Of the batch.
  ///   - quantities: What was measured: by quantity, then by tensor.
  ///   - time: In seconds, of a clock that never goes back.
  mutating func measure(
    iteration: Int, epoch: Int, loss: Double, quantities: [String: [String: Double]],
    at time: Double
  ) {
    done = iteration < total ? max(0, iteration) + 1 : total
    self.epoch = epoch
    self.loss = loss
    let named = plan.quantities.first { quantities[$0] != nil }
    // The layer that comes nearest to the bound, of those that are square.
    rank = named.flatMap { quantity in
      let ranks = plan.measuredWeights.compactMap { tensor in
        quantities[quantity]?[tensor].map { (tensor, $0) }
      }
      return ranks.max { $0.1 < $1.1 }.map { tensor, value in
        Rank(
          quantity: quantity, value: value,
          layer: plan.depth > 1 ? tensor.replacing(".weight", with: "") : nil)
      }
    }
    pace.note(done, at: time)
  }

  /// Notes the end, which may have come before anybody looked.
  mutating func end(_ status: RunStatus, isEarlier: Bool = false) {
    state = .ended(status)
    if status.status == .done { done = total }
    if isEarlier { earlier = done }
  }

  /// Notes that the records cannot be used.
  mutating func damage(_ error: RecordError) { state = .damaged(error) }

  /// Counts what has been seen so far as made before.
  mutating func countAsEarlier() { earlier = done }
}

extension RunProgress {
  /// The share that is done, 0 … 1.
  var fraction: Double {
    if case .ended(let status) = state, status.status == .done { return 1 }
    return total > 0 ? Double(done) / Double(total) : 0
  }

  /// n_x, which Theorem 1 bounds the rank by; `nil` if the data isn't known.
  var bound: Int? { architecture?.inputDimension }

  /// Whether the rank is above its bound.
  var isAboveBound: Bool {
    guard let rank, let bound else { return false }
    return rank.value > Double(bound)
  }

  /// Images a second, measuring and testing included.
  var imagesPerSecond: Double? {
    guard state == .running else { return nil }
    return pace.perSecond.map { $0 * imagesPerUpdate }
  }

  /// Floating-point operations a second in the products of updates; `nil` with symmetry reduction, whose number of different
  /// units only the run knows.
  var operationsPerSecond: Double? {
    guard plan.symmetry == .dense, let imagesPerSecond, let architecture else { return nil }
    return imagesPerSecond * architecture.operationsPerSample
  }

  /// Seconds until the last update, from the pace of late.
  func timeLeft(at time: Double) -> Double? {
    guard state == .running else { return nil }
    return pace.secondsUntil(total, at: time)
  }

  /// Whether it is over: it will not go on by itself.
  var isOver: Bool {
    switch state {
    case .waiting, .running: false
    case .ended, .abandoned, .damaged: true
    }
  }

  /// Whether nothing is left to do of it: one that was stopped goes on when it is asked for again.
  var isFinished: Bool {
    switch state {
    case .ended(let status): status.status != .interrupted
    case .damaged: true
    case .waiting, .running, .abandoned: false
    }
  }
}

extension TrainingPlan {
  fileprivate func architecture(for data: Provenance.Data) -> Architecture {
    Architecture(
      inputDimension: data.inputDimension, width: width, classCount: data.classCount, depth: depth)
  }
}
