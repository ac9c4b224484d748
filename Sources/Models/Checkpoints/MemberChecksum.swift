// The checksum of an uncompressed archive member whose parts are read in any order by several threads.

import Synchronization
import ZerOChecksums

/// Compares the CRC-32 of a member with the archive's directory, from the sums of its parts.
///
/// The sum of two consecutive parts follows from their sums (``CRC32/append(_:ofBytes:)``).
final class MemberChecksum: Sendable {
  private struct State {
    /// Parts that have been read, in order, without overlaps and without neighbors.
    var parts: [(range: Range<Int>, sum: CRC32)] = []
    var isVerified: Bool
  }

  private let expected: UInt32
  private let size: Int
  private let state: Mutex<State>

  /// Creates the check of a member; an expected value of 0 means that the writer computed none.
  init(expected: UInt32, size: Int) {
    self.expected = expected
    self.size = size
    state = Mutex(State(isVerified: expected == 0))
  }

  /// Whether nothing remains to be compared.
  var isVerified: Bool { state.withLock { $0.isVerified } }

  /// Records that another reader has compared the whole member.
  func acceptWhole() { state.withLock { $0.isVerified = true } }

  /// Records the sum of a part; a part that overlaps recorded ones is ignored.
  func add(_ sum: CRC32, of range: Range<Int>) {
    guard !range.isEmpty else { return }
    state.withLock { Self.add(sum, of: range, to: &$0.parts) }
  }

  private static func add(
    _ sum: CRC32, of range: Range<Int>, to parts: inout [(range: Range<Int>, sum: CRC32)]
  ) {
    var place = parts.firstIndex { $0.range.lowerBound >= range.lowerBound } ?? parts.count
    if place < parts.count, parts[place].range.lowerBound < range.upperBound { return }
    if place > 0, parts[place - 1].range.upperBound > range.lowerBound { return }
    parts.insert((range, sum), at: place)
    // Joins neighbors, first with the part before and then with the part behind.
    if place > 0, join(place - 1, in: &parts) { place -= 1 }
    _ = join(place, in: &parts)
  }

  /// Replaces a part and the next one by their union if they are neighbors.
  private static func join(_ place: Int, in parts: inout [(range: Range<Int>, sum: CRC32)])
    -> Bool
  {
    guard place + 1 < parts.count,
      parts[place].range.upperBound == parts[place + 1].range.lowerBound
    else { return false }
    let next = parts.remove(at: place + 1)
    parts[place].range = parts[place].range.lowerBound..<next.range.upperBound
    parts[place].sum.append(next.sum, ofBytes: next.range.count)
    return true
  }

  /// Completes the sum and compares it; other threads wait.
  ///
  /// - Parameter read: Computes the sum of a part that has not been read.
  /// - Returns: Whether the sum is the expected one.
  /// - Throws: The errors of `read`.
  func verify<Failure>(_ read: (Range<Int>) throws(Failure) -> CRC32) throws(Failure) -> Bool {
    try state.withLock { (state) throws(Failure) in
      if state.isVerified { return true }
      var position = 0
      for part in state.parts + [(size..<size, CRC32())] {
        let gap = position..<part.range.lowerBound
        if !gap.isEmpty { Self.add(try read(gap), of: gap, to: &state.parts) }
        position = part.range.upperBound
      }
      state.isVerified = (state.parts.first?.sum ?? CRC32()).value == expected
      return state.isVerified
    }
  }
}
