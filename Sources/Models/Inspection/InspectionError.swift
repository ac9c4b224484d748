// Every way in which asking for the ranks of a checkpoint can go wrong.

public import Checkpoints

/// Why a tensor, or a whole checkpoint, can't be inspected.
public enum InspectionError: Error, Equatable, CustomStringConvertible {
  /// A pattern that is no tensor's.
  case nothingMatches(UnmatchedPattern)

  /// The other checkpoint has no tensor of this name.
  case noCounterpart(tensor: String, path: String)

  /// The other checkpoint's tensor has another shape, `counterpart`, than the one that is looked at.
  case otherShape(tensor: String, shape: [Int], counterpart: [Int], path: String)

  /// The other checkpoint's tensor holds what is no finite number.
  case counterpartNotFinite(tensor: String, notNumbers: Int, infinities: Int, path: String)

  /// An initializer whose weights can't be made again from their shape alone.
  case randomBaseline(name: String)

  /// A page that would take the place of a file that is read.
  case overwritesCheckpoint(path: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .nothingMatches(let pattern): pattern.description
    case .noCounterpart(let tensor, let path):
      "\(path) has no '\(tensor)'; \(Self.fix(tensor))"
    case .otherShape(let tensor, let shape, let counterpart, let path):
      "\(path) has '\(tensor)' of \(Self.text(counterpart)), which is \(Self.text(shape)) here; "
        + Self.fix(tensor)
    case .counterpartNotFinite(let tensor, let notNumbers, let infinities, let path):
      "\(path) has \(notNumbers) NaN and \(infinities) infinite values in '\(tensor)', so there is no difference; "
        + "give a checkpoint without them"
    case .randomBaseline(let name):
      "\(name) draws its weights, so they can't be made again from their shape; give the checkpoint "
        + "from before training as --minus FILE"
    case .overwritesCheckpoint(let path):
      "\(path): tensors are read from this file; give the page another name"
    }
  }

  private static func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: "x")
  }

  private static func fix(_ tensor: String) -> String {
    "pass it over with --skip '\(tensor)', or give a checkpoint of the same model"
  }
}
