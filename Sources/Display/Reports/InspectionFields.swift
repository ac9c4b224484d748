// The fields of `rank --json` and the columns of `rank --csv`, with their meanings. The reference page is made from
// these lists, and a test compares them with the output of the program.

public import ZerOMessages
import ZerOSpectra

/// The fields of a checkpoint's inspection in files for programs.
public enum InspectionFields {
  private static let nameText =
    "Name; `experts.w1[3]` in a stack of matrices, `c_attn.weight[q]` in a fused weight."

  /// The columns of `rank --csv`; with several checkpoints, `file` precedes them.
  ///
  /// New columns are appended, so programs that read columns by position continue to work.
  public static let csv =
    firstColumns
    + laterQuantities.map { quantity in
      let title = quantity.title.prefix(1).uppercased() + quantity.title.dropFirst()
      return FieldDescription(quantity.key, "\(title): \(quantity.formula).")
    }

  /// The quantities of the catalog that are not among the first columns.
  static let laterQuantities = SpectralQuantity.catalog.filter { quantity in
    !firstColumns.contains { $0.name == quantity.key }
  }

  private static let firstColumns = [
    FieldDescription("tensor", nameText),
    FieldDescription("shape", "Dimensions of the tensor, for example `64x32x3x3`."),
    FieldDescription("type", "Element type in the file."),
    FieldDescription("outcome", "`matrix`, or `left out` or `failed` with the reason."),
    FieldDescription("rows", "Rows m of the matrix."),
    FieldDescription("columns", "Columns n of the matrix."),
    FieldDescription("rank", "Number of singular values above the tolerance."),
    FieldDescription("rule", "Rule of the tolerance."),
    FieldDescription("tolerance", "The tolerance."),
    FieldDescription("smallest_above", "Smallest singular value above the tolerance."),
    FieldDescription("largest_below", "Largest other singular value."),
    FieldDescription("rank_ratio", "rank / min(m, n)."),
    FieldDescription("stable_rank", "Σσ² / σ₁²."),
    FieldDescription("effective_rank", "exp(−Σ p·ln p), p = σ/Σσ."),
    FieldDescription("effective_rank_of_squares", "exp(−Σ p·ln p), p = σ²/Σσ²."),
    FieldDescription("largest", "Largest singular value σ₁."),
    FieldDescription("smallest", "Smallest singular value."),
    FieldDescription("condition", "Condition number, largest over smallest singular value."),
    FieldDescription("zero_fraction", "Fraction of the stored elements of W that are exactly 0."),
    FieldDescription(
      "storage_noise", "Singular value that rounding to the element type alone may cause."),
    FieldDescription(
      "count_below_noise", "Number of counted singular values below `storage_noise`."),
  ]

  /// The fields of the object of one checkpoint.
  public static let json = [
    FieldDescription("path", "The checkpoint."),
    FieldDescription("difference", "The matrix whose rank is computed, for example `W`."),
    FieldDescription("rule", "Rule of the tolerance."),
    FieldDescription("notes", "Remarks about how the file was read."),
    FieldDescription(
      "tensors", "One object per tensor, matrix of a stack, or layer of a fused weight."),
  ]

  /// The fields of each entry of `tensors`.
  public static let jsonTensor = [
    FieldDescription("name", nameText),
    FieldDescription("shape", "Dimensions of the tensor."),
    FieldDescription("type", "Element type in the file."),
    FieldDescription("outcome", "`matrix`, `left_out` or `failed`."),
    FieldDescription("reason", "Reason for an outcome other than `matrix`; absent otherwise."),
    FieldDescription("matrix", "The findings; absent for another outcome."),
  ]

  /// The fields of `matrix`; a number that is not finite is absent.
  public static let jsonMatrix =
    csv.filter {
      !["tensor", "shape", "type", "outcome", "rule", "largest", "smallest"].contains($0.name)
    } + [FieldDescription("singular_values", "All singular values, in descending order.")]
}
