import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra

@testable import ZerODatasets

@Suite struct DatasetTests {
  @Test func `the included MNIST is complete and has the published contents`() throws {
    let data = try Dataset.load("mnist", verifyingContents: true)
    #expect(data.train.count == 60000 && data.test.count == 10000)
    #expect(data.train.size == [28, 28] && data.classCount == 10 && data.inputDimension == 784)
    #expect(data.train.labels.prefix(6) == [5, 0, 4, 1, 9, 2])
    // The number of pixels that are nonzero in any image, from the analysis of the bound.
    let alive = (0..<784).map { pixel in
      stride(from: pixel, to: data.train.pixels.count, by: 784).contains {
        data.train.pixels[$0] != 0
      }
    }
    #expect(alive.count { $0 } == 717 && data.train.nonzeroInputs == alive)
  }

  @Test func `a folder of plain files determines image size and classes`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset.load(folder.path)
      #expect(data.inputDimension == 12 && data.classCount == 5)
      #expect(data.train.count == 96 && data.test.count == 20)
      #expect(data.files.map(\.name).first == "train-images-idx3-ubyte")
    }
  }

  @Test func `a batch contains pixel over 255, one column per sample`() {
    let images = LabeledImages(
      size: [1, 3], pixels: [0, 51, 255, 1, 2, 3, 10, 20, 30], labels: [2, 0, 1])
    var batch = Matrix<Float>(repeating: 0, rows: 3, columns: 2)
    images.copyBatch([9, 2, 0].dropFirst(), into: &batch)
    #expect(
      batch
        == Matrix(rows: 3, columns: 2, elements: [10, 0, 20, 51, 30, 255].map { $0 / 255 }.inOrder))
    #expect(images.labels(of: [2, 0]) == [1, 2])
  }

  @Test func `decompression stops at its limit`() throws {
    let folder = try #require(DatasetSource.catalog[0].installedFolder)
    let file = try readFile(folder.appendingPathComponent("train-images-idx3-ubyte.gz"))
    #expect(try gunzip(file, limit: 16).count == 16)
    #expect(try gunzip(file, limit: .max).count == 47_040_016)
  }
}

extension [Float] {
  fileprivate var inOrder: ContiguousArray<Float> { ContiguousArray(self) }
}
