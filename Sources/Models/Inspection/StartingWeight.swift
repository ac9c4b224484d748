// A weight as it was before training, made again.

import Checkpoints
import Initializers
import LinearAlgebra
import Randomness

/// A deterministic initializer, and what became of one tensor under it.
struct StartingWeight: Sendable {
  private let initializer: any Initializer

  /// A word for each of the layers that the weight stacks; none for what the initializer makes of the shape.
  private let treatments: [String]

  /// The words that say which values a tensor got.
  private static let words: Set = ["matrix", "convolution", "identity", "zeros", "ones"]

  /// The dimensions of the stored weight, and where outputs and inputs are among them.
  private let shape: [Int]
  private let layout: TensorLayout

  /// The weight that a rule makes of a matrix's shape; it draws nothing.
  init(_ initializer: any Initializer, _ reading: MatrixReading) {
    self.initializer = initializer
    treatments = []
    (shape, layout) = (reading.shape, reading.layout)
  }

  /// The weight of a tensor as a record has it.
  ///
  /// `nil` where the words don't give the values: `keep` for example, words for parts that the shape can't have, and a
  /// weight that was made of a whole stack.
  ///
  /// - Parameters:
  ///   - initializer: The rule; it draws nothing.
  ///   - tensor: The tensor, or a matrix of a stack.
  ///   - reading: As which matrix it is taken. It has the layout where the record is of an older version without one.
  ///   - record: Has for the tensor one word, or, of weights of several layers in one, words such as
  ///     `identity | zeros | zeros` or `3 matrices`.
  init?(
    _ initializer: any Initializer, of tensor: StoredTensor, _ reading: MatrixReading,
    _ record: InitializationRecord
  ) {
    let name = tensor.origin?.name ?? tensor.name
    let treatment = record.treatments[name] ?? ""
    if let match = treatment.wholeMatch(of: /(\d{1,4}) matrices/), let count = Int(match.1) {
      treatments = Array(repeating: "matrix", count: count)
    } else {
      treatments = treatment.split(separator: " | ").map(String.init)
    }
    guard !treatments.isEmpty, treatments.allSatisfy(Self.words.contains),
      tensor.origin == nil || treatments.allSatisfy(["zeros", "ones"].contains)
    else { return nil }
    if let word = record.layouts?[name] ?? record.layout {
      guard let layout = TensorLayout(rawValue: word) else { return nil }
      (shape, self.layout) = (tensor.shape, layout)
    } else {
      (shape, layout) = (reading.shape, reading.layout)
    }
    self.initializer = initializer
    guard treatments.count > 1 else { return }
    let torch = layout.torchExtents(of: shape)
    guard torch.count == 2, torch[0].isMultiple(of: treatments.count) else { return nil }
  }

  /// The values in the order of the file.
  ///
  /// - Returns: As many values as the weight has.
  /// - Throws: `InitializationError` when the initializer has no value for the shape.
  func values() throws(InitializationError) -> ContiguousArray<Float> {
    let torch = layout.torchExtents(of: shape)
    guard treatments.count > 1 else {
      return layout.stored(try part(treatments.first, torch), torchExtents: torch)
    }
    var values: ContiguousArray<Float> = []
    for treatment in treatments {
      values += try part(treatment, [torch[0] / treatments.count, torch[1]])
    }
    return layout.stored(values, torchExtents: torch)
  }

  /// The values of one layer, in PyTorch's order.
  private func part(_ treatment: String?, _ torch: [Int]) throws(InitializationError)
    -> ContiguousArray<Float>
  {
    var streams = RandomStreams(seed: 0)
    let count = torch.reduce(1, *)
    switch treatment {
    case "zeros": return ContiguousArray(repeating: 0, count: count)
    case "ones": return ContiguousArray(repeating: 1, count: count)
    case "identity":
      return try PartialIdentity().storedWeight(torch, layout: .torch, using: &streams)
    case "matrix":
      let shape = WeightShape(outputs: torch[0], inputs: count / torch[0])
      return try initializer.weight(shape, using: &streams).elements
    default: return try initializer.storedWeight(torch, layout: .torch, using: &streams)
    }
  }
}
