// The fields of a run's files, with their meanings. The reference page of the columns is made from these lists,
// and a test compares them with the files of a run.

public import ZerOMessages

/// The fields of `metrics.jsonl`, `status.json` and `provenance.json`.
public enum RecordFields {
  /// The rows of `metrics.jsonl`, in the order of their first appearance: kind, meaning, fields.
  public static let rows: [(kind: String, meaning: String, fields: [FieldDescription])] = [
    (
      "ceiling", "Once, before the first update.",
      [
        FieldDescription("tensors", "The ceiling of rank(W − W₀) by tensor."),
        FieldDescription(
          "from_identity",
          "The tensors that start from the identity; their rank(W − I) has the same ceiling."),
      ]
    ),
    (
      "train", "After each measured update.",
      [
        FieldDescription("epoch", "Number of the epoch, from 1."),
        FieldDescription("step", "Number of the update within the epoch, from 0."),
        FieldDescription("iteration", "Number of the update within the run, from 0."),
        FieldDescription("samples", "Images of the epoch before this batch."),
        FieldDescription("loss", "Mean loss of the batch, before its update."),
        FieldDescription(
          "running_accuracy",
          "Correctly classified images of the epoch so far, in percent of the epoch's images."),
        FieldDescription("learning_rate", "Learning rate of the update."),
        FieldDescription(
          "QUANTITY", "One field per measured quantity, such as `rank`: its value by tensor."),
      ]
    ),
    (
      "test", "After each epoch.",
      [
        FieldDescription("epoch", "Number of the epoch, from 1."),
        FieldDescription("loss", "Mean loss of the test images."),
        FieldDescription("correct", "Correctly classified test images."),
        FieldDescription("total", "Number of test images."),
      ]
    ),
    (
      "snapshot", "A measured tensor in full, at evenly spaced updates of the run.",
      [
        FieldDescription("updates", "Number of updates before the snapshot."),
        FieldDescription("tensor", "Name, for example `l3.weight`."),
        FieldDescription("shape", "Rows and columns."),
        FieldDescription(
          "spectra",
          "Singular values by the matrix that was subtracted: `identity`, and `start` for W₀ ≠ I."),
        FieldDescription(
          "map",
          "The tensor in blocks: `rows`, `columns`, and `values`, the element of largest magnitude of each block."
        ),
      ]
    ),
  ]

  /// The fields of each entry of a snapshot's `spectra`.
  public static let spectrum = [
    FieldDescription("tolerance", "τ, absolute."),
    FieldDescription("rank", "Number of singular values above τ."),
    FieldDescription("smallest_above", "Smallest singular value above τ; absent if there is none."),
    FieldDescription("largest_below", "Largest other singular value; absent if there is none."),
    FieldDescription("stable_rank", "Σσ² / σ₁²."),
    FieldDescription("effective_rank", "exp(−Σ p·ln p), p = σ/Σσ."),
    FieldDescription("singular_values", "In descending order, rounded to single precision."),
  ]

  /// The fields of `status.json`.
  public static let status = [
    FieldDescription(
      "status", "`running`, `done`, `diverged`, `failed` or `interrupted`."),
    FieldDescription("message", "Reason if the status is not `done`."),
    FieldDescription("seconds", "Total run time of all sessions; absent while running."),
    FieldDescription(
      "metrics",
      "`metrics.jsonl` at the end of the session: `rows`, `bytes`, `sha256`, and `run`, a digest of plan and data."
    ),
  ]

  /// The fields of `provenance.json`.
  public static let provenance = [
    FieldDescription(
      "commit", "Commit of the program, with `-dirty` if sources differed from it; or `unknown`."),
    FieldDescription("compiler", "Version of the Swift compiler."),
    FieldDescription("processor", "Model of the processor."),
    FieldDescription("cores", "Number of processor cores."),
    FieldDescription("threads", "Threads of one matrix product."),
    FieldDescription("blas_library", "BLAS library and its version."),
    FieldDescription(
      "blas_kernel", "Kernels of OpenBLAS and libxsmm, which affect the last bits of the results."),
    FieldDescription("c_library", "C library, which provides logarithm and exponential."),
    FieldDescription(
      "data",
      "Data set: `name`, `sha256` by file, `input_dimension`, `class_count`, and `counts` of training and test images."
    ),
    FieldDescription("started", "Time of the first update's session, in UTC."),
    FieldDescription("ended", "Time of the end; absent until then."),
    FieldDescription(
      "resumed",
      "One entry per further session: date, updates before it, commit, processor, BLAS and C library."
    ),
  ]
}
