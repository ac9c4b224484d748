// What an experiment's figure shows.

import Messages
import Training

/// A figure of one quantity over the updates, a curve a setting of the runs that it draws.
public struct FigureSpecification: Equatable, Sendable {
  /// The file's name without ending; the experiment's name, unless the figure has one of its own.
  public let name: String

  /// Which runs have a curve; all of them, unless the figure says which.
  public let runs: RunFilter

  /// For example `rank`.
  public let quantity: String

  /// For example `l3.weight`.
  public let tensor: String

  /// What each curve has subtracted, where the figure shows differences.
  public let difference: Difference?

  /// A curve's entry in the legend, with `{key}` for a plan's values.
  public let label: String

  /// The text below the horizontal axis.
  public let xLabel: String

  /// The text beside the vertical axis.
  public let yLabel: String

  /// Whether the vertical axis is logarithmic.
  public let isLogarithmic: Bool

  /// The horizontal lines.
  public let lines: [Line]

  static let keys = [
    "name", "runs", "quantity", "tensor", "minus", "label", "x_label", "y_label", "y_scale",
    "lines",
  ]

  /// What `y_scale` may be, the usual first.
  private static let scales = ["linear", "log"]

  /// The colors that lines may have.
  public static let lineColors = ["red", "black", "gray", "blue", "orange", "green"]

  /// The tensors that a quantity has values for in every one of some plans.
  ///
  /// The square layers of the shallowest, `l3` and so on; of biases only where all have them, and only in
  /// the notebook's series.
  static func commonTensors(with quantity: String, of plans: [TrainingPlan]) -> [String] {
    guard let shallowest = plans.min(by: { $0.depth < $1.depth }) else { return [] }
    let weights = shallowest.measuredWeights
    guard quantity == "rank", plans.allSatisfy({ $0.bias != nil }) else { return weights }
    return zip(weights, shallowest.measuredBiases).flatMap { [$0, $1] }
  }

  /// A quantity's name for an axis: `Rank`, `Copy distance`.
  private static func name(of quantity: String) -> String {
    guard !quantity.hasPrefix("rank") else { return "Rank" }
    let words = quantity.replacing("_", with: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  /// The figure of an experiment that describes none: how far its runs get from their start, or whatever else
  /// they measure, beside the input dimension.
  ///
  /// - Returns: `nil` where nothing is measured.
  init?(experiment: String, measured: [String], plans: [TrainingPlan]) {
    guard let first = measured.first, let tensor = plans.first?.measuredWeights.first else {
      return nil
    }
    name = experiment
    runs = .all
    quantity = measured.contains("rank_from_start") ? "rank_from_start" : first
    self.tensor = tensor
    difference = nil
    label = "{init}, n_h={width}"
    xLabel = "Iterations"
    yLabel = quantity == "rank_from_start" ? "Rank of the change from the start" : "Rank"
    isLogarithmic = false
    lines = [Line(label: "input_dim={y}", y: .inputDimension, color: "red", isDashed: true)]
  }

  init(
    _ value: YAMLValue, experiment: String, measured: [String], plans: [TrainingPlan],
    taken: [String]
  ) throws(ExperimentError) {
    let mapping = try value.mapping(known: Self.keys)
    name = try mapping["name"]?.string() ?? experiment
    guard name.isResultName, !taken.contains(name) else {
      throw mapping["name"]?.wrongName
        ?? .missingKey(path: value.path, line: value.line, key: "name")
    }
    runs =
      try mapping["runs"].map { (value) throws(ExperimentError) in
        try RunFilter(value, plans: plans)
      } ?? .all
    quantity = try mapping.required("quantity").choice(of: measured)
    let drawn = plans.filter(runs.matches)
    // A run without the tensor has no curve.
    let depth = drawn.map(\.depth).max()
    tensor = try mapping.required("tensor").choice(
      of: Self.commonTensors(with: quantity, of: drawn.filter { $0.depth == depth }))
    difference = try mapping["minus"].map { (value) throws(ExperimentError) in
      try Difference(value, of: drawn, among: plans)
    }
    label = try mapping.required("label").template(of: TrainingPlan.runKeys)
    xLabel = try mapping["x_label"]?.string() ?? "Iterations"
    yLabel =
      try mapping["y_label"]?.string() ?? Self.name(of: quantity)
      + (difference == nil ? "" : ", difference")
    isLogarithmic = try mapping["y_scale"]?.choice(of: Self.scales) == Self.scales[1]
    if isLogarithmic, difference != nil {
      throw try mapping.required("y_scale").wrong(expected: "linear beside 'minus'")
    }
    var lines: [Line] = []
    for element in mapping["lines"]?.elements ?? [] {
      let line = try Line(element)
      if isLogarithmic, case .number(let y) = line.y, y <= 0 {
        throw element.wrong(expected: "a line above 0, on a logarithmic axis")
      }
      lines.append(line)
    }
    self.lines = lines
  }
}
