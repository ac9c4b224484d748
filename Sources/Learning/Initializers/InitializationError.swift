import ZerOMessages

/// The reason why initial weights cannot be computed.
public enum InitializationError: Error, Equatable, CustomStringConvertible {
  /// No initializer of a catalog has this name.
  case unknownName(String, known: [String])

  /// Two initializers of a catalog would have this name.
  case nameTaken(String)

  /// A name that is not a letter followed by letters, digits and underscores.
  case invalidName(String)

  /// A plus sign that no size of a ``Perturbation`` follows.
  case invalidPerturbation(String)

  /// Spray divides by n − 1, and the layer has one input.
  case sprayOfOneInput(WeightShape)

  /// The end of a residual branch needs two inputs, and the layer has one.
  case branchEndOfOneInput(WeightShape)

  /// Sinusoidal divides by the variance of its sines, which are all 0.
  case sinusoidalWithoutVariance(WeightShape)

  /// Orthogonal uses LAPACK, whose row and column counts have 32 bits.
  case tooLong(WeightShape)

  /// A shape for which an initializer outside the package is undefined, with the reason and the fix.
  case undefined(WeightShape, reason: String)

  /// A weight of another shape than requested.
  case wrongShape(WeightShape, rows: Int, columns: Int)

  /// A weight that is called an identity and is not square.
  case identityNotSquare(WeightShape)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name, let known):
      "unknown initializer '\(name)': "
        + suggestion(for: name, among: known, synonyms: InitializerCatalog.synonyms)
    case .nameTaken(let name):
      "the catalog has an initializer '\(name)' already; choose another name"
    case .invalidName(let name):
      "'\(name)' cannot name an initializer; use a letter, then letters, digits and underscores"
    case .invalidPerturbation(let name):
      "'\(name)' needs a size from 1e-37 to 1 behind the plus sign, as in ZerO+1e-6 or ZerO+0.001"
    case .sprayOfOneInput(let shape):
      "Spray is undefined for a weight of \(shape): it divides by n − 1, and n, the number of "
        + "inputs, is 1; give the layer at least 2 inputs"
    case .branchEndOfOneInput(let shape):
      "IDInit_Branch_End is undefined for a weight of \(shape): each row has 1e-6 at one "
        + "input and -1e-6 at another; give the layer at least 2 inputs"
    case .sinusoidalWithoutVariance(let shape):
      "Sinusoidal is undefined for a weight of \(shape): it divides by the variance of its sines, "
        + "which are all 0; give the layer at least 3 inputs or 3 outputs"
    case .wrongShape(let shape, let rows, let columns):
      "the initializer returned a weight of \(rows)x\(columns) for \(shape); return outputs x inputs"
    case .identityNotSquare(let shape):
      "the initializer calls a weight of \(shape) an identity; isIdentity may be true for square weights only"
    case .undefined(let shape, let reason): "no initial weight of \(shape): \(reason)"
    case .tooLong(let shape):
      "Orthogonal can't factorize a weight of \(shape): LAPACK supports at most \(Int32.max) rows "
        + "and columns; use a smaller layer"
    }
  }
}
