// Tensors that a program holds once and a file twice.

import Checkpoints

/// Tied tensors, as the token table and the head of a language model are.
enum Ties {
  /// Keeps what equals a table that is kept, bit for bit: with new values the program would load them for both.
  ///
  /// - Parameter assignments: One for each tensor.
  /// - Returns: The same, with the reason where a tensor is kept with a table.
  /// - Throws: `TensorFileError` where values can't be read.
  static func kept(_ assignments: [Assignment]) throws -> [Assignment] {
    let tables = assignments.filter { $0.treatment == .keep && isTable($0) }.map(\.tensor)
    return try assignments.map { assignment in
      guard assignment.treatment != .keep, isTable(assignment) else { return assignment }
      guard let table = try tables.first(where: { try $0.isBitEqual(to: assignment.tensor) }),
        try !isConstant(table)
      else { return assignment }
      return Assignment(assignment.tensor, .keep, assignment.layout, .other(table.name))
    }
  }

  /// Two dimensions that nobody but a rule has decided about.
  private static func isTable(_ assignment: Assignment) -> Bool {
    guard assignment.tensor.format != nil, assignment.tensor.shape.count == 2,
      !assignment.tensor.shape.contains(0), assignment.normalization == nil
    else { return false }
    switch assignment.basis {
    case .rule, .neighbors, .other: return true
    case .own: return assignment.treatment == .keep
    case .preserved, .nothing: return false
    }
  }

  /// Equal tables of one value are no sign that they are tied.
  private static func isConstant(_ tensor: StoredTensor) throws(TensorFileError) -> Bool {
    let values = try tensor.named().values
    return values.allSatisfy { $0 == values[0] }
  }
}
