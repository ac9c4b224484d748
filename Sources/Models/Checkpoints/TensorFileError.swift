// Every way in which a file of tensors can't be read or written.

/// Why a file of tensors can't be read, or written.
public enum TensorFileError: Error, Equatable, CustomStringConvertible {
  /// The operating system refused to read.
  case unreadable(path: String, reason: String)

  /// A file that its format forbids.
  case malformed(path: String, format: String, reason: String)

  /// A file as its format has it, with values that this program has no use for.
  case unsupported(path: String, tensor: String, type: String)

  /// A name that ends in none of the known ways, or a folder without a model.
  case unknownFormat(path: String)

  /// A folder in which no file is named as a model is, but others hold tensors.
  case noModel(path: String, others: [String])

  /// The operating system refused to write; what was there before is as it was.
  case unwritable(path: String, reason: String)

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); check the path and its permissions"
    case .malformed(let path, let format, let reason):
      "\(path): not a valid \(format) file (\(reason)); write or fetch it again"
    case .unsupported(let path, let tensor, let type):
      "\(path): '\(tensor)' has values of type \(type); convert it to one of "
        + FloatFormat.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownFormat(let path) where Self.endingsOfPyTorch.contains(where: path.hasSuffix):
      "\(path): PyTorch's own format, which is a program more than a file of tensors; in Python, convert it: "
        + "safetensors.torch.save_file(torch.load('…', map_location='cpu', weights_only=True), "
        + "'model.safetensors')"
    case .unknownFormat(let path):
      "\(path): no file of tensors; give a .safetensors, .safetensors.index.json, .npy or .npz file, "
        + "or a folder that holds a model.safetensors"
    case .noModel(let path, let others):
      "\(path): holds no model.safetensors; give one of its other files: "
        + others.prefix(3).joined(separator: ", ")
        + (others.count > 3 ? " and \(others.count - 3) more" : "")
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check the path, its permissions and the space left"
    }
  }

  /// What names of files end in that `torch.save` has written.
  private static let endingsOfPyTorch = [".pt", ".pth", ".bin", ".ckpt"]
}
