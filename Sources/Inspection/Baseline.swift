// What is taken off a weight before its rank is.

public import Checkpoints
import Foundation
public import Initializers
import LinearAlgebra
import Parallelism
import Randomness

/// What a weight W is compared with.
public enum Baseline: Sendable {
  /// Nothing: the rank of W itself.
  case nothing

  /// The tensor of the same name in another checkpoint, for instance the one before fine-tuning.
  case archive(TensorArchive)

  /// What a deterministic initialiser gives a weight of W's shape.
  case initializer(InitializerEntry)

  /// The short name of `Partial_Identity`, which `init --like` has as well.
  private static let identityName = "identity"

  /// The names that stand for a baseline: `identity`, and those of all initialisers without randomness.
  public static var names: [String] {
    [identityName] + InitializerCatalog.entries.filter { !$0.isRandom }.map(\.name)
  }

  /// Takes what a person names.
  ///
  /// - Parameter name: `identity` for the partial identity, of a kernel in its centre, an initialiser's name, or a
  ///   checkpoint's path; what has a point or a slash in it or is there, and is no initialiser, is a path.
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

  /// Takes the baseline off a weight.
  ///
  /// - Parameters:
  ///   - weight: W as a matrix; on return the difference.
  ///   - tensor: W as it is stored.
  ///   - format: The type of its values. What is made again is rounded to it, as what was stored had been.
  ///   - layout: Where outputs and inputs are.
  ///   - crew: Shares the work.
  /// - Returns: √(Σ ulp(w₀)²) of what was taken off and had been rounded when it was stored. What is made again is
  ///   what W was before training, with the same rounding, so it counts nothing.
  /// - Throws: `InspectionError` where there is nothing to compare with, `TensorFileError`,
  ///   `InitializationError`.
  func subtract(
    from weight: inout Matrix<Double>, of tensor: StoredTensor, format: FloatFormat,
    layout: TensorLayout, crew: Crew
  ) throws -> Double {
    switch self {
    case .nothing: return 0
    case .archive(let archive):
      guard let other = archive[tensor.name] else {
        throw InspectionError.noCounterpart(tensor: tensor.name, path: archive.path)
      }
      guard other.shape == tensor.shape else {
        throw InspectionError.otherShape(
          tensor: tensor.name, shape: tensor.shape, counterpart: other.shape, path: archive.path)
      }
      let start = try other.matrix(
        rows: weight.rows, columns: weight.columns, as: Double.self, crew: crew)
      weight.subtract(start, crew: crew)
      guard let format = other.format else { return 0 }
      return format.epsilon
        * start.census(smallestExponent: format.smallestExponent, crew).binadeNorm
    case .initializer(let entry):
      var streams = RandomStreams(seed: 0)
      let start = Matrix<Float>(
        rows: weight.rows, columns: weight.columns,
        elements: format.rounded(
          try entry.initializer.storedWeight(tensor.shape, layout: layout, using: &streams)))
      weight.subtract(start, crew: crew)
      return 0
    }
  }
}
