import TestSupport
import Testing
import ZerORandomness

@Suite struct NumPyGeneratorTests {
  @Test func `raw words agree with NumPy, also for 64-bit seeds`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).numpyWords {
      var generator = NumPyGenerator(seed: try #require(UInt64(expected.seed)))
      #expect(expected.words.map { _ in String(generator.nextUInt64()) } == expected.words)
    }
  }

  @Test func `bounded integers agree with NumPy`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).oneColumns {
      var generator = NumPyGenerator(seed: expected.seed)
      #expect(
        expected.cols.map { _ in generator.integer(below: expected.shape[1]) } == expected.cols)
    }
  }

  @Test func `a bound of one consumes no bits`() {
    var (drawn, fresh) = (NumPyGenerator(seed: 4), NumPyGenerator(seed: 4))
    #expect(drawn.integer(below: 1) == 0)
    #expect(drawn.nextUInt64() == fresh.nextUInt64())
  }

  @Test func `the low half of a word is returned first`() {
    var (halves, words) = (NumPyGenerator(seed: 6), NumPyGenerator(seed: 6))
    let low = UInt64(halves.nextUInt32())
    #expect(UInt64(halves.nextUInt32()) << 32 | low == words.nextUInt64())
  }
}
