// How one thread offers work to the others. A pool has one slot per thread. The owner opens the slot with a number of
// pieces; owner and helpers then take one piece at a time until none remains.
//
// The state of a slot is one word: 16 bits for the first remaining piece and 16 bits for the end of the remaining
// pieces. Taking a piece is therefore one atomic compare-and-exchange. The ABA problem is harmless: if the slot was
// reopened with an equal word in the meantime, a slow helper takes a piece of the new work. It reads the address of
// the work only after the exchange.

import Synchronization
import ZerORequirements

/// The work that one thread offers to the other threads of its pool.
final class TeamSlot: Sendable {
  private let state = Atomic<UInt32>(0)
  private let unfinished = Atomic<Int>(0)
  private let work = Atomic<UInt>(0)
  private let helpsFromBack = Atomic(false)
  private let wakeHelpers: @Sendable () -> Void

  /// Creates a closed slot.
  ///
  /// - Parameter wakeHelpers: Called whenever the slot is opened.
  init(wakeHelpers: @escaping @Sendable () -> Void) { self.wakeHelpers = wakeHelpers }

  /// Whether a piece remains to be taken.
  var isOpen: Bool { RemainingPieces(state.load(ordering: .sequentiallyConsistent)).isOpen }

  /// Runs all pieces, together with the helpers that join, and returns when all are finished.
  ///
  /// - Precondition: The caller owns the slot, and the slot is closed; so a piece must not call this method.
  func share(_ count: UInt16, order: ThreadTeam.Order, _ piece: @Sendable (Int) -> Void) {
    let (isFree, found) = unfinished.compareExchange(
      expected: 0, desired: Int(count), ordering: .acquiringAndReleasing)
    require(isFree, "share was called while \(found) pieces of the same team are unfinished")
    withoutActuallyEscaping(piece) { piece in
      unsafe withUnsafePointer(to: piece) { address in
        work.store(UInt(bitPattern: address), ordering: .relaxed)
        helpsFromBack.store(order == .fromBothEnds, ordering: .relaxed)
        state.store(RemainingPieces(0..<count).word, ordering: .sequentiallyConsistent)
        wakeHelpers()
        while take(\.first) {}
        var spinWait = SpinWait()
        while unfinished.load(ordering: .acquiring) > 0 { spinWait.spin() }
      }
    }
  }

  /// Takes and runs one piece of the owner's work, on another thread.
  ///
  /// - Returns: Whether a piece was left.
  func help() -> Bool { take(helpsFromBack.load(ordering: .relaxed) ? \.last : \.first) }

  private func take(_ choose: (RemainingPieces) -> (piece: UInt16, rest: Range<UInt16>)) -> Bool {
    var word = state.load(ordering: .acquiring)
    while true {
      let remaining = RemainingPieces(word)
      guard remaining.isOpen else { return false }
      let (piece, rest) = choose(remaining)
      let (exchanged, found) = state.compareExchange(
        expected: word, desired: RemainingPieces(rest).word, ordering: .acquiringAndReleasing)
      if exchanged {
        run(Int(piece))
        unfinished.subtract(1, ordering: .releasing)
        return true
      }
      word = found
    }
  }

  /// Runs one piece; a separate function, so no reference to the closure remains when the piece counts as finished.
  @inline(never)
  private func run(_ index: Int) {
    // The closure is still alive: the owner waits for every piece that was taken.
    let address = unsafe UnsafePointer<@Sendable (Int) -> Void>(
      bitPattern: work.load(ordering: .relaxed))
    unsafe address?.pointee(index)
  }

  /// The pieces that remain to be taken, decoded from the state of a slot.
  private struct RemainingPieces {
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
