// Rank ceilings as text.

import Foundation
public import ZerOExecution
import ZerOMessages
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
        elsewhere: "use a wider window or --json")
    }
    let trial =
      survey.trial.map { [broken(Self.heading(of: $0)), fitting(Self.table(of: $0))] } ?? []
    return ([broken(heading), fitting(table)] + reasons.map { broken($0) + "\n" } + trial)
      .joined(separator: "\n")
  }

  private var heading: String {
    let (plan, dead) = (survey.plan, survey.inputDimension - survey.nonzeroInputCount)
    return "\(plan.initializer), n_h = \(plan.width), "
      + (plan.bias.map { "bias \($0)" } ?? "no bias") + ": \(survey.inputDimension) inputs"
      + (dead > 0 ? " (\(dead) of them 0 in every training image)" : "")
      + ", \(survey.classCount) classes\n"
  }

  private static let lessImportant = [
    "first below", "last above", "s1", "> 1e-4", "weight", "dead",
  ]

  private var table: TextTable {
    TextTable(
      headings: ["layer", "weight", "classes", "dead", "ceiling of rank(W - W0)"],
      rows: survey.layers.map { layer in
        [
          layer.layer, "\(layer.outputs.unitCount) x \(layer.inputs.unitCount)",
          String(layer.outputs.classCount), String(layer.outputs.deadCount), String(layer.ceiling),
        ]
      })
  }

  /// The reason for each measured layer's ceiling; equal consecutive layers share a line.
  private var reasons: [String] {
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

  private static func heading(of trial: CeilingTrial) -> String {
    "Singular values of W - W0 after \(trial.updates) "
      + "\(trial.updates == 1 ? "update" : "updates") in double precision: the number above 1e-4, and "
      + "above 1e-9 times the largest, s1:\n"
  }

  private static func table(of trial: CeilingTrial) -> TextTable {
    func text(_ value: Double?) -> String { value.map { String(format: "%.1e", $0) } ?? "-" }
    let rows = trial.layers.map { layer in
      [
        layer.tensor, String(layer.ceiling), String(layer.notebookRank), String(layer.rank),
        text(layer.largest), text(layer.smallestAbove), text(layer.largestBelow),
        layer.isExceeded ? "exceeded" : layer.rank == layer.ceiling ? "reached" : "held",
      ]
    }
    return TextTable(
      headings: [
        "tensor", "ceiling", "> 1e-4", "> 1e-9 s1", "s1", "last above", "first below", "verdict",
      ], rows: rows)
  }
}
