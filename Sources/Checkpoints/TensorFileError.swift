// Every way in which a file of tensors can't be read.

/// Why a file of tensors can't be read.
public enum TensorFileError: Error, Equatable, CustomStringConvertible {
  /// A file that its format forbids.
  case malformed(path: String, format: String, reason: String)

  /// A file as its format has it, with values that this program has no use for.
  case unsupported(path: String, tensor: String, type: String)

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .malformed(let path, let format, let reason):
      "\(path): not a sound \(format) file (\(reason)); write or fetch it again"
    case .unsupported(let path, let tensor, let type):
      "\(path): '\(tensor)' has values of type \(type); convert it to 32-bit floats"
    }
  }
}
