import ZerOCheckpoints
import ZerOMessages
public import ZerONamePatterns

/// Why a model can't get new weights.
public enum ReinitializationError: Error, Equatable, CustomStringConvertible {
  /// There is no rule set with this name.
  case unknownRules(String)

  /// The rules are for another family; `known` is the family that the names show, if any.
  case wrongFamily(rules: String, pattern: String, known: String?, path: String)

  /// A pattern matches no tensor.
  case unmatchedPattern(UnmatchedPattern)

  /// Two equally specific patterns demand different treatments of one tensor.
  case ambiguousPatterns(tensor: String, first: TensorRule, second: TensorRule)

  /// A tensor's shape doesn't fit a treatment, which follows "become" in the text; `need` is the
  /// required shape.
  case wrongShape(tensor: String, shape: [Int], treatment: String, need: String, path: String)

  /// A tensor's type doesn't fit a treatment, which follows "become" in the text.
  case wrongType(tensor: String, type: String, treatment: String, path: String)

  /// The initializer doesn't support a tensor's shape.
  case noWeight(tensor: String, reason: String, path: String)

  /// The model is quantized to integers or 8-bit floats with scales; `tensor` is one of its
  /// weights.
  case quantized(tensor: String, path: String)

  /// The model is a file of NumPy, so a safetensors file can't preserve its types.
  case wrongFormat(path: String)

  /// The output file is a file of the model.
  case overwritesItself(path: String)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unknownRules(let name):
      "unknown rules '\(name)': " + suggestion(for: name, among: RuleSet.names)
    case .wrongFamily(let rules, let pattern, let known, let path):
      "\(path): rules '\(rules)' do not fit: no tensor '\(pattern)' has the expected shape; "
        + (known.map { "omit --rules to use '\($0)', which the names show" }
          ?? "omit --rules or use --rules generic")
    case .unmatchedPattern(let pattern): pattern.description
    case .ambiguousPatterns(let tensor, let first, let second):
      "'\(tensor)' matches '\(first.pattern)' (\(first.treatment.name)) and '\(second.pattern)' "
        + "(\(second.treatment.name)), which are equally specific; write the whole name for the one that should apply"
    case .wrongShape(let tensor, let shape, let treatment, let need, let path):
      "\(path): '\(tensor)', \(Self.kind(of: shape)), can't become \(treatment); that requires \(need)"
    case .wrongType(let tensor, let type, let treatment, let path):
      "\(path): '\(tensor)' of type \(type) can't become \(treatment); only floating-point tensors can"
    case .noWeight(let tensor, let reason, let path):
      "\(path): '\(tensor)': \(reason), or keep it with --keep '\(tensor)'"
    case .quantized(let tensor, let path):
      "\(path): the model is quantized (such as '\(tensor)'); dequantize it first"
    case .wrongFormat(let path):
      "\(path): not a file of safetensors or PyTorch; save the model in one of these formats first"
    case .overwritesItself(let path):
      "\(path): the output would overwrite the model; give --out another name"
    }
  }

  private static func kind(of shape: [Int]) -> String {
    switch shape.count {
    case 0: "a scalar"
    case 1: "a vector of \(shape[0])"
    case 2: "a matrix of \(shape[0])x\(shape[1])"
    default: "an array of \(shape.map(String.init).joined(separator: "x"))"
    }
  }
}
