import ZerOCheckpoints
public import ZerONamePatterns

/// Why a tensor, or a whole checkpoint, can't be inspected.
public enum InspectionError: Error, Equatable, CustomStringConvertible {
  /// A pattern matches no tensor.
  case unmatchedPattern(UnmatchedPattern)

  /// A tensor matches patterns of stacks and of convolutions.
  case stackAndConvolution(tensor: String, path: String)

  /// The other checkpoint has no tensor with this name.
  case noCounterpart(tensor: String, path: String)

  /// The tensor of the other checkpoint has a different shape, `counterpart`.
  case wrongShape(tensor: String, shape: [Int], counterpart: [Int], path: String)

  /// The tensor contains NaN or infinities, so it has no rank.
  case weightNotFinite(notNumbers: Int, infinities: Int, count: Int)

  /// The tensor of the other checkpoint contains NaN or infinities.
  case counterpartNotFinite(tensor: String, notNumbers: Int, infinities: Int, path: String)

  /// The initializer is random, so its weights can't be reproduced from their shape alone.
  case randomBaseline(name: String)

  /// The output page would overwrite a file of the checkpoint.
  case overwritesCheckpoint(path: String)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unmatchedPattern(let pattern): pattern.description
    case .stackAndConvolution(let tensor, let path):
      "\(path): '\(tensor)' matches both --stack and --convolution; name it in only one of them"
    case .noCounterpart(let tensor, let path):
      "\(path): contains no '\(tensor)'; \(Self.fix(tensor))"
    case .wrongShape(let tensor, let shape, let counterpart, let path):
      "\(path): '\(tensor)' is \(Self.text(counterpart)), not \(Self.text(shape)); "
        + Self.fix(tensor)
    case .weightNotFinite(let notNumbers, let infinities, let count):
      "\(notNumbers) NaN and \(infinities) infinite values of \(count); no rank"
    case .counterpartNotFinite(let tensor, let notNumbers, let infinities, let path):
      "\(path): '\(tensor)' contains \(notNumbers) NaN and \(infinities) infinite values; give a checkpoint without "
        + "them"
    case .randomBaseline(let name):
      "\(name) draws random weights, which can't be reproduced from their shape; give the checkpoint before training, "
        + "--minus FILE"
    case .overwritesCheckpoint(let path):
      "\(path): the page would overwrite a file of the checkpoint; give --html another name"
    }
  }

  private static func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "a scalar" : shape.map(String.init).joined(separator: "x")
  }

  private static func fix(_ tensor: String) -> String {
    "omit it with --skip '\(tensor)', or give a checkpoint of the same model"
  }
}
