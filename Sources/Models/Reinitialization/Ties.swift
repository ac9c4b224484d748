// Tied tensors, which are one tensor in the program but two in the file.

import ZerOCheckpoints

/// Recognizes tied tensors, such as the token embedding and the output head of a language model.
enum Ties {
  /// Keeps tensors that equal a kept embedding bit for bit; otherwise the program would load new
  /// values for both.
  ///
  /// Tensors that the user keeps don't count: a copy of a layer beside one follows its own rule.
  ///
  /// - Parameter assignments: One per tensor.
  /// - Returns: The assignments; tied tensors are kept, with the name of the embedding as the
  ///   reason.
  /// - Throws: `TensorFileError` if values can't be read.
  /// - Complexity: One read per embedding and per tensor of its shape; tensors are compared only if
  ///   their first bytes are equal.
  static func kept(_ assignments: [Assignment]) throws -> [Assignment] {
    let candidates = assignments.filter(isTable)
    let shapes = Set(candidates.filter { $0.treatment != .keep }.map(\.tensor.shape))
    var tables: [Prefix: [StoredTensor]] = [:]
    for table in candidates where table.treatment == .keep && shapes.contains(table.tensor.shape) {
      tables[try Prefix(table.tensor), default: []].append(table.tensor)
    }
    let keptShapes = Set(tables.keys.map(\.shape))
    return try assignments.map { assignment in
      let tensor = assignment.tensor
      guard assignment.treatment != .keep, isTable(assignment), keptShapes.contains(tensor.shape),
        let table = try tables[try Prefix(tensor)]?.first(where: {
          try $0.isBitEqual(to: tensor)
        }),
        try !isConstant(table)
      else { return assignment }
      return Assignment(tensor, .keep, assignment.layout, .other(table.name))
    }
  }

  /// A short prefix of a tensor, equal for tied tensors.
  private struct Prefix: Hashable {
    let type: String
    let shape: [Int]
    let bytes: [UInt8]

    init(_ tensor: StoredTensor) throws(TensorFileError) {
      (type, shape) = (tensor.type, tensor.shape)
      bytes = try tensor.firstBytes(4096)
    }
  }

  /// Whether a tensor has two dimensions, and a rule determined its treatment.
  private static func isTable(_ assignment: Assignment) -> Bool {
    guard assignment.tensor.format != nil, assignment.tensor.shape.count == 2,
      !assignment.tensor.shape.contains(0), assignment.normalization == nil
    else { return false }
    switch assignment.basis {
    case .rule, .neighbors, .other: return true
    case .user, .preserved, .nothing: return false
    }
  }

  /// Whether all values are equal; equal constant tensors need not be tied.
  private static func isConstant(_ tensor: StoredTensor) throws(TensorFileError) -> Bool {
    let values = try tensor.named().values
    return values.allSatisfy { $0 == values[0] }
  }
}
