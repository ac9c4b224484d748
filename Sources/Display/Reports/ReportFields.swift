// The columns of runs.csv and summary.csv that are not settings, with their meanings. The reference page of the
// columns is made from these lists, and a test compares them with the tables of an experiment.

public import ZerOMessages

/// The columns of an experiment's tables, beside the settings of its plans.
public enum ReportFields {
  /// The results of one run, in the order of `runs.csv`.
  public static let run = [
    FieldDescription("run", "Name of the run's folder; folders of version 0.1 have no digest."),
    FieldDescription(
      "status",
      "`done`, `running`, `interrupted`, `diverged`, `failed`, `not begun`, or the damage of the records."
    ),
    FieldDescription("message", "Reason for a status other than `done`."),
    FieldDescription("input_dimension", "Number of inputs n_x."),
  ]

  /// The numbers of one run, at its end; `summary.csv` has statistics of each.
  public static let numbers = [
    FieldDescription(
      "final_QUANTITY_LAYER", "Last measured value of a quantity, for example `final_rank_l3`."),
    FieldDescription("ceiling_LAYER", "Ceiling of rank(W − W₀) of a layer."),
    FieldDescription("test_loss", "Mean loss of the test images after the last epoch."),
    FieldDescription(
      "test_accuracy", "Correctly classified test images after the last epoch, in percent."),
    FieldDescription("seconds", "Total run time of all sessions."),
  ]

  /// The counts of one setting, in the order of `summary.csv`.
  public static let setting = [
    FieldDescription("runs", "Number of runs: one per seed."),
    FieldDescription("done", "Number of finished runs, over which the statistics are computed."),
    FieldDescription("input_dimension", "Number of inputs n_x."),
  ]

  /// The suffixes of each number in `summary.csv`.
  public static let statistics = [
    FieldDescription("mean", "Mean over the seeds."),
    FieldDescription("sd", "Standard deviation with n − 1; empty for one run."),
    FieldDescription("min", "Smallest value."),
    FieldDescription("max", "Largest value."),
  ]
}
