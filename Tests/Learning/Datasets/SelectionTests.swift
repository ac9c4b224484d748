// Subsets of classes and images, the normalization of channels, and random changes of training images.

import TestSupport
import Testing
import ZerOLinearAlgebra

@testable import ZerODatasets

@Suite struct SelectionTests {
  /// Six images of two channels, 2 × 3 pixels; every pixel has its own value.
  private func images(_ labels: [UInt8] = [0, 1, 2, 0, 1, 2]) throws -> LabeledImages {
    try LabeledImages(
      size: [2, 3], channels: 2, pixels: ContiguousArray((0..<labels.count * 12).map { UInt8($0) }),
      labels: ContiguousArray(labels))
  }

  private func data() throws -> Dataset {
    try Dataset(name: "small", train: images(), test: images([0, 1, 2]))
  }

  @Test func `classes are renumbered in their order, and images are the first ones`() throws {
    let part = try data().selecting(classes: [2, 0], train: 3, test: 1)
    #expect(part.classCount == 2)
    #expect(part.train.labels == [1, 0, 1] && part.test.labels == [1])
    #expect(part.train.pixels.prefix(12).elementsEqual(0..<12))
    #expect(part.train.pixels.dropFirst(12).prefix(12).elementsEqual(24..<36))
    #expect(try data().selecting().train.count == 6)
  }

  @Test func `classes that the data set does not have are errors`() throws {
    #expect(throws: DatasetError.noSuchClass(name: "small", label: 3, classCount: 3)) {
      try data().selecting(classes: [0, 3])
    }
    #expect(throws: DatasetError.repeatedClass(name: "small")) {
      try data().selecting(classes: [1, 1])
    }
    // A class without images, also one above the largest byte.
    let many = try Dataset(name: "many", train: images(), test: images([0]), classCount: 301)
    for classes in [[4], [300], [0, 4], Array(0..<300)] {
      let label = try #require(classes.first { $0 > 2 })
      let expected = DatasetError.classWithoutImages(name: "many", label: label, part: "training")
      #expect(throws: expected) { try many.selecting(classes: classes) }
    }
    let error = DatasetError.classWithoutImages(name: "many", label: 1, part: "test")
    #expect(throws: error) { try many.selecting(classes: [1]) }
    #expect(try many.selecting(classes: [1, 0]).test.labels == [1])
  }

  @Test func `more images than there are, and how many there are`() throws {
    #expect(try data().selecting(classes: [0], train: 2, test: 1).train.count == 2)
    let train = DatasetError.tooFewImages(name: "small", key: "train_images", selected: 3, count: 2)
    #expect(throws: train) { try data().selecting(classes: [0], train: 3) }
    let test = DatasetError.tooFewImages(name: "small", key: "test_images", selected: 4, count: 3)
    #expect(throws: test) { try data().selecting(test: 4) }
    #expect(test.description.hasSuffix("use at most 3, or 0 for all"))
  }

  @Test func `sizes whose product overflows are errors`() {
    #expect(throws: DatasetError.self) {
      try LabeledImages(size: [1, .max], channels: 3, pixels: [], labels: [0])
    }
  }

  @Test func `a normalized channel has mean 0 and variance 1`() throws {
    let images = try images()
    let conversion = PixelConversion(normalizing: images, isInterleaved: true)
    var batch = Matrix<Double>(repeating: .nan, rows: 12, columns: 6)
    images.copyBatch([0, 1, 2, 3, 4, 5], into: &batch, by: conversion)
    let rounding = Tolerance(absolute: 1e-12, because: "sums of 36 numbers below 3")
    for channel in 0..<2 {
      let values = (0..<6).flatMap { pixel in (0..<6).map { batch[pixel * 2 + channel, $0] } }
      expectClose(values.reduce(0, +) / 36, 0, within: rounding)
      expectClose(values.reduce(0) { $0 + $1 * $1 } / 36, 1, within: rounding)
    }
    // The channels of a pixel are neighbors: row 3 is the second channel of the second pixel.
    var plain = Matrix<Double>(repeating: .nan, rows: 12, columns: 1)
    images.copyBatch([0], into: &plain, by: PixelConversion(isInterleaved: true))
    #expect(plain[3, 0] == 7.0 / 255 && plain[2, 0] == 1.0 / 255)
  }

  @Test func `an augmented image is a part of the padded one, perhaps mirrored`() throws {
    let images = try images()
    var augmentation: Augmentation? = Augmentation([.crop, .flip], seed: 3, epoch: 1)
    var copy = try #require(augmentation)
    let changes = copy.next(6)
    var batch = Matrix<Double>(repeating: .nan, rows: 12, columns: 6)
    images.copyBatch([0, 1, 2, 3, 4, 5], into: &batch, &augmentation)
    for (image, change) in changes.enumerated() {
      for row in 0..<12 {
        let (channel, y, x) = (row / 6, row % 6 / 3, row % 3)
        let source = (y + change.row, change.column + (change.isMirrored ? 2 - x : x))
        let isInside = (0..<2).contains(source.0) && (0..<3).contains(source.1)
        let pixel = isInside ? image * 12 + channel * 6 + source.0 * 3 + source.1 : 0
        #expect(batch[row, image] == Double(isInside ? images.pixels[pixel] : 0) / 255)
      }
    }
    #expect(Set(changes).count > 1)
  }

  @Test func `changes of a resumed epoch are those of an uninterrupted one`() {
    let kinds: Set<ImageChange> = [.crop, .flip]
    var whole = Augmentation(kinds, seed: 3, epoch: 2)
    var rest = Augmentation(kinds, seed: 3, epoch: 2, after: 10)
    let all = whole.next(30)
    #expect(rest.next(20) == Array(all.dropFirst(10)))
    // Other epochs and seeds have other changes.
    var epoch = Augmentation(kinds, seed: 3, epoch: 3)
    var seed = Augmentation(kinds, seed: 4, epoch: 2)
    #expect(epoch.next(30) != all && seed.next(30) != all)
  }
}
