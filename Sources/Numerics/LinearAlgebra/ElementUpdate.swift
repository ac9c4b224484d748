// The update of a parameter element by element, whatever the order of its elements in memory.

public import ZerOParallelism
import ZerORequirements

/// Some elements of a parameter, with their gradients and the states of an optimizer, in the same order.
@unsafe public struct ElementUpdate<Scalar: MatrixScalar> {
  /// The elements.
  public let parameters: UnsafeMutablePointer<Scalar>

  /// ∂L/∂w of each element.
  public let gradients: UnsafePointer<Scalar>

  /// The first state of each element; `nil` for an optimizer without states.
  public let states: UnsafeMutablePointer<Scalar>?

  /// The distance between two states of an element.
  public let stateStride: Int

  /// The number of elements.
  public let count: Int
}

extension Matrix {
  /// Updates every element, in parallel.
  ///
  /// - Parameters:
  ///   - gradient: ∂L/∂W, in the shape of the matrix.
  ///   - states: The states of all elements one after the other, then the next state of all; empty for none.
  ///   - team: The threads that share the blocks of rows.
  ///   - apply: Updates some elements.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func update(
    by gradient: Matrix, states: inout ContiguousArray<Scalar>, team: ThreadTeam = .alone,
    apply: @Sendable (ElementUpdate<Scalar>) -> Void
  ) {
    require(
      gradient.rows == rows && gradient.columns == columns
        && states.count.isMultiple(of: max(1, elements.count)),
      "an update of \(rows) × \(columns) by \(gradient.rows) × \(gradient.columns) with \(states.count) states"
    )
    let stride = elements.count
    unsafe gradient.elements.withUnsafeBufferPointer { gradients in
      unsafe states.withUnsafeMutableBufferPointer { states in
        nonisolated(unsafe) let (g, s) = (
          gradients.baseAddress, states.isEmpty ? nil : states.baseAddress
        )
        writeRows(team) { block in
          let offset = block.rows.lowerBound * block.columns
          guard let g = unsafe g else { return }
          unsafe apply(
            ElementUpdate(
              parameters: block.base, gradients: g + offset,
              states: s.map { unsafe $0 + offset }, stateStride: stride, count: block.count))
        }
      }
    }
  }
}
