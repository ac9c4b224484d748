import ZerOMessages

/// Why a file of tensors can't be read or written.
public enum TensorFileError: Error, Equatable, CustomStringConvertible {
  /// The operating system could not read the file.
  case unreadable(path: String, reason: String)

  /// The contents violate the format.
  case malformed(path: String, format: String, reason: String)

  /// The file is valid, but the type of a tensor is not a floating-point type.
  case unsupported(path: String, tensor: String, type: String)

  /// The file needs more than a reader of untrusted files allows; the limit is its number and what it
  /// counts.
  case exceedsLimit(path: String, limit: String)

  /// A PyTorch file has no tensors under a key; the keys are those of its dictionaries with tensors.
  case noKey(path: String, key: String, keys: [String])

  /// A PyTorch file contains no tensors of a model; the keys are those of other tensors.
  case noTensors(path: String, keys: [String])

  /// The file's extension is unknown.
  case unknownFormat(path: String)

  /// A folder without `model.safetensors` that contains no other file of tensors, or several.
  case noModel(path: String, others: [String])

  /// A tensor has a type that PyTorch lacks, so its file can't contain the tensor.
  case noTypeInPyTorch(path: String, tensor: String, type: String)

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
    case .exceedsLimit(let path, let limit):
      "\(path): exceeds the limit of \(limit); save only the model, torch.save(model.state_dict(), …)"
    case .noKey(let path, let key, let keys) where keys.isEmpty:
      "\(path): has no dictionary of tensors '\(key)'; omit --key"
    case .noKey(let path, let key, let keys):
      "\(path): has no dictionary of tensors '\(key)'; give --key one of: \(firstOf(keys))"
    case .noTensors(let path, let keys) where keys.isEmpty:
      "\(path): contains no tensors; save the model, torch.save(model.state_dict(), …)"
    case .noTensors(let path, let keys):
      "\(path): contains an optimizer and no model; choose other tensors with --key: \(firstOf(keys))"
    case .unknownFormat(let path):
      "\(path): unknown format; give a file of safetensors, PyTorch (.pt, .pth, .bin, .ckpt) or NumPy (.npy, .npz), "
        + "or a folder that contains a model"
    case .noModel(let path, let others) where others.isEmpty:
      "\(path): contains no model; give a folder that contains model.safetensors or pytorch_model.bin, or a file of "
        + "tensors"
    case .noModel(let path, let others):
      "\(path): contains no model.safetensors and no pytorch_model.bin; give one of its files: "
        + others.prefix(3).joined(separator: ", ")
        + (others.count > 3 ? " and \(others.count - 3) more" : "")
    case .noTypeInPyTorch(let path, let tensor, let type):
      "\(path): PyTorch has no type \(type), which '\(tensor)' has; write a .safetensors file"
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check the path, its permissions and the free space"
    }
  }
}
