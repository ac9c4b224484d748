// The keys of an experiment that are not hyper-parameters, with their meanings for the reference.

import ZerOTraining

extension Experiment {
  /// A key of an experiment with its meaning.
  public struct Key: Equatable, Sendable {
    /// The place, for example `figure.label`.
    public let path: String

    /// The type of the value in words.
    public let type: String

    /// The default value as text; `required` for a key that must be there.
    public let defaultText: String

    /// The meaning, in one line.
    public let help: String

    fileprivate init(_ path: String, _ type: String, default text: String, _ help: String) {
      self.path = path
      self.type = type
      defaultText = text
      self.help = help
    }
  }

  /// Every key but the hyper-parameters, which `TrainingPlan.settings` lists.
  public static let keys = [
    Key(
      "name", "text", default: "required", "Name of the experiment and of its folder of results."),
    Key("question", "text", default: "empty", "The question in words, printed above the results."),
    Key("training", "table", default: "empty", "Hyper-parameters of every run."),
    Key(
      "runs", "list of tables", default: "required",
      "The runs: hyper-parameters, each with a value or a list; lists expand to all combinations."),
    Key(
      "runs.repeat", "integer", default: "1",
      "Number of seeds per run: repetition k has seed + k and model_seed + k."),
    Key(
      "measure", "table or names", default: "empty",
      "Measurements and snapshots of every run; names alone are those of measure.quantities."),
    Key(
      "figure", "table or list of tables",
      default: "rank_from_start, the rank of W − W₀, and each other measured quantity of it",
      "The figures."),
    Key(
      "figure.name", "text", default: "the experiment's name", "File name without extension."),
    Key(
      "figure.runs", "table", default: "every run", "Values that select the drawn runs."),
    Key(
      "figure.quantity", "name", default: "required",
      "Quantity on the vertical axis: a measured one, or loss, running_accuracy, test_loss or test_accuracy of the whole run."
    ),
    Key(
      "figure.x", "name", default: "updates",
      "Horizontal axis: updates, or depth, the measured weights of each run from the first layer to the last, by stage."
    ),
    Key(
      "figure.at", "integer", default: "the last measured one",
      "Number of updates whose values a figure over depth shows; 1 shows the initial network's signals."
    ),
    Key(
      "figure.tensor", "name", default: "required over updates",
      "Measured tensor, for example l3.weight; none for a number of the whole run."),
    Key(
      "figure.minus", "table", default: "none",
      "Values of the run that is subtracted from each drawn run."),
    Key(
      "figure.label", "text", default: "required",
      "Name of each curve; {key} is replaced by the value of a hyper-parameter."),
    Key("figure.title", "text", default: "none", "Title above the panel."),
    Key("figure.x_label", "text", default: "update", "Label of the horizontal axis."),
    Key(
      "figure.y_label", "text", default: "quantity, tensor and tolerance",
      "Label of the vertical axis."),
    Key("figure.y_scale", "name", default: "linear", "linear or log."),
    Key(
      "figure.panels", "list of tables", default: "one panel",
      "Panels side by side, each with the keys of a figure except name."),
    Key("figure.lines", "list of tables", default: "none", "Horizontal lines."),
    Key(
      "figure.lines.label", "text", default: "required",
      "Name of the line; {y} is replaced by its value."),
    Key(
      "figure.lines.y", "number or name", default: "required", "The value, or input_dimension."),
    Key("figure.lines.color", "name", default: "black", "Color of the line."),
    Key("figure.lines.dashed", "true or false", default: "false", "Whether the line is dashed."),
    Key("claims", "list of tables", default: "none", "Claims to check against the measurements."),
    Key("claims.runs", "table", default: "required", "Values that select the runs of the claim."),
    Key("claims.tensor", "name", default: "required", "Measured tensor, for example l3.weight."),
    Key("claims.quantity", "name", default: "required", "Measured quantity."),
    Key(
      "claims.at_most", "number or name", default: "this or exceeds",
      "Upper bound of every measured value of every run: a number, or input_dimension."),
    Key(
      "claims.exceeds", "number or name", default: "this or at_most",
      "Bound that at least one measured value of every run exceeds: a number, or input_dimension."),
    Key(
      "override", "table", default: "empty",
      "Hyper-parameters that override every run's, as 'run --epochs' and '--data' do."),
  ]

  /// The known keys of a table.
  ///
  /// - Parameter table: The path of the table; empty for the top level.
  /// - Returns: The keys that are not hyper-parameters, without the table's path.
  static func keys(of table: String) -> [String] {
    let prefix = table.isEmpty ? "" : table + "."
    return keys.map(\.path).filter { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count))
    }
    .filter { !$0.contains(".") }
  }
}
