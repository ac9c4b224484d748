// Every way in which giving a model new weights can go wrong.

public import Checkpoints
import Messages

/// Why a model can't be given new weights.
public enum ReinitializationError: Error, Equatable, CustomStringConvertible {
  /// No set of rules has this name.
  case unknownRules(String)

  /// A model of another family than the rules are for; `known` is the family that its names tell, if one.
  case otherFamily(rules: String, pattern: String, known: String?, path: String)

  /// A pattern that is no tensor's.
  case nothingMatches(UnmatchedPattern)

  /// Two equally exact patterns want different things of one tensor.
  case undecided(tensor: String, first: TensorRule, second: TensorRule)

  /// A tensor whose dimensions don't allow what is asked; the treatment as it follows "become", and what it takes.
  case otherShape(tensor: String, shape: [Int], treatment: String, need: String, path: String)

  /// A tensor whose type doesn't allow what is asked; the treatment as it follows "become".
  case otherType(tensor: String, type: String, treatment: String, path: String)

  /// The initializer has no weight of a tensor's shape.
  case noWeight(tensor: String, reason: String, path: String)

  /// A model of integers or eighths with factors; `tensor` is one of the weights.
  case quantized(tensor: String, path: String)

  /// A format whose names and types a safetensors file can't keep.
  case otherFormat(path: String)

  /// The file to write is the one that is read.
  case overwritesItself(path: String)

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .unknownRules(let name):
      "unknown rules '\(name)': " + suggestion(for: name, among: RuleSet.names)
    case .otherFamily(let rules, let pattern, let known, let path):
      "\(path): no model for the rules '\(rules)', since no '\(pattern)' of the right shape is in it; "
        + (known.map { "it looks like '\($0)', which it gets without --rules" }
          ?? "leave --rules away, or take 'generic'")
    case .nothingMatches(let pattern): pattern.description
    case .undecided(let tensor, let first, let second):
      "'\(first.pattern)' (\(first.treatment.name)) and '\(second.pattern)' "
        + "(\(second.treatment.name)) want different things of '\(tensor)' and are equally exact; "
        + "write its name out for the one that is to hold"
    case .otherShape(let tensor, let shape, let treatment, let need, let path):
      "\(path): '\(tensor)', \(Self.kind(of: shape)), can't become \(treatment); that takes \(need)"
    case .otherType(let tensor, let type, let treatment, let path):
      "\(path): '\(tensor)' of type \(type) can't become \(treatment); only numbers with a floating "
        + "point can"
    case .noWeight(let tensor, let reason, let path):
      "\(path): '\(tensor)': \(reason), or keep it with --keep '\(tensor)'"
    case .quantized(let tensor, let path):
      "\(path): quantized ('\(tensor)' for one); dequantize it first"
    case .otherFormat(let path):
      "\(path): no safetensors file; convert it, so that the new one can be like it"
    case .overwritesItself(let path):
      "\(path) is the model itself; give --out another name"
    }
  }

  private static func kind(of shape: [Int]) -> String {
    switch shape.count {
    case 0: "a single number"
    case 1: "a vector of \(shape[0])"
    case 2: "a matrix of \(shape[0])x\(shape[1])"
    default: "an array of \(shape.map(String.init).joined(separator: "x"))"
    }
  }
}
