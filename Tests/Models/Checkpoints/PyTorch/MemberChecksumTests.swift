// The checksum of an archive member from the sums of its parts.

import Foundation
import TestSupport
import Testing
import ZerOChecksums

@testable import ZerOCheckpoints

@Suite struct MemberChecksumTests {
  private let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 31 + $0 >> 7) }

  private func sum(_ range: Range<Int>) -> CRC32 {
    var sum = CRC32()
    unsafe sum.update(bytes.span.bytes.extracting(range))
    return sum
  }

  @Test func `the sum of a part is the CRC-32`() {
    for range in [0..<0, 0..<100_000, 70..<5000] {
      #expect(sum(range).value == ZipBuilder.checksum(Array(bytes[range])))
    }
  }

  @Test(arguments: [
    [], [0..<100_000], [50_000..<100_000, 0..<50_000],
    [0..<10, 20..<30, 10..<20, 99_999..<100_000],
    // Overlapping parts.
    [0..<60_000, 40_000..<100_000], [10..<20, 15..<18, 10..<20, 0..<100_000],
  ])
  func `parts in any order give the sum of the whole`(parts: [Range<Int>]) {
    let expected = ZipBuilder.checksum(bytes)
    for (value, isEqual) in [(expected, true), (expected ^ 1, false)] {
      let checksum = MemberChecksum(expected: value, size: bytes.count)
      for part in parts { checksum.add(sum(part), of: part) }
      #expect(checksum.verify(sum) == isEqual)
      #expect(checksum.isVerified == isEqual)
    }
  }

  @Test func `only the missing parts are read`() {
    let checksum = MemberChecksum(expected: ZipBuilder.checksum(bytes), size: bytes.count)
    for part in [10..<20, 20..<50, 90_000..<95_000] { checksum.add(sum(part), of: part) }
    var gaps: [Range<Int>] = []
    #expect(
      checksum.verify { range in
        gaps.append(range)
        return sum(range)
      })
    #expect(gaps == [0..<10, 50..<90_000, 95_000..<100_000])
    #expect(checksum.verify { _ in CRC32() })
  }

  @Test func `an expected sum of 0 means none, and an empty member has the sum 0`() {
    #expect(MemberChecksum(expected: 0, size: 5).isVerified)
    #expect(!MemberChecksum(expected: 1, size: 0).verify { _ in CRC32() })
  }
}
