// What is subtracted from a weight before its rank is computed.

public import Checkpoints
import Foundation
public import Initializers
import LinearAlgebra
import Parallelism

/// What a weight W is compared with.
public enum Baseline: Sendable {
  /// Nothing: the rank of W itself.
  case nothing

  /// The tensor of the same name in another checkpoint, for instance the one before fine-tuning.
  case archive(TensorArchive)

  /// The weight of W's shape that a deterministic initializer makes.
  case initializer(InitializerEntry)

  /// The short name of `Partial_Identity`, which `init --like` has as well.
  private static let identityName = "identity"

  /// The names that stand for a baseline: `identity`, and those of all initializers without randomness.
  public static var names: [String] {
    [identityName] + InitializerCatalog.entries.filter { !$0.isRandom }.map(\.name)
  }

  /// Takes what a person names.
  ///
  /// - Parameter name: `identity` for the partial identity, of a kernel in its center, an initializer's name, or a
  ///   checkpoint's path; what has a point or a slash in it or is there, and is no initializer, is a path.
  /// - Throws: `TensorFileError` for a path, `InitializationError.unknownName` for a name.
  public init(_ name: String) throws {
    let isNamed = { (entry: InitializerEntry) in
      name == Self.identityName ? entry.initializer is PartialIdentity : entry.name == name
    }
    if let entry = InitializerCatalog.entries.first(where: isNamed) {
      self = .initializer(entry)
    } else if name.contains(where: { "./".contains($0) })
      || FileManager.default.fileExists(atPath: name)
    {
      self = .archive(try TensorArchive(name))
    } else {
      self = .initializer(try InitializerCatalog.entry(named: name))
    }
  }

  /// Whether a file is one of those that the other checkpoint is read from.
  ///
  /// - Parameter path: A file that is to be written.
  /// - Returns: `false` for a baseline that is no checkpoint.
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

  /// Whether it is I, which is the same for outputs × inputs and inputs × outputs.
  var isIdentity: Bool {
    if case .initializer(let entry) = self { entry.initializer is PartialIdentity } else { false }
  }

  /// The tensor of another checkpoint that a tensor is compared with.
  ///
  /// - Throws: `InspectionError` where there is none of its shape, `TensorFileError.unsupported` for one without numbers.
  static func counterpart(of tensor: StoredTensor, in archive: TensorArchive) throws
    -> StoredTensor
  {
    let (name, shape) = (tensor.origin?.name ?? tensor.name, tensor.origin?.shape ?? tensor.shape)
    guard let other = archive.counterpart(of: name) else {
      throw InspectionError.noCounterpart(tensor: name, path: archive.path)
    }
    guard other.shape == shape else {
      throw InspectionError.otherShape(
        tensor: name, shape: shape, counterpart: other.shape, path: archive.path)
    }
    guard other.format != nil else {
      throw TensorFileError.unsupported(path: other.path, tensor: other.name, type: other.type)
    }
    return tensor.origin.map { other.matrix(at: $0.place) } ?? other
  }

  /// Subtracts the baseline from a weight.
  ///
  /// - Parameters:
  ///   - weight: W as a matrix; on return the difference.
  ///   - tensor: W as it is stored.
  ///   - reading: As which matrix W is taken.
  ///   - stack: The stack that W is a matrix of, where it is in memory.
  ///   - made: What `init` made of the tensor, as the file's record says; `nil` without one.
  ///   - team: Shares the work.
  /// - Returns: √(Σ ulp(w₀)²) of what was subtracted and had been rounded when it was stored. What is made again is
  ///   what W was before training, with the same rounding, so it counts nothing.
  /// - Throws: `InspectionError` where there is nothing to compare with, `TensorFileError`,
  ///   `InitializationError`.
  func subtract(
    from weight: inout Matrix<Double>, of tensor: StoredTensor, _ reading: MatrixReading,
    in stack: StackInMemory?, made: StartingWeight?, team: ThreadTeam
  ) throws -> Double {
    switch self {
    case .nothing: return 0
    case .archive(let archive):
      let other = try stack?.counterpart(of: tensor) ?? Self.counterpart(of: tensor, in: archive)
      let start = try other.matrix(
        rows: weight.rows, columns: weight.columns, as: Double.self, team: team)
      let format = other.format ?? .float64
      let statistics = start.statistics(smallestExponent: format.smallestExponent, team)
      guard statistics.notNumbers + statistics.infinities == 0 else {
        throw InspectionError.counterpartNotFinite(
          tensor: other.name, notNumbers: statistics.notNumbers, infinities: statistics.infinities,
          path: archive.path)
      }
      weight.subtract(start, team: team)
      return statistics.ulpNorm(epsilon: format.epsilon)
    case .initializer(let entry):
      let values = try (made ?? StartingWeight(entry.initializer, reading)).values()
      // Rounded as what was stored had been.
      let start = Matrix<Float>(
        rows: weight.rows, columns: weight.columns,
        elements: (tensor.format ?? .float32).rounded(values))
      weight.subtract(start, team: team)
      return 0
    }
  }
}
