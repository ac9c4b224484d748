// Where one thread puts work up for sharing. A pool has a slot for each of its threads: its owner
// opens it with a number of pieces, and owner and helpers take piece after piece until none is left.
//
// The state of a slot is one word, so that taking a piece is one atomic exchange: the first piece that
// is left (16 bits) and the end of those that are (16). A helper that was slow may find the slot opened
// anew with an equal word; its exchange then takes a piece of the new work, which is as good, because it
// looks up what to do only afterwards.

import Synchronization

/// One thread's offer of work to the others.
final class TeamSlot: Sendable {
  private let state = Atomic<UInt32>(0)
  private let unfinished = Atomic<Int>(0)
  private let work = Atomic<UInt>(0)
  private let helpsFromBack = Atomic(false)
  private let wakeHelpers: @Sendable () -> Void

  /// Makes a closed slot.
  ///
  /// - Parameter wakeHelpers: Called at every opening.
  init(wakeHelpers: @escaping @Sendable () -> Void) { self.wakeHelpers = wakeHelpers }

  /// Whether there is a piece to take.
  var isOpen: Bool { Ticket(state.load(ordering: .sequentiallyConsistent)).isOpen }

  /// Carries out pieces, with whatever help there is; returns when all are done.
  ///
  /// - Precondition: The slot is closed: its owner alone opens it, and no piece of its work does.
  func share(_ count: UInt16, order: ThreadTeam.Order, _ piece: @Sendable (Int) -> Void) {
    let (isFree, found) = unfinished.compareExchange(
      expected: 0, desired: Int(count), ordering: .acquiringAndReleasing)
    precondition(isFree, "a team is called on while \(found) pieces of its work are unfinished")
    withoutActuallyEscaping(piece) { piece in
      unsafe withUnsafePointer(to: piece) { address in
        work.store(UInt(bitPattern: address), ordering: .relaxed)
        helpsFromBack.store(order == .fromBothEnds, ordering: .relaxed)
        state.store(Ticket(0..<count).word, ordering: .sequentiallyConsistent)
        wakeHelpers()
        while take(\.first) {}
        var patience = Patience()
        while unfinished.load(ordering: .acquiring) > 0 { patience.wait() }
      }
    }
  }

  /// Takes a piece of another thread's work and carries it out.
  ///
  /// - Returns: Whether there was one.
  func help() -> Bool { take(helpsFromBack.load(ordering: .relaxed) ? \.last : \.first) }

  private func take(_ choose: (Ticket) -> (piece: UInt16, rest: Range<UInt16>)) -> Bool {
    var word = state.load(ordering: .acquiring)
    while true {
      let ticket = Ticket(word)
      guard ticket.isOpen else { return false }
      let (piece, rest) = choose(ticket)
      let (exchanged, found) = state.compareExchange(
        expected: word, desired: Ticket(rest).word, ordering: .acquiringAndReleasing)
      if exchanged {
        run(Int(piece))
        unfinished.subtract(1, ordering: .releasing)
        return true
      }
      word = found
    }
  }

  /// A function of its own, so that nothing of the closure is held when a piece counts as done.
  @inline(never)
  private func run(_ index: Int) {
    // The owner waits for every piece that was taken, so its closure is still there.
    let address = unsafe UnsafePointer<@Sendable (Int) -> Void>(
      bitPattern: work.load(ordering: .relaxed))
    unsafe address?.pointee(index)
  }

  /// The state of a slot, taken apart: the pieces that are left.
  private struct Ticket {
    let pieces: Range<UInt16>

    init(_ pieces: Range<UInt16>) { self.pieces = pieces }

    init(_ word: UInt32) {
      let first = UInt16(truncatingIfNeeded: word >> 16)
      pieces = first..<max(first, UInt16(truncatingIfNeeded: word))
    }

    var isOpen: Bool { !pieces.isEmpty }

    var word: UInt32 { UInt32(pieces.lowerBound) << 16 | UInt32(pieces.upperBound) }

    var first: (piece: UInt16, rest: Range<UInt16>) {
      (pieces.lowerBound, pieces.lowerBound + 1..<pieces.upperBound)
    }

    var last: (piece: UInt16, rest: Range<UInt16>) {
      (pieces.upperBound - 1, pieces.lowerBound..<pieces.upperBound - 1)
    }
  }
}
