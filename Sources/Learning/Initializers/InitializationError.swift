// Every way in which asking for initial weights can go wrong.

import Messages

/// Why initial weights can't be made.
public enum InitializationError: Error, Equatable, CustomStringConvertible {
  /// No initializer has this name.
  case unknownName(String)

  /// Spray divides by n − 1, and the layer has one input.
  case sprayOfOneInput(WeightShape)

  /// The end of a residual branch takes ε from two inputs, and the layer has one.
  case branchEndOfOneInput(WeightShape)

  /// Sinusoidal divides by the variance of its sines, and all of them are 0.
  case sinusoidalWithoutVariance(WeightShape)

  /// Orthogonal factorizes with LAPACK, which counts rows and columns in 32 bits.
  case tooLong(WeightShape)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name):
      "unknown initializer '\(name)': "
        + suggestion(
          for: name, among: InitializerCatalog.names, synonyms: InitializerCatalog.synonyms)
    case .sprayOfOneInput(let shape):
      "Spray has no value for a weight of \(shape): it spreads 1/(n − 1) and n, the number of "
        + "inputs, is 1; give the layer at least 2 inputs"
    case .branchEndOfOneInput(let shape):
      "IDInit_Branch_End has no value for a weight of \(shape): each of its rows has 1e-6 at one "
        + "input and -1e-6 at another; give the layer at least 2 inputs"
    case .sinusoidalWithoutVariance(let shape):
      "Sinusoidal has no value for a weight of \(shape): it divides by the variance of its sines, "
        + "which are all 0 there; give the layer at least 3 inputs or 3 outputs"
    case .tooLong(let shape):
      "Orthogonal can't factorize a weight of \(shape): LAPACK counts rows and columns to \(Int32.max); give the "
        + "layer fewer"
    }
  }
}
