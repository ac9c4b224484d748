// Baselines: matrices that are subtracted from weights before ranks are computed.

import Foundation
public import ZerOCheckpoints
public import ZerOInitializers
import ZerOLinearAlgebra
import ZerOParallelism

/// The matrix that is subtracted from a weight W before its rank is computed.
public enum Baseline: Sendable {
  /// Nothing: the rank of W itself.
  case nothing

  /// The tensor with the same name in another checkpoint, for example the one before fine-tuning.
  case archive(TensorArchive)

  /// The weight of W's shape that a deterministic initializer generates.
  case initializer(InitializerEntry)

  /// The short name of `Partial_Identity`, as in `init --like`.
  private static let identityName = "identity"

  /// The named baselines: `identity`, and every deterministic initializer.
  public static var names: [String] {
    [identityName] + InitializerCatalog.builtIn.entries.filter { !$0.isRandom }.map(\.name)
  }

  /// Parses a baseline.
  ///
  /// - Parameters:
  ///   - name: `identity` for the partial identity (for a convolution, at its center tap), an
  ///     initializer's name, or the path of a checkpoint. A text that is not an initializer's name
  ///     is a path if it contains a dot or a slash, or the file exists.
  ///   - key: The key of the model in a PyTorch file; ignored if the checkpoint doesn't have it.
  /// - Throws: `TensorFileError` for a path, `InitializationError.unknownName` for a name.
  public init(_ name: String, key: String? = nil) throws {
    let isNamed = { (entry: InitializerEntry) in
      name == Self.identityName ? entry.initializer is PartialIdentity : entry.name == name
    }
    if let entry = InitializerCatalog.builtIn.entries.first(where: isNamed)
      ?? (try? InitializerCatalog.builtIn.entry(named: name))
    {
      self = .initializer(entry)
    } else if name.contains(where: { "./".contains($0) })
      || FileManager.default.fileExists(atPath: name)
    {
      self = .archive(try Self.archive(name, key: key))
    } else {
      self = .initializer(try InitializerCatalog.builtIn.entry(named: name))
    }
  }

  /// Opens another checkpoint of the same model; an adapter as its weight changes.
  ///
  /// - Parameters:
  ///   - path: The path of the checkpoint.
  ///   - key: The key of the model in a PyTorch file; ignored if the checkpoint doesn't have it.
  /// - Returns: The tensors of the checkpoint.
  /// - Throws: `TensorFileError`.
  public static func archive(_ path: String, key: String?) throws(TensorFileError)
    -> TensorArchive
  {
    do {
      return try TensorArchive(path, key: key).resolvingAdapter()
    } catch .noKey {
      return try TensorArchive(path).resolvingAdapter()
    }
  }

  /// Whether a path is one of the files of the other checkpoint.
  ///
  /// - Parameter path: An output file.
  /// - Returns: `false` if the baseline is not a checkpoint.
  public func isRead(from path: String) -> Bool {
    if case .archive(let archive) = self { archive.isRead(from: path) } else { false }
  }

  /// The difference as a formula.
  public var description: String {
    switch self {
    case .nothing: "W"
    case .archive(let archive): "W - W of \(archive.path)"
    case .initializer(let entry): isIdentity ? "W - I" : "W - \(entry.name)"
    }
  }

  /// Whether the baseline is I, which is the same for out × in and in × out.
  var isIdentity: Bool {
    if case .initializer(let entry) = self { entry.initializer is PartialIdentity } else { false }
  }

  /// Finds the tensor of another checkpoint that corresponds to a tensor.
  ///
  /// - Throws: `InspectionError` if there is none, or its shape differs;
  ///   `TensorFileError.unsupported` if its type is not a floating-point type.
  static func counterpart(of tensor: StoredTensor, in archive: TensorArchive) throws
    -> StoredTensor
  {
    let (name, shape) = (tensor.origin?.name ?? tensor.name, tensor.origin?.shape ?? tensor.shape)
    guard let other = archive.counterpart(of: name) else {
      throw InspectionError.noCounterpart(tensor: name, path: archive.path)
    }
    guard other.shape == shape else {
      throw InspectionError.wrongShape(
        tensor: name, shape: shape, counterpart: other.shape, path: archive.path)
    }
    guard other.format != nil else {
      throw TensorFileError.unsupported(path: other.path, tensor: other.name, type: other.type)
    }
    return tensor.origin.map { other.part($0.part) } ?? other
  }

  /// The baseline of a weight as a matrix.
  ///
  /// - Parameters:
  ///   - tensor: W in its file.
  ///   - reading: How W is interpreted as a matrix.
  ///   - stack: The stack that contains W, if it is in memory.
  ///   - made: The initial weight that the record of `init` describes; `nil` without a record.
  ///   - team: Threads that share the work.
  /// - Returns: W₀; `nil` to subtract nothing.
  /// - Throws: `InspectionError` if the baseline has no counterpart, `TensorFileError`,
  ///   `InitializationError`.
  func start(
    of tensor: StoredTensor, _ reading: MatrixReading, in stack: StackInMemory?,
    made: InitialWeight?, team: ThreadTeam
  ) throws -> StartMatrix? {
    switch self {
    case .nothing: return nil
    case .archive(let archive):
      let other = try stack?.counterpart(of: tensor) ?? Self.counterpart(of: tensor, in: archive)
      let start = try CompactMatrix(
        other, rows: reading.rows, columns: reading.columns, team: team)
      let format = other.format ?? .float64
      let statistics = start.statistics(smallestExponent: format.smallestExponent, team)
      guard statistics.notNumbers + statistics.infinities == 0 else {
        throw InspectionError.counterpartNotFinite(
          tensor: other.name, notNumbers: statistics.notNumbers, infinities: statistics.infinities,
          path: archive.path)
      }
      return StartMatrix(values: start, format: format, statistics: statistics)
    case .initializer(let entry):
      let values = try (made ?? InitialWeight(entry.initializer, reading)).values()
      let format = tensor.format ?? .float32
      // Rounded to the stored type, as the initial weight was.
      let start = Matrix<Float>(
        rows: reading.rows, columns: reading.columns, elements: format.rounded(values))
      return StartMatrix(values: .single(start), format: format, statistics: nil)
    }
  }
}
