// Networks with the weights of a file.

public import ZerOCheckpoints
public import ZerOLinearAlgebra
public import ZerONetworks

/// The reason why a file's tensors are not the parameters of a model.
public enum WeightsError: Error, Equatable, CustomStringConvertible {
  /// Parameters of the model that the file does not contain; the number of all of them, and the first one.
  case missing(path: String, count: Int, tensor: String)

  /// Tensors that the model does not have; the number of all of them, and the first one.
  case unexpected(path: String, count: Int, tensor: String)

  /// A tensor of another shape than the model's parameter.
  case wrongShape(path: String, tensor: String, found: [Int], expected: [Int])

  /// A tensor with NaN or infinities.
  case notFinite(path: String, tensor: String)

  /// A running variance below 0.
  case negativeVariance(path: String, tensor: String)

  /// A file whose first and last weights are not those of a model.
  case unknownModel(path: String, model: String)

  /// Outputs with NaN or infinities for some test image.
  case outputsNotFinite(path: String)

  /// The file, the defect and its fix, in one line.
  public var description: String {
    switch self {
    case .missing(let path, let count, let tensor):
      "\(path): '\(tensor)'\(Self.others(count)) of the model \(count > 1 ? "are" : "is") missing; "
        + "give the settings of the model that the file contains, or save all of its state_dict"
    case .unexpected(let path, let count, let tensor):
      "\(path): '\(tensor)'\(Self.others(count)) \(count > 1 ? "are" : "is") not in the model; "
        + "give the settings of the model that the file contains, or save its state_dict alone"
    case .wrongShape(let path, let tensor, let found, let expected):
      "\(path): '\(tensor)' has the shape \(Self.text(found)), but the model needs \(Self.text(expected)); "
        + "give the settings and data of the model that the file contains"
    case .notFinite(let path, let tensor):
      "\(path): '\(tensor)' contains NaN or infinities; use the weights of a run that did not diverge"
    case .negativeVariance(let path, let tensor):
      "\(path): '\(tensor)' contains a variance below 0; save the model again"
    case .unknownModel(let path, let model):
      "\(path): no tensors have the names and sizes of the first and the last weight of \(model); give the model that the "
        + "file contains by --model, and its normalization by --norm"
    case .outputsNotFinite(let path):
      "\(path): the outputs of the model are NaN or infinite; use the weights of a run that did not diverge"
    }
  }

  private static func others(_ count: Int) -> String {
    count > 1 ? " and \(count - 1) more tensor\(count > 2 ? "s" : "")" : ""
  }

  private static func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "of a single number" : shape.map(String.init).joined(separator: "x")
  }
}

extension Network<Float> {
  /// Makes a network with the weights of a file, under PyTorch's names.
  ///
  /// As with `load_state_dict(strict=True)`, the file must contain every parameter and running statistic of the model,
  /// in its shape, and nothing else. Prefixes of training tools, such as `_orig_mod.` and `module.`, may precede the
  /// names. The number of batches of running statistics, `num_batches_tracked`, is not read: it may be missing, and is 0
  /// in the network.
  ///
  /// - Parameters:
  ///   - graph: The model.
  ///   - archive: The file.
  /// - Throws: `WeightsError` if the tensors are not those of the model; `TensorFileError` if a tensor can't be read.
  public init(_ graph: ModelGraph, weights archive: TensorArchive) throws {
    let path = archive.path
    let found = graph.parameters.map { archive.counterpart(of: $0.name) }
    let missing = zip(graph.parameters, found).filter { $0.role != .count && $1 == nil }
    if let first = missing.first {
      throw WeightsError.missing(path: path, count: missing.count, tensor: first.0.name)
    }
    let known = Set(found.compactMap { $0?.name })
    let unexpected = archive.tensors.filter { !known.contains($0.name) }
    if let first = unexpected.first {
      throw WeightsError.unexpected(path: path, count: unexpected.count, tensor: first.name)
    }
    for case (let parameter, let tensor?) in zip(graph.parameters, found)
    where tensor.shape != parameter.shape {
      throw WeightsError.wrongShape(
        path: path, tensor: tensor.name, found: tensor.shape, expected: parameter.shape)
    }
    var parameters: [Matrix<Float>] = []
    for (parameter, tensor) in zip(graph.parameters, found) {
      let (rows, columns) = (parameter.rows, parameter.columns)
      guard let tensor, parameter.role != .count else {
        parameters.append(Matrix(repeating: 0, rows: rows, columns: columns))
        continue
      }
      let values = try tensor.matrix(rows: rows, columns: columns, as: Float.self)
      guard values.elements.allSatisfy(\.isFinite) else {
        throw WeightsError.notFinite(path: path, tensor: tensor.name)
      }
      guard parameter.role != .variance || values.elements.allSatisfy({ $0 >= 0 }) else {
        throw WeightsError.negativeVariance(path: path, tensor: tensor.name)
      }
      parameters.append(values)
    }
    self.init(graph: graph, parameters: parameters)
  }
}
