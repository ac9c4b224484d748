// The types of NumPy's arrays.

/// What an array's `descr` says of its values.
struct NPYType {
  /// The type as it is shown; that of a structured array, which may be long, in a word.
  let text: String

  /// The floating-point format; `nil` for what can't be read.
  let format: FloatFormat?

  /// Whether the most significant byte of a value is the first one.
  let isBigEndian: Bool

  /// What a reader of the values should know.
  let note: String?

  /// Takes a type.
  ///
  /// NumPy has no BF16. It saves that of the package `ml_dtypes` as two bytes of no type, `V2`, and the package's
  /// `float8_e5m2` as `f1`. One byte of no type, `V1`, can be any of several formats, and isn't read.
  ///
  /// - Parameter descr: Without its quotes: `<f4`; a structured array's is a list, `[('a', '<f4')]`.
  init(_ descr: String) {
    let isStructured = descr.hasPrefix("[")
    text = isStructured ? "structured" : descr
    // `=` is the writer's own order, little-endian on nearly all machines, and `|` no order.
    isBigEndian = descr.hasPrefix(">")
    let formats: [Substring: FloatFormat] = [
      "f8": .float64, "f4": .float32, "f2": .float16, "V2": .bfloat16,
      "f1": .float8E5M2,
    ]
    format = "<>=|".contains(descr.prefix(1)) ? formats[descr.dropFirst()] : nil
    note =
      format == .bfloat16
      ? "read as BF16, which NumPy saves as two bytes without a type" : nil
  }
}
