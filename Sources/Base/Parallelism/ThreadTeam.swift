// The door to the other cores, as code that has something to share sees it.

/// The threads that a piece of work may call on: its own, and whichever of a pool's are idle.
///
/// Passed as an argument, like randomness: a function without a team runs on its caller's thread
/// alone. How many threads help must never change a result, so work is cut the same way whatever the
/// team: the pieces depend on the size of the problem only.
public struct ThreadTeam: Sendable {
  /// The thread's place in its pool; `nil` for a thread on its own.
  private let slot: TeamSlot?

  /// The caller's thread and no other.
  public static let alone = ThreadTeam(slot: nil)

  init(slot: TeamSlot?) { self.slot = slot }

  /// In which order pieces are handed out.
  public enum Order: Sendable {
    /// One after the other: for pieces of different sizes, the largest first.
    case inTurn

    /// To the caller from the first on, to helpers from the last: for pieces of equal size that come
    /// again and again. A thread mostly meets the same ones, in its own cache; where cores have no cache
    /// in common, what another core has written costs more than what comes from memory.
    case fromBothEnds
  }

  /// Carries out pieces of work, in any order, several at once if there is help.
  ///
  /// Returns when all are done. What the pieces write must not overlap; an error has no way out of
  /// them.
  ///
  /// - Parameters:
  ///   - count: The number of pieces. A slot has room for 65 535; more are shared in turns of so many.
  ///   - order: In which order they are handed out; how they follow each other in time is open.
  ///   - piece: Carries out one, given its number. It must not call on the team itself.
  /// - Complexity: About a microsecond of handing over; worth it from some ten microseconds a piece.
  public func share(
    _ count: Int, order: Order = .inTurn, _ piece: @Sendable (_ index: Int) -> Void
  ) {
    precondition(count >= 0, "\(count) pieces to share")
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
