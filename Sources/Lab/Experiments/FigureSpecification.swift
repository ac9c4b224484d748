// A figure of an experiment, as its file describes it.

import ZerOMeasurements
import ZerOMessages
public import ZerOTraining

/// A chart of one quantity over the updates or over the measured weights of a network, with a curve per setting.
///
/// A figure of several panels is several specifications with the same `name`.
public struct FigureSpecification: Equatable, Sendable {
  /// The name of the figure's files without extension; by default the name of the experiment.
  public let name: String

  /// The text above the chart; empty for none.
  public let title: String

  /// The runs that have a curve; by default all runs.
  public let runs: RunFilter

  /// The quantity, for example `rank`, or a number of the whole run, for example `test_accuracy`.
  public let quantity: String

  /// The number of the whole run that the figure shows; `nil` for a quantity of a weight.
  public var runQuantity: RunQuantity? { RunQuantity(rawValue: quantity) }

  /// The horizontal axis.
  public enum Axis: String, CaseIterable, Sendable {
    /// The number of updates.
    case updates
    /// The measured weights of a run, counted from 1 in the order of the model.
    case depth
  }

  /// The horizontal axis.
  public let axis: Axis

  /// The update whose values a figure over depth shows; `nil` for the last measured one.
  public let update: Int?

  /// The tensor, for example `l3.weight`; empty in a figure over depth and of the whole run.
  public let tensor: String

  /// The runs that are subtracted, in a figure of differences.
  public let difference: Difference?

  /// The label of a curve, with `{key}` for a value of the plan.
  public let label: String

  /// The text below the horizontal axis.
  public let xLabel: String

  /// The text beside the vertical axis; `nil` for the quantity, its tensor and its tolerance.
  public let yLabel: String?

  /// Whether the vertical axis is logarithmic.
  public let isLogarithmic: Bool

  /// The horizontal lines.
  public let lines: [Line]

  private static let panelKeys = Experiment.keys(of: "figure").filter {
    !["name", "panels"].contains($0)
  }

  /// The values of `y_scale`; the first is the default.
  private static let scales = ["linear", "log"]

  /// The colors of lines.
  public static let lineColors = ["red", "black", "gray", "blue", "orange", "green"]

  private static func usualXLabel(_ axis: Axis) -> String {
    axis == .updates ? "update" : "measured weight, from the first layer to the last"
  }

  private static let inputDimension = Line(
    label: "input dimension {y}", y: .inputDimension, color: "red", isDashed: true)

  /// The tensors for which every plan has values of a quantity.
  ///
  /// They are the measured weights of all networks, in the order of the shallowest one. Biases have values only in the notebook's
  /// series and in quantities of another program, and only where all networks have biases.
  static func commonTensors(with quantity: String, of plans: [TrainingPlan]) -> [String] {
    guard let shallowest = plans.min(by: { $0.depth < $1.depth }) else { return [] }
    // Names depend on a few settings only, so a large experiment has few different networks.
    var seen: Set<[String]> = []
    let others = plans.filter {
      seen.insert(
        [$0.model, "\($0.depth)", "\($0.isResidual)", $0.norm.name] + $0.blocks + $0.tensors
      ).inserted
    }.map { Set($0.measuredWeights) }
    let weights = shallowest.measuredWeights.filter { name in
      others.allSatisfy { $0.contains(name) }
    }
    let isBuiltIn = MeasurementCatalog.builtIn.names.contains(quantity)
    guard quantity == "rank" || !isBuiltIn, plans.allSatisfy({ $0.bias != nil }) else {
      return weights
    }
    return weights.flatMap { [$0, $0.replacing(/weight$/, with: "bias")] }
  }

  /// Whether a quantity is one of the package's ranks at the absolute tolerance 1e-4.
  public static func isRank(_ quantity: String) -> Bool {
    ["rank", "rank_from_start"].contains(quantity)
  }

  /// The figures of an experiment that describes none: the rank of W − W₀, or else the first measured quantity, a rank
  /// with a line at the input dimension, and one figure per other quantity of the spectrum of W − W₀ that is measured.
  ///
  /// For convolutional networks the figures are over the kernels, and one more shows the test accuracy.
  ///
  /// - Returns: None if nothing is measured.
  static func usual(experiment: String, measured: [String], plans: [TrainingPlan])
    -> [FigureSpecification]
  {
    guard let first = measured.first, let tensor = plans.first?.measuredWeights.first else {
      return []
    }
    let main = measured.contains("rank_from_start") ? "rank_from_start" : first
    let others = measured.filter { $0 != main && QuantityFromStart.isName($0) }
    func figure(_ quantity: String, _ axis: Axis, _ tensor: String) -> FigureSpecification {
      let name = "\(experiment)_\(quantity)"
      return FigureSpecification(
        name: name.isResultName ? name : quantity, quantity: quantity, axis, tensor, lines: [])
    }
    guard plans.allSatisfy({ $0.model == "mlp" }) else {
      return [FigureSpecification(name: experiment, quantity: main, .depth, "", lines: [])]
        + others.map { figure($0, .depth, "") }
        + [figure(RunQuantity.testAccuracy.rawValue, .updates, "")]
    }
    return [
      FigureSpecification(
        name: experiment, quantity: main, .updates, tensor,
        lines: isRank(main) ? [inputDimension] : [])
    ] + others.map { figure($0, .updates, tensor) }
  }

  private init(name: String, quantity: String, _ axis: Axis, _ tensor: String, lines: [Line]) {
    self.name = name
    title = ""
    runs = .all
    self.quantity = quantity
    self.axis = axis
    update = nil
    self.tensor = tensor
    difference = nil
    label = "{init}, n_h = {width}"
    xLabel = Self.usualXLabel(axis)
    yLabel = nil
    isLogarithmic = false
    self.lines = lines
  }

  /// Reads one figure, which may have several panels.
  ///
  /// - Parameters:
  ///   - value: A table of the keys of `figure`; one with `panels` has no other key but `name`.
  ///   - experiment: The name of the experiment.
  ///   - measured: The quantities that the experiment measures.
  ///   - plans: The plans of the experiment.
  ///   - taken: The names of earlier figures.
  /// - Returns: One specification per panel.
  /// - Throws: `ExperimentError`.
  static func panels(
    _ value: YAMLValue, experiment: String, measured: [String], plans: [TrainingPlan],
    taken: [String]
  ) throws(ExperimentError) -> [FigureSpecification] {
    let mapping = try value.mapping(known: Experiment.keys(of: "figure"))
    let name = try mapping["name"]?.string() ?? experiment
    guard name.isResultName, !taken.contains(name) else {
      throw mapping["name"]?.wrongName
        ?? .missingKey(path: value.path, line: value.line, key: "name")
    }
    guard let panels = mapping["panels"] else {
      return [
        try FigureSpecification(mapping, value, name: name, measured: measured, plans: plans)
      ]
    }
    if let other = mapping.all.first(where: { Self.panelKeys.contains($0.key) }) {
      throw other.value.wrong(expected: "in each of the panels")
    }
    var figures: [FigureSpecification] = []
    for panel in try panels.someElements() {
      let figure = try FigureSpecification(
        try panel.mapping(known: panelKeys), panel, name: name, measured: measured, plans: plans)
      if let first = figures.first, first.isLogarithmic != figure.isLogarithmic {
        throw panel.wrong(
          expected: "panels with one y_scale", found: "both \(scales.joined(separator: " and "))")
      }
      figures.append(figure)
    }
    return figures
  }

  private init(
    _ mapping: YAMLMapping, _ value: YAMLValue, name: String, measured: [String],
    plans: [TrainingPlan]
  ) throws(ExperimentError) {
    self.name = name
    title = try mapping["title"]?.string() ?? ""
    runs =
      try mapping["runs"].map { (value) throws(ExperimentError) in
        try RunFilter(value, plans: plans)
      } ?? .all
    quantity = try mapping.required("quantity").choice(of: measured + RunQuantity.names)
    let isOfRun = RunQuantity(rawValue: quantity) != nil
    let drawn = plans.filter(runs.matches)
    let axes = Axis.allCases.map(\.rawValue)
    axis = try mapping["x"]?.choice(of: axes) == axes[1] ? .depth : .updates
    update = try mapping["at"]?.integer()
    if let update, update < 1, let value = mapping["at"] {
      throw value.wrong(expected: "1 or more")
    }
    if axis == .updates, let value = mapping["at"] {
      throw .misplacedKey(
        path: value.path, line: value.line, key: value.key,
        reason: "is used only beside 'x: depth'; add that, or remove it")
    }
    if isOfRun {
      tensor = ""
      for key in ["tensor", "minus", "x"] {
        if let value = mapping[key] {
          throw value.unused(beside: "quantity: \(quantity)")
        }
      }
    } else if axis == .depth {
      tensor = ""
      for key in ["tensor", "minus", "lines"] {
        if let value = mapping[key] { throw value.unused(beside: "x: depth") }
      }
    } else {
      // A run without the tensor has no curve.
      let depth = drawn.map(\.depth).max()
      tensor = try mapping.required("tensor").choice(
        of: Self.commonTensors(with: quantity, of: drawn.filter { $0.depth == depth }))
    }
    difference = try mapping["minus"].map { (value) throws(ExperimentError) in
      try Difference(value, of: drawn, among: plans)
    }
    label = try mapping.required("label").template(of: TrainingPlan.runKeys)
    xLabel = try mapping["x_label"]?.string() ?? Self.usualXLabel(axis)
    yLabel = try mapping["y_label"]?.string()
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

  /// A horizontal line.
  public struct Line: Equatable, Sendable {
    /// The text beside the line, with `{y}` for the line's value.
    public let label: String

    /// The value.
    public let y: Claim.Bound

    /// The name of the color.
    public let color: String

    /// Whether the line is dashed.
    public let isDashed: Bool

    init(label: String, y: Claim.Bound, color: String, isDashed: Bool) {
      self.label = label
      self.y = y
      self.color = color
      self.isDashed = isDashed
    }

    init(_ value: YAMLValue) throws(ExperimentError) {
      let mapping = try value.mapping(known: Experiment.keys(of: "figure.lines"))
      label = try mapping.required("label").template(of: ["y"])
      y = try mapping.required("y").bound()
      isDashed = try mapping["dashed"]?.bool() ?? false
      color = try mapping["color"]?.choice(of: FigureSpecification.lineColors) ?? "black"
    }
  }

  /// The runs that a figure of differences subtracts.
  public struct Difference: Equatable, Sendable, CustomStringConvertible {
    /// The values in which the subtracted run differs, for example `learning_rate 0.1`.
    public let description: String

    private let subtrahends: [TrainingPlan: TrainingPlan]

    /// Finds the counterpart of each run.
    ///
    /// - Parameters:
    ///   - value: A table of the values in which the counterpart differs.
    ///   - drawn: The plans that have curves.
    ///   - plans: The plans of the experiment, which include every counterpart.
    /// - Throws: `ExperimentError`; `.noSuchRun` for a run without a counterpart, `.wrongValue` for a run that would be
    ///   its own counterpart.
    init(_ value: YAMLValue, of drawn: [TrainingPlan], among plans: [TrainingPlan])
      throws(ExperimentError)
    {
      description = try RunFilter(value, plans: plans).description
      let known = Set(plans)
      var subtrahends: [TrainingPlan: TrainingPlan] = [:]
      for plan in drawn {
        var other = plan
        try other.override(by: value, nil)
        if !known.contains(other) { try other.override(by: value, given: [], nil) }
        guard known.contains(other) else {
          throw .noSuchRun(path: value.path, line: value.line, key: value.key)
        }
        guard other != plan else {
          throw value.wrong(expected: "values that differ from the figure's runs")
        }
        subtrahends[plan] = other
      }
      self.subtrahends = subtrahends
    }

    /// The plan that is subtracted from a plan's curve; `nil` for a plan that the figure doesn't draw.
    public func subtrahend(of plan: TrainingPlan) -> TrainingPlan? { subtrahends[plan] }
  }
}
