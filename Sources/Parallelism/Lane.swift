// Where one thread puts work up for sharing. A pool has a lane for each of its threads: its owner
// opens it with a number of pieces, and owner and helpers take piece after piece until none is left.
//
// The state of a lane is one 64-bit word, so that taking a piece is one atomic exchange: the number
// of times that the lane has been opened (32 bits), the pieces there are (16), the pieces taken (16).
// A helper that was slow finds another opening in the word, and its exchange fails.

import Synchronization

/// One thread's offer of work to the others.
final class Lane: Sendable {
  private let state = Atomic<UInt64>(0)
  private let unfinished = Atomic<Int>(0)
  private let work = Atomic<UInt>(0)
  private let wakeHelpers: @Sendable () -> Void

  /// Makes a closed lane.
  ///
  /// - Parameter wakeHelpers: Called at every opening.
  init(wakeHelpers: @escaping @Sendable () -> Void) { self.wakeHelpers = wakeHelpers }

  /// Whether there is a piece to take.
  var isOpen: Bool { Ticket(state.load(ordering: .sequentiallyConsistent)).isOpen }

  /// Carries out pieces, with whatever help there is; returns when all are done.
  func share(_ count: Int, _ piece: (Int) -> Void) {
    precondition(count <= Int(UInt16.max), "\(count) pieces to share")
    let last = Ticket(state.load(ordering: .relaxed))
    precondition(
      !last.isOpen && unfinished.load(ordering: .relaxed) == 0,
      "a crew is called on by one of its own pieces")
    withoutActuallyEscaping(piece) { piece in
      unsafe withUnsafePointer(to: piece) { address in
        work.store(UInt(bitPattern: address), ordering: .relaxed)
        unfinished.store(count, ordering: .relaxed)
        state.store(
          Ticket(opening: last.opening &+ 1, count: UInt16(count)).word,
          ordering: .sequentiallyConsistent)
        wakeHelpers()
        while help() {}
        var patience = Patience()
        while unfinished.load(ordering: .acquiring) > 0 { patience.wait() }
      }
    }
  }

  /// Takes a piece and carries it out.
  ///
  /// - Returns: Whether there was one.
  func help() -> Bool {
    var word = state.load(ordering: .acquiring)
    while true {
      let ticket = Ticket(word)
      guard ticket.isOpen else { return false }
      let (exchanged, found) = state.compareExchange(
        expected: word, desired: ticket.next.word, ordering: .acquiringAndReleasing)
      if exchanged {
        run(Int(ticket.taken))
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
    let address = unsafe UnsafePointer<(Int) -> Void>(
      bitPattern: work.load(ordering: .relaxed))
    unsafe address?.pointee(index)
  }

  /// The state of a lane, taken apart.
  private struct Ticket {
    let opening: UInt32
    let count: UInt16
    let taken: UInt16

    init(opening: UInt32, count: UInt16) {
      self.opening = opening
      self.count = count
      taken = 0
    }

    init(_ word: UInt64) {
      opening = UInt32(truncatingIfNeeded: word >> 32)
      count = UInt16(truncatingIfNeeded: word >> 16)
      taken = UInt16(truncatingIfNeeded: word)
    }

    var isOpen: Bool { taken < count }

    var word: UInt64 { UInt64(opening) << 32 | UInt64(count) << 16 | UInt64(taken) }

    var next: Ticket { Ticket(word + 1) }
  }
}
