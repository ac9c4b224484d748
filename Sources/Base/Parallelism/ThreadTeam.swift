// Parallel loops: the interface to the pool's idle threads.

import ZerORequirements

/// The threads that can run a parallel loop: the caller's thread and the idle threads of its pool.
///
/// A team is an explicit argument, like a random generator; a function without one runs on the caller's thread only.
/// The number of threads must not change a result, so callers divide work by the size of the problem only.
public struct ThreadTeam: Sendable {
  /// The slot of the caller's thread in its pool; `nil` for a single thread.
  private let slot: TeamSlot?

  /// A team that consists of the caller's thread only.
  public static let alone = ThreadTeam(slot: nil)

  init(slot: TeamSlot?) { self.slot = slot }

  /// The order in which threads take pieces.
  public enum Order: Sendable {
    /// All threads take pieces from the first on. Suits pieces of different sizes, sorted largest first.
    case inTurn

    /// The caller takes pieces from the first on, helpers from the last on. Suits repeated loops over pieces of
    /// equal size: each thread mostly gets the same pieces again, which are still in its cache. Between cores
    /// without a common cache, reading data that the other core wrote is slower than reading from memory.
    case fromBothEnds
  }

  /// Runs pieces of work, in parallel if other threads are idle, and returns when all are finished.
  ///
  /// Pieces must not write to the same memory, and they cannot throw.
  ///
  /// - Parameters:
  ///   - count: The number of pieces. A slot holds 65 535; a longer loop runs in parts of that length.
  ///   - order: The order in which threads take pieces. The order of execution is unspecified.
  ///   - piece: Runs the piece with the given index. It must not call `share` of the same team.
  /// - Complexity: The overhead is about a microsecond, so pieces should take at least ten microseconds.
  public func share(
    _ count: Int, order: Order = .inTurn, _ piece: @Sendable (_ index: Int) -> Void
  ) {
    require(count >= 0, "the number of pieces is negative: \(count)")
    guard let slot, count > 1 else {
      for index in 0..<count { piece(index) }
      return
    }
    if let count = UInt16(exactly: count) {
      slot.share(count, order: order, piece)
      return
    }
    let room = Int(UInt16.max)
    for start in stride(from: 0, to: count, by: room) {
      slot.share(UInt16(min(room, count - start)), order: order) { piece(start + $0) }
    }
  }
}
