// Stacks whose matrices can't be read separately, such as those in archives: they are read once.

package import ZerOCheckpoints
import ZerOLinearAlgebra

/// A stack, or its counterpart in the baseline, in memory while its matrices are ranked.
package struct StackInMemory: Sendable {
  private let own: StoredTensor?
  private let other: StoredTensor?

  /// Reads the stack and its counterpart, each only if its matrices can't be read separately.
  ///
  /// - Parameters:
  ///   - matrix: Any matrix of the stack.
  ///   - baseline: The matrix that is subtracted.
  /// - Throws: `MemoryShortage`, and `TensorFileError`.
  package init(of matrix: StoredTensor, _ baseline: Baseline) throws {
    let other = Self.counterpart(of: matrix, baseline)
    let size = Double(Self.count(matrix, other)) * 8 + 3 * 8 * Double(matrix.count)
    try Memory.check(size, for: "with its whole stack in memory it")
    own = matrix.isReadWhole ? try matrix.inMemory() : nil
    self.other = try other?.isReadWhole == true ? other?.inMemory() : nil
  }

  /// The matrix in memory; `nil` if it can be read from its file.
  func matrix(_ tensor: StoredTensor) -> StoredTensor? {
    tensor.origin.flatMap { own?.part($0.part) }
  }

  /// The counterpart of a matrix in memory; `nil` if it can be read from its file.
  func counterpart(of tensor: StoredTensor) -> StoredTensor? {
    tensor.origin.flatMap { other?.part($0.part) }
  }

  /// The number of values in the stacks that must be in memory to rank a matrix.
  package static func count(_ matrix: StoredTensor, _ baseline: Baseline) -> Int {
    count(matrix, counterpart(of: matrix, baseline))
  }

  private static func count(_ tensors: StoredTensor?...) -> Int {
    tensors.compactMap(\.self).filter(\.isReadWhole)
      .reduce(0) { $0 + ($1.origin?.shape.reduce(1, *) ?? 0) }
  }

  /// Also `nil` on an error, which each matrix then reports itself.
  private static func counterpart(of matrix: StoredTensor, _ baseline: Baseline) -> StoredTensor? {
    guard case .archive(let archive) = baseline else { return nil }
    return try? Baseline.counterpart(of: matrix, in: archive)
  }
}

/// Tensors that are inspected one after another: the matrices of a stack in memory, or a single
/// tensor.
struct InspectionGroup {
  /// Indices of the subjects.
  var indices: [Int]

  /// The name of the stack in memory; `nil` for a single tensor.
  let stack: String?

  /// The number of values in memory at a time.
  let size: Int

  /// Groups subjects, in their order.
  static func all(of subjects: [InspectionSubject], _ baseline: Baseline) -> [InspectionGroup] {
    var groups: [InspectionGroup] = []
    for (place, subject) in subjects.enumerated() {
      let tensor = subject.tensor
      if let name = tensor.origin?.name, groups.last?.stack == name {
        groups[groups.count - 1].indices.append(place)
        continue
      }
      var stacked = 0
      if case .matrix = subject.decision { stacked = StackInMemory.count(tensor, baseline) }
      groups.append(
        InspectionGroup(
          indices: [place], stack: stacked > 0 ? tensor.origin?.name : nil,
          size: tensor.count + stacked))
    }
    return groups
  }
}
