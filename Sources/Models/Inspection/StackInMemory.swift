// Stacks whose matrices can't be read one by one, as those of an archive: they are read once, for all of them.

import Checkpoints
import LinearAlgebra

/// A stack, or the stack that it is compared with, in memory while its matrices are ranked.
struct StackInMemory: Sendable {
  private let own: StoredTensor?
  private let other: StoredTensor?

  /// Reads what has to be read as a whole.
  ///
  /// - Parameters:
  ///   - matrix: Any matrix of the stack.
  ///   - baseline: What it is compared with.
  /// - Throws: `MemoryShortage`, and `TensorFileError`.
  init(of matrix: StoredTensor, _ baseline: Baseline) throws {
    let other = Self.counterpart(of: matrix, baseline)
    let size = Double(Self.count(matrix, other)) * 8 + 3 * 8 * Double(matrix.count)
    try Memory.check(size, for: "with its whole stack in memory it")
    own = matrix.isReadWhole ? try matrix.inMemory() : nil
    self.other = try other?.isReadWhole == true ? other?.inMemory() : nil
  }

  /// The matrix of the stack in memory; `nil` where the file's own is read.
  func matrix(_ tensor: StoredTensor) -> StoredTensor? {
    tensor.origin.flatMap { own?.matrix(at: $0.place) }
  }

  /// The matrix that one is compared with; `nil` where the file's own is read.
  func counterpart(of tensor: StoredTensor) -> StoredTensor? {
    tensor.origin.flatMap { other?.matrix(at: $0.place) }
  }

  /// The values of the stacks that have to be read as a whole to rank a matrix; 0 for one that is read by itself.
  static func count(_ matrix: StoredTensor, _ baseline: Baseline) -> Int {
    count(matrix, counterpart(of: matrix, baseline))
  }

  private static func count(_ tensors: StoredTensor?...) -> Int {
    tensors.compactMap(\.self).filter(\.isReadWhole)
      .reduce(0) { $0 + ($1.origin?.shape.reduce(1, *) ?? 0) }
  }

  /// `nil` also where there is something wrong with it, which is each matrix's own failure.
  private static func counterpart(of matrix: StoredTensor, _ baseline: Baseline) -> StoredTensor? {
    guard case .archive(let archive) = baseline else { return nil }
    return try? Baseline.counterpart(of: matrix, in: archive)
  }
}

/// Arrays that are inspected one after another: a stack that is read as a whole, or one array.
struct InspectionGroup {
  /// Their places among the subjects.
  var places: [Int]

  /// The stack that all are matrices of; `nil` for an array that is read by itself.
  let stack: String?

  /// The values in memory at a time.
  let size: Int

  /// The groups of some subjects, in their order.
  static func all(of subjects: [InspectionSubject], _ baseline: Baseline) -> [InspectionGroup] {
    var groups: [InspectionGroup] = []
    for (place, subject) in subjects.enumerated() {
      let tensor = subject.tensor
      if let name = tensor.origin?.name, groups.last?.stack == name {
        groups[groups.count - 1].places.append(place)
        continue
      }
      var stacked = 0
      if case .matrix = subject.decision { stacked = StackInMemory.count(tensor, baseline) }
      groups.append(
        InspectionGroup(
          places: [place], stack: stacked > 0 ? tensor.origin?.name : nil,
          size: tensor.count + stacked))
    }
    return groups
  }
}
