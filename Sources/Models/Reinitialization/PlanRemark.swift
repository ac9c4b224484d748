// What may not be as a model's author meant it, though nothing forbids it.

public import Initializers

/// A guess of a plan, or something that it leaves alone, that a person should know of.
public enum PlanRemark: Equatable, Sendable {
  /// The layout that the file's metadata name, which nobody stated.
  case layoutOfMetadata(TensorLayout)

  /// A tensor with the name that JAX's and Keras's libraries give to weights, whose outputs are last, or with as many
  /// last as its bias has, in a plan that nobody told where outputs are.
  case outputsProbablyLast(tensor: String)

  /// A weight that no family's rule is for, and whose bias has another length than its outputs.
  case otherBias(tensor: String, outputs: Int, bias: Int)

  /// A convolution kernel with the name of a transposed convolution and without a bias that tells.
  case perhapsTransposed(tensor: String)

  /// A weight of attention that no rule of its family fits, and that shapes decide about.
  case plainAttention(tensor: String, rules: String)

  /// Q, K and V in one tensor whose name says that heads have them in turn.
  case perhapsInterleaved(tensor: String)

  /// Likely last weights of residual branches, which no rule makes 0; patterns of their names.
  case branchEnds(patterns: [String])

  /// A weight that has the value of a family's rules whatever the initializer.
  case rulesBeforeInitializer(tensor: String, rules: String, initializer: String)

  /// Tensors that no initializer has values for.
  case stays(PreservedKind, tensor: String)

  /// A tensor of three dimensions that no rule knows, which keeps its values.
  case threeDimensionsStay(tensor: String)

  /// Any other tensor that no rule knows, which keeps its values.
  case unknownStays(tensor: String)

  /// A tensor that is kept with another one, which is the same in the program.
  case tied(tensor: String, with: String)

  /// A normalized weight.
  case weightNormalization(direction: String, length: String)

  /// A parameter without the name of a layer's weight, which becomes one all the same.
  case bareMatrix(tensor: String)

  /// A weight that looks like a table of tokens or positions.
  case probableTable(tensor: String)

  /// A vector that becomes 1, though only its name `weight` says that it is a normalization's scale.
  case unnamedOnes(tensor: String)

  /// A convolution kernel with one input and several outputs that becomes a partial identity: one of its outputs is
  /// not 0.
  case oneOutputPasses(tensor: String)

  /// A norm that becomes 1 with the names of Gemma 2 and 3, which multiply by 1 + weight.
  case gemmaNorms(tensor: String)
}
