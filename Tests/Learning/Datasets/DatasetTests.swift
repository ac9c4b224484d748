import Foundation
import TestSupport
import Testing
import ZerOChecksums
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

  private func images(_ labels: ContiguousArray<UInt8>, size: [Int] = [1, 2]) throws
    -> LabeledImages
  {
    let pixels = ContiguousArray(repeating: UInt8(7), count: labels.count * size.reduce(1, *))
    return try LabeledImages(size: size, pixels: pixels, labels: labels)
  }

  @Test func `images in memory are a data set with digests`() throws {
    let (train, test) = (try images([0, 2, 1, 0]), try images([1]))
    let data = try Dataset(name: "mine", train: train, test: test)
    #expect(data.classCount == 3 && data.inputDimension == 2 && data.name == "mine")
    #expect(
      data.files.map(\.name) == ["train-images", "train-labels", "test-images", "test-labels"])
    #expect(data.files[1].sha256 == sha256([0, 2, 1, 0]))
    // Other pixels have another digest.
    let other = try LabeledImages(size: [1, 2], pixels: [7, 8], labels: [1])
    let changed = try Dataset(name: "mine", train: train, test: other, classCount: 10)
    #expect(changed.files[2] != data.files[2] && changed.files[3] == data.files[3])
    #expect(changed.classCount == 10)
  }

  @Test func `defects of images in memory are errors`() throws {
    for (size, pixels) in [([2, 2], 7), ([.max, 4], 4), ([.max / 2, 2], 0)] {
      #expect(throws: DatasetError.wrongPixelCount(pixels: pixels, images: 1, size: size)) {
        try LabeledImages(
          size: size, pixels: ContiguousArray(repeating: 0, count: pixels), labels: [0])
      }
    }
    #expect(throws: DatasetError.wrongPixelCount(pixels: 0, images: 0, size: [.max, 2])) {
      try LabeledImages(size: [.max, 2], pixels: [], labels: [])
    }
    for size in [[], [4], [0, 4], [-1, -4], [1, 2, 2]] {
      #expect(throws: DatasetError.wrongSize(size)) {
        try LabeledImages(size: size, pixels: [0, 0, 0, 0], labels: [0])
      }
    }
    let train = try images([0, 1])
    #expect(throws: DatasetError.noImages(name: "d")) {
      try Dataset(name: "d", train: train, test: try images([]))
    }
    #expect(throws: DatasetError.sizeMismatch(folder: "d", train: [1, 2], test: [2, 1])) {
      try Dataset(name: "d", train: train, test: try images([0], size: [2, 1]))
    }
    #expect(throws: DatasetError.nameTaken("mnist")) {
      try Dataset(name: "mnist", train: train, test: train)
    }
    for name in ["", "a\nb", String(repeating: "x", count: 101)] {
      #expect(throws: DatasetError.invalidName(name)) {
        try Dataset(name: name, train: train, test: train)
      }
    }
    #expect(throws: DatasetError.wrongClassCount(0)) {
      try Dataset(name: "d", train: train, test: train, classCount: 0)
    }
    let outside = DatasetError.labelOutsideClasses(path: "d", index: 0, label: 2, classCount: 2)
    #expect(throws: outside) { try Dataset(name: "d", train: train, test: try images([2])) }
    #expect(throws: outside) {
      try Dataset(name: "d", train: try images([2]), test: train, classCount: 2)
    }
    #expect(throws: DatasetError.strayLabel(folder: "d", index: 1, label: 200, present: 2)) {
      try Dataset(name: "d", train: try images([0, 200]), test: train)
    }
  }

  @Test func `a batch contains pixel over 255, one column per sample`() throws {
    let images = try LabeledImages(
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
