// Tensors that a program holds once and a file twice.

import Checkpoints

/// Tied tensors, as the token table and the head of a language model are.
enum Ties {
  /// Keeps what equals a table that a rule keeps, bit for bit: with new values the program would load them for both.
  ///
  /// What the user keeps is no sign of a tie: a copy of a layer beside it gets the values of its own rule.
  ///
  /// - Parameter assignments: One for each tensor.
  /// - Returns: The same, with the reason where a tensor is kept with a table.
  /// - Throws: `TensorFileError` where values can't be read.
  /// - Complexity: One read per table and per tensor of its shape; only tensors that begin alike are compared.
  static func kept(_ assignments: [Assignment]) throws -> [Assignment] {
    let candidates = assignments.filter(isTable)
    let shapes = Set(candidates.filter { $0.treatment != .keep }.map(\.tensor.shape))
    var tables: [Beginning: [StoredTensor]] = [:]
    for table in candidates where table.treatment == .keep && shapes.contains(table.tensor.shape) {
      tables[try Beginning(table.tensor), default: []].append(table.tensor)
    }
    let keptShapes = Set(tables.keys.map(\.shape))
    return try assignments.map { assignment in
      let tensor = assignment.tensor
      guard assignment.treatment != .keep, isTable(assignment), keptShapes.contains(tensor.shape),
        let table = try tables[try Beginning(tensor)]?.first(where: {
          try $0.isBitEqual(to: tensor)
        }),
        try !isConstant(table)
      else { return assignment }
      return Assignment(tensor, .keep, assignment.layout, .other(table.name))
    }
  }

  /// What tensors of equal bits have in common, found with one short read.
  private struct Beginning: Hashable {
    let type: String
    let shape: [Int]
    let bytes: [UInt8]

    init(_ tensor: StoredTensor) throws(TensorFileError) {
      (type, shape) = (tensor.type, tensor.shape)
      bytes = try tensor.firstBytes(4096)
    }
  }

  /// Two dimensions that nobody but a rule has decided about.
  private static func isTable(_ assignment: Assignment) -> Bool {
    guard assignment.tensor.format != nil, assignment.tensor.shape.count == 2,
      !assignment.tensor.shape.contains(0), assignment.normalization == nil
    else { return false }
    switch assignment.basis {
    case .rule, .neighbors, .other: return true
    case .own, .preserved, .nothing: return false
    }
  }

  /// Equal tables of one value are no sign that they are tied.
  private static func isConstant(_ tensor: StoredTensor) throws(TensorFileError) -> Bool {
    let values = try tensor.named().values
    return values.allSatisfy { $0 == values[0] }
  }
}
