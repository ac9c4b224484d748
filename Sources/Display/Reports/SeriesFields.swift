// The columns of ranks.csv and the fields of ranks.jsonl of a series, with their meanings. The reference page is made
// from these lists.

public import ZerOMessages
import ZerOSeries

/// The fields of a series in files for programs.
public enum SeriesFields {
  /// The columns of `ranks.csv` and of `rank --over-steps --csv`.
  public static let csv =
    [
      FieldDescription("step", "Step, or epoch, of the checkpoint."),
      FieldDescription("checkpoint", "The checkpoint, relative to the run."),
      FieldDescription("matrix", "Name without the prefixes of training tools."),
      FieldDescription("rows", "Rows m of the matrix."),
      FieldDescription("columns", "Columns n of the matrix."),
      FieldDescription("type", "Element type in the file."),
      FieldDescription("tolerance", "The tolerance of `rank`."),
      FieldDescription(
        "storage_noise", "Singular value that rounding to the element type alone may cause."),
    ]
    + SeriesQuantity.catalog.map {
      FieldDescription(
        $0.key, "\($0.title.prefix(1).uppercased() + $0.title.dropFirst()): \($0.formula).")
    } + [FieldDescription("defect", "Why the matrix has no rank; empty for a ranked matrix.")]

  /// The fields of each line of `ranks.jsonl` and of `rank --over-steps --json`.
  public static let json =
    csv.filter { $0.name != SeriesQuantity.distance.key } + [
      FieldDescription("start_norm", "‖W₀‖, the Frobenius norm of the matrix that was subtracted."),
      FieldDescription("singular_values", "All singular values, six digits, in descending order."),
      FieldDescription("identity", "Digests of the files that the row was computed from."),
    ]
}
