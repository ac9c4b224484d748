// Every way in which asking for initial weights can go wrong.

import Messages

/// Why initial weights can't be made.
public enum InitializationError: Error, Equatable, CustomStringConvertible {
  /// No initialiser has this name.
  case unknownName(String)

  /// Spray divides by n − 1, and the layer has one input.
  case sprayOfOneInput(WeightShape)

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name):
      "unknown initialiser '\(name)': "
        + suggestion(for: name, among: InitializerCatalog.names)
    case .sprayOfOneInput(let shape):
      "Spray has no value for a weight of \(shape): it spreads 1/(n − 1) and n, the number of "
        + "inputs, is 1; give the layer at least 2 inputs"
    }
  }
}
