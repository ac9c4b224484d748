import TestSupport
import Testing
import ZerOChecksums

@testable import ZerODatasets

@Suite struct BatchOrderTests {
  @Test func `two epochs of two loaders have PyTorch's order`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).batches {
      var order = BatchOrder(seed: expected.seed)
      for epoch in expected.epochs {
        let train = order.nextPass(count: 60000)
        #expect(Array(train.prefix(10)) == epoch.trainFirst)
        #expect(Array(train.suffix(5)) == epoch.trainLast)
        #expect(digest(train) == epoch.trainSha)
        let test = order.nextPass(count: 10000)
        #expect(Array(test.prefix(10)) == epoch.testFirst)
        #expect(digest(test) == epoch.testSha)
      }
    }
  }

  private func digest(_ order: [Int]) -> String {
    sha256(order.flatMap { index in (0..<4).map { UInt8(index >> (8 * $0) & 0xff) } })
  }

  @Test func `batches are consecutive, the last one partial`() {
    let batches = Array(0..<10).batches(of: 4)
    #expect(batches.map(Array.init) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    #expect(Array(0..<8).batches(of: 4).count == 2)
  }
}
