/// Why a file of tensors can't be read or written.
public enum TensorFileError: Error, Equatable, CustomStringConvertible {
  /// The operating system could not read the file.
  case unreadable(path: String, reason: String)

  /// The contents violate the format.
  case malformed(path: String, format: String, reason: String)

  /// The file is valid, but the type of a tensor is not a floating-point type.
  case unsupported(path: String, tensor: String, type: String)

  /// The file's extension is unknown.
  case unknownFormat(path: String)

  /// A folder without `model.safetensors` that contains no other file of tensors, or several.
  case noModel(path: String, others: [String])

  /// The operating system could not write the file; an older file is unchanged.
  case unwritable(path: String, reason: String)

  /// The file, the defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); check the path and its permissions"
    case .malformed(let path, let format, let reason):
      "\(path): not a valid \(format) file (\(reason)); save or download it again"
    case .unsupported(let path, let tensor, let type):
      "\(path): '\(tensor)' has the type \(type); convert it to one of "
        + FloatFormat.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownFormat(let path) where Self.pyTorchExtensions.contains(where: path.hasSuffix):
      "\(path): PyTorch pickle files can execute code; convert its dictionary of tensors in Python: "
        + "safetensors.torch.save_file({k: v.contiguous() for k, v in torch.load('…', map_location='cpu', "
        + "weights_only=True).items()}, 'model.safetensors')"
    case .unknownFormat(let path):
      "\(path): unknown format; give a .safetensors, .safetensors.index.json, .npy or .npz file, "
        + "or a folder that contains model.safetensors"
    case .noModel(let path, let others) where others.isEmpty:
      "\(path): contains no model; give a folder that contains model.safetensors, or a file of tensors"
    case .noModel(let path, let others):
      "\(path): contains no model.safetensors; give one of its files: "
        + others.prefix(3).joined(separator: ", ")
        + (others.count > 3 ? " and \(others.count - 3) more" : "")
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check the path, its permissions and the free space"
    }
  }

  /// Extensions of files that `torch.save` writes.
  private static let pyTorchExtensions = [".pt", ".pth", ".bin", ".ckpt"]
}
