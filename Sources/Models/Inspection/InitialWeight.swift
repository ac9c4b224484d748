// Initial weights, reproduced from the initializer and the record of `init`.

import ZerOCheckpoints
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

/// The initial value of a weight under a deterministic initializer.
struct InitialWeight: Sendable {
  private let initializer: any Initializer

  /// One treatment per layer that the tensor concatenates; empty without a record.
  private let treatments: [String]

  /// Treatments that determine all values.
  private static let words: Set = ["matrix", "convolution", "identity", "zeros", "ones"]

  /// The part of the weight whose values are needed; `nil` for all values.
  private let block: MatrixBlock?

  /// The dimensions of the stored weight, and their layout.
  private let shape: [Int]
  private let layout: TensorLayout

  /// The weight that an initializer generates for a matrix.
  init(_ initializer: any Initializer, _ reading: MatrixReading) {
    self.initializer = initializer
    treatments = []
    block = nil
    (shape, layout) = (reading.shape, reading.layout)
  }

  /// The weight that a record describes.
  ///
  /// `nil` if the record doesn't determine the values: for `keep`, for treatments that don't fit
  /// the shape, and for a stack that was initialized as a whole.
  ///
  /// - Parameters:
  ///   - initializer: A deterministic initializer.
  ///   - tensor: The tensor, a matrix of a stack, or a layer of a fused weight, which gets its part of
  ///     the values of the whole tensor.
  ///   - reading: How it is interpreted as a matrix. Its layout is used if the record, of an older
  ///     version, contains none.
  ///   - record: Contains one treatment for the tensor or, if it concatenates layers, several, such
  ///     as `identity | zeros | zeros` or `3 matrices`.
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
    if case .block(let block) = tensor.origin?.part { self.block = block } else { block = nil }
    guard !treatments.isEmpty, treatments.allSatisfy(Self.words.contains),
      tensor.origin == nil || block != nil || treatments.allSatisfy(["zeros", "ones"].contains)
    else { return nil }
    let stored = block == nil ? tensor.shape : tensor.origin?.shape ?? tensor.shape
    if let word = record.layouts?[name] ?? record.layout {
      guard let layout = TensorLayout(rawValue: word) else { return nil }
      (shape, self.layout) = (stored, layout)
    } else {
      (shape, layout) = (block == nil ? reading.shape : stored, reading.layout)
    }
    self.initializer = initializer
    guard treatments.count > 1 else { return }
    let torch = layout.torchShape(of: shape)
    guard torch.count == 2, torch[0].isMultiple(of: treatments.count) else { return nil }
  }

  /// The values in the order of the file.
  ///
  /// - Returns: As many values as the weight has, or its part.
  /// - Throws: `InitializationError` if the initializer doesn't support the shape.
  func values() throws(InitializationError) -> ContiguousArray<Float> {
    let values = try wholeValues()
    return block?.elements(of: values, shape: shape) ?? values
  }

  private func wholeValues() throws(InitializationError) -> ContiguousArray<Float> {
    let torch = layout.torchShape(of: shape)
    guard treatments.count > 1 else {
      return layout.stored(try part(treatments.first, torch), torchShape: torch)
    }
    var values: ContiguousArray<Float> = []
    for treatment in treatments {
      values += try part(treatment, [torch[0] / treatments.count, torch[1]])
    }
    return layout.stored(values, torchShape: torch)
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
