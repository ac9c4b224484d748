// Rank ceilings as text.

import Foundation
public import ZerOExecution
import ZerOMessages
import ZerONetworks
import ZerOSymmetry
import ZerOTraining

/// The rank ceilings of a network, in tables and sentences.
public struct CeilingListing: Sendable {
  private let survey: CeilingSurvey

  /// Makes a listing of a survey.
  public init(_ survey: CeilingSurvey) { self.survey = survey }

  /// The network, one row per layer, the reason for each measured layer's ceiling, and the trial if there was one.
  ///
  /// - Parameters:
  ///   - columns: The maximum width of a table.
  ///   - broken: Breaks a sentence into lines.
  /// - Returns: Lines of text.
  public func text(within columns: Int, _ broken: (String) -> String) -> String {
    func fitting(_ table: TextTable) -> String {
      table.aligned(
        within: columns, dropping: Self.lessImportant,
        elsewhere: "--json has all")
    }
    let trial =
      survey.trial.map { [broken(heading(of: $0)), fitting(Self.table(of: $0))] } ?? []
    let notes = (reasons + [limits, lift].compactMap { $0 }).map { broken($0) + "\n" }
    return ([broken(heading), fitting(table)] + notes + trial)
      .joined(separator: "\n")
  }

  private var heading: String {
    let (plan, input) = (survey.plan, survey.input)
    let dead = survey.inputDimension - survey.nonzeroInputCount
    let inputs =
      input.pixels > 1
      ? survey.hasInputSize
        ? "images of \(input.units) x \(input.height) x \(input.width)"
        : "images with \(input.units) \(input.units == 1 ? "channel" : "channels")"
      : "\(survey.inputDimension) inputs"
    return "\(survey.file ?? plan.initializer), \(settings.joined(separator: ", ")): \(inputs)"
      + (dead > 0
        ? " (\(dead) \(input.pixels > 1 ? "pixels" : "of them") 0 in every training image)" : "")
      + ", \(survey.classCount) \(survey.classCount == 1 ? "class" : "classes")\n"
  }

  /// The settings of the initial network; those of the usual multilayer perceptron only if they are others.
  private var settings: [String] {
    let plan = survey.plan
    var settings: [String] = plan.model == "mlp" ? [] : [plan.model]
    settings.append(
      plan.widths.isEmpty
        ? "n_h = \(plan.width)" : "widths \(plan.widths.joined(separator: " "))")
    if !plan.blocks.isEmpty { settings.append("blocks \(plan.blocks.joined(separator: " "))") }
    if plan.depth > 1 { settings.append("depth \(plan.depth)") }
    if plan.isResidual { settings.append("residual") }
    if plan.norm != .none { settings.append("norm \(plan.norm.text)") }
    if plan.activation != .relu { settings.append("activation \(plan.activation.rawValue)") }
    let bias = plan.bias.map { survey.file == nil ? "bias \($0)" : "biases" }
    settings.append(bias ?? "no bias")
    return settings + plan.initRules
  }

  /// W - W0, or what remains of it under weight decay.
  private static func change(_ plan: TrainingPlan) -> String {
    plan.weightDecay > 0 ? "W - a*W0" : "W - W0"
  }

  /// Whether the labels or the channels of the images limit the number of different channels.
  private var limits: String? {
    survey.limits.map { limits in
      let (labels, channels) = (
        limits.withTwiceTheLabels > limits.classes, limits.withTwiceTheChannels > limits.classes
      )
      let limit =
        switch (labels, channels) {
        case (true, true): "The numbers of labels and of channels of the images limit"
        case (true, false): "The number of labels limits"
        case (false, true): "The number of channels of the images limits"
        case (false, false):
          "Neither twice as many labels nor twice as many channels of the images would add to"
        }
      return
        "\(limit) the classes. The outputs of all layers but the last form \(limits.classes) classes in all; with "
        + "\(2 * survey.classCount) labels it would be \(limits.withTwiceTheLabels), with images of "
        + "\(2 * survey.input.units) channels \(limits.withTwiceTheChannels)."
    }
  }

  /// The layer whose random weights would make more units different.
  private var lift: String? {
    survey.lift.map { lift in
      let all = lift.classesThen == lift.unitsThen
      return
        "The outputs of all layers form \(lift.classes) classes. Random weights in \(lift.layer) alone would "
        + (all
          ? "make all units different."
          : "make \(lift.classesThen), more than in any other layer alone.")
    }
  }

  private static let lessImportant = [
    "first below", "last above", "s1", "> 1e-4", "largest", "weight", "dead",
  ]

  /// One row per layer, with a column of dead units only if there are any.
  private var table: TextTable {
    let hasDead = survey.layers.contains { $0.outputs.deadCount > 0 }
    return TextTable(
      headings: ["layer", "weight", "classes", "largest"] + (hasDead ? ["dead"] : [])
        + ["ceiling of rank(\(Self.change(survey.plan)))"],
      rows: survey.layers.map { layer in
        let outputs = layer.outputs
        return [
          layer.layer,
          "\(outputs.unitCount) x \(layer.inputs.unitCount)"
            + (layer.taps > 1 ? " x \(layer.taps)" : ""),
          String(outputs.classCount), String(outputs.classes.first?.size ?? 0),
        ] + (hasDead ? [String(outputs.deadCount)] : []) + [String(layer.ceiling)]
      })
  }

  /// The reason for each measured layer's ceiling; equal consecutive layers share a line.
  private var reasons: [String] {
    guard survey.input.pixels == 1 else {
      guard survey.layers.allSatisfy(\.outputs.isDiscrete) else { return [Self.reasonOfKernels] }
      let hasDead = survey.layers.contains { $0.outputs.deadCount > 0 }
      return [
        hasDead
          ? "All channels but the dead ones are different. A dead channel is 0 for every image and has no gradient."
          : "All channels are different, so only the shapes of the weights limit the ranks."
      ]
    }
    var (reasons, alike): ([String], [String]) = ([], [])
    func close() {
      if !alike.isEmpty { reasons.append("\(alike.joined(separator: ", ")): the same.") }
      alike = []
    }
    var last: LayerCeiling?
    for layer in survey.measured {
      if let last,
        last.outputs.classes == layer.outputs.classes,
        last.outputs.deadCount == layer.outputs.deadCount, last.ceiling == layer.ceiling
      {
        alike.append(layer.tensor)
      } else {
        close()
        let explanation = layer.explanation
        reasons.append("\(layer.tensor): at most \(layer.ceiling). \(explanation)")
      }
      last = layer
    }
    close()
    return reasons
  }

  /// The reason for all ceilings of a convolutional network.
  private static let reasonOfKernels =
    "The channels of a class have the same kernels, in some order, from each class below and to each class above. In exact "
    + "arithmetic training keeps them identical. A weight of outputs x (inputs x taps) has at most the rank of the classes of its "
    + "outputs, and of the classes of its inputs times the taps."

  private func heading(of trial: CeilingTrial) -> String {
    "Singular values of \(Self.change(survey.plan)) after \(trial.updates) "
      + "\(trial.updates == 1 ? "update" : "updates") in double precision: the number above 1e-4, and "
      + "above 1e-9 times the largest, s1; copies: how far identical units differ:\n"
  }

  private static func table(of trial: CeilingTrial) -> TextTable {
    func text(_ value: Double?) -> String { value.map { String(format: "%.1e", $0) } ?? "-" }
    let rows = trial.layers.map { layer in
      [
        layer.tensor, String(layer.ceiling), String(layer.notebookRank), String(layer.rank),
        text(layer.largest), text(layer.smallestAbove), text(layer.largestBelow),
        text(layer.copyDistance),
        layer.isExceeded ? "exceeded" : layer.rank == layer.ceiling ? "reached" : "held",
      ]
    }
    return TextTable(
      headings: [
        "tensor", "ceiling", "> 1e-4", "> 1e-9 s1", "s1", "last above", "first below", "copies",
        "verdict",
      ], rows: rows)
  }
}
