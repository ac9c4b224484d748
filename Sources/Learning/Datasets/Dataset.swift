public import Foundation
import ZerOChecksums

/// Training and test images, with the files that they were read from, or the digests of images in memory.
public struct Dataset: Sendable {
  /// A file that was read, as provenance records it.
  public struct File: Codable, Hashable, Sendable {
    /// The name of the file, without its folder.
    public let name: String

    /// SHA-256 of the stored file, hexadecimal.
    public let sha256: String
  }

  /// The requested name or folder.
  public let name: String

  /// The training images.
  public let train: LabeledImages

  /// The test images.
  public let test: LabeledImages

  /// The number of classes; labels are 0 ..< `classCount`.
  public let classCount: Int

  /// The files, in the order training images, training labels, test images, test labels.
  ///
  /// For images in memory and for folders of images, digests of these four take the place of files.
  public let files: [File]

  /// The number of pixels per image, which is the input dimension of a network.
  public var inputDimension: Int { train.pixelCount }

  private init(
    name: String, train: LabeledImages, test: LabeledImages, classCount: Int, files: [File]
  ) {
    self.name = name
    self.train = train
    self.test = test
    self.classCount = classCount
    self.files = files
  }

  /// Makes a data set from images in memory.
  ///
  /// - Parameters:
  ///   - name: The name in records; plans refer to the data set by it (`data`).
  ///   - train: The training images.
  ///   - test: The test images.
  ///   - classCount: The number of classes; `nil` for one more than the largest training label.
  /// - Throws: `DatasetError` if the name is a known data set's, there are no images, the sizes differ, a label is not a class,
  ///   or, without `classCount`, more than half of the classes have no training image.
  /// - Complexity: O(pixels), for the digests that tie records to the data.
  public init(
    name: String, train: LabeledImages, test: LabeledImages, classCount: Int? = nil
  ) throws(DatasetError) {
    guard !DatasetSource.catalog.contains(where: { $0.name == name }) else {
      throw .nameTaken(name)
    }
    guard !name.isEmpty, name.utf8.count <= 100,
      name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { throw .invalidName(name) }
    if let classCount, classCount < 1 { throw .wrongClassCount(classCount) }
    guard train.count > 0, test.count > 0 else { throw .noImages(name: name) }
    try Self.check(train, test, in: name)
    let classes: Int
    if let classCount {
      classes = classCount
    } else {
      classes = try Self.classCount(of: train.labels, in: name)
    }
    try Self.check(train.labels, below: classes, in: name)
    try Self.check(test.labels, below: classes, in: name)
    self.init(
      name: name, train: train, test: test, classCount: classes,
      files: Self.digests(train: train, test: test))
  }

  /// Makes a data set from the images of a reader.
  ///
  /// - Parameters:
  ///   - parts: The images.
  ///   - name: The name in records.
  ///   - path: The folder or file in errors.
  /// - Throws: `DatasetError`.
  init(_ parts: Parts, name: String, path: String) throws(DatasetError) {
    let classes: Int
    if let classCount = parts.classCount {
      classes = classCount
    } else {
      classes = try Self.classCount(of: parts.train.labels, in: path)
    }
    try Self.check(parts.test.labels, below: classes, in: path)
    try Self.check(parts.train, parts.test, in: path)
    self.init(
      name: name, train: parts.train, test: parts.test, classCount: classes,
      files: parts.files.isEmpty
        ? Self.digests(train: parts.train, test: parts.test) : parts.files)
  }

  private static func digests(train: LabeledImages, test: LabeledImages) -> [File] {
    let contents = [
      ("train-images", train.pixels), ("train-labels", train.labels), ("test-images", test.pixels),
      ("test-labels", test.labels),
    ]
    return contents.map { File(name: $0, sha256: sha256(Array($1))) }
  }

  private static func check(_ train: LabeledImages, _ test: LabeledImages, in path: String)
    throws(DatasetError)
  {
    guard train.shape == test.shape else {
      throw .sizeMismatch(folder: path, train: train.shape, test: test.shape)
    }
  }

  /// The data set with some of its classes and images.
  ///
  /// - Parameters:
  ///   - classes: The labels to keep, renumbered from 0 in this order; empty for all.
  ///   - train: The number of training images, the first ones of these classes; 0 for all.
  ///   - test: The number of test images; 0 for all.
  /// - Returns: The selection; the data set itself if all is kept.
  /// - Throws: `DatasetError.noSuchClass`, `.repeatedClass`, `.classWithoutImages`, `.tooFewImages`.
  public func selecting(classes: [Int] = [], train: Int = 0, test: Int = 0) throws(DatasetError)
    -> Dataset
  {
    guard !classes.isEmpty || train > 0 || test > 0 else { return self }
    if let wrong = classes.first(where: { !(0..<classCount).contains($0) }) {
      throw .noSuchClass(name: name, label: wrong, classCount: classCount)
    }
    guard Set(classes).count == classes.count else { throw .repeatedClass(name: name) }
    let (trained, tested) = (
      Set(self.train.labels.map(Int.init)), Set(self.test.labels.map(Int.init))
    )
    if let label = classes.first(where: { !trained.contains($0) }) {
      throw .classWithoutImages(name: name, label: label, part: "training")
    }
    if let label = classes.first, tested.isDisjoint(with: classes) {
      throw .classWithoutImages(name: name, label: label, part: "test")
    }
    return Dataset(
      name: name, train: try part(self.train, classes, first: train, key: "train_images"),
      test: try part(self.test, classes, first: test, key: "test_images"),
      classCount: classes.isEmpty ? classCount : classes.count, files: files)
  }

  /// The first images of some classes.
  private func part(_ images: LabeledImages, _ classes: [Int], first count: Int, key: String)
    throws(DatasetError) -> LabeledImages
  {
    // Labels are bytes, and every class has images, so it is a byte.
    let selected = try images.selected(
      classes: classes.isEmpty ? nil : classes.compactMap { UInt8(exactly: $0) },
      limit: count > 0 ? count : nil)
    guard selected.count >= count else {
      throw .tooFewImages(name: name, key: key, selected: count, count: selected.count)
    }
    return selected
  }

  private static func check(
    _ labels: ContiguousArray<UInt8>, below classCount: Int, in path: String
  ) throws(DatasetError) {
    if let index = labels.firstIndex(where: { Int($0) >= classCount }) {
      throw .labelOutsideClasses(
        path: path, index: index, label: Int(labels[index]), classCount: classCount)
    }
  }

  /// Reads the four IDX files in a folder.
  ///
  /// - Parameters:
  ///   - folder: A folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and their
  ///     `t10k-` counterparts, each plain or with `.gz`. Images have three dimensions, or four: N ×
  ///     channels × height × width or N × height × width × channels, with 1 or 3 channels; such files
  ///     may also be named `idx4`.
  ///   - name: The name of the data set in records.
  ///   - classCount: The number of classes; `nil` for one more than the largest training label.
  ///   - checksums: Published SHA-256 checksums by file name; a file without one is not checked.
  ///   - verifyingContents: Whether to hash the uncompressed contents even if the stored file has
  ///     the published checksum.
  /// - Throws: `DatasetError`, which names the file, the defect and the fix.
  public init(
    folder: URL, name: String, classCount: Int? = nil, checksums: [String: String] = [:],
    verifyingContents: Bool = false
  ) throws(DatasetError) {
    var files: [File] = []
    func read(_ baseName: String, dimensionCounts: ClosedRange<Int>) throws(DatasetError)
      -> (URL, IDXFile)
    {
      let url = try Self.locate(baseName, in: folder)
      let file = try IDXFile(url, dimensionCounts: dimensionCounts)
      if let expected = checksums[baseName],
        verifyingContents || file.storedChecksum != checksums[url.lastPathComponent]
      {
        // Mirrors may compress differently; then the checksum of the contents decides.
        let found = file.contentChecksum()
        guard found == expected else {
          throw .wrongChecksum(path: url.path, expected: expected, found: found)
        }
      }
      files.append(File(name: url.lastPathComponent, sha256: file.storedChecksum))
      return (url, file)
    }
    func readPair(_ prefix: String, _ classes: Int?) throws(DatasetError) -> LabeledImages {
      let (imagesURL, images) = try read("\(prefix)-images-idx3-ubyte", dimensionCounts: 3...4)
      let (labelsURL, labels) = try read("\(prefix)-labels-idx1-ubyte", dimensionCounts: 1...1)
      guard images.dimensions[0] == labels.values.count else {
        throw .countMismatch(
          images: imagesURL.path, imageCount: images.dimensions[0], labels: labelsURL.path,
          labelCount: labels.values.count)
      }
      if let classes { try Self.check(labels.values, below: classes, in: labelsURL.path) }
      return try LabeledImages(
        dimensions: images.dimensions, values: images.values, labels: labels.values,
        path: imagesURL.path)
    }
    let train = try readPair("train", classCount)
    let classes: Int
    if let classCount {
      classes = classCount
    } else {
      classes = try Self.classCount(of: train.labels, in: folder.path)
    }
    let test = try readPair("t10k", classes)
    try Self.check(train, test, in: folder.path)
    self.init(name: name, train: train, test: test, classCount: classes, files: files)
  }

  /// One more than the largest label, if at least half of the labels up to it occur.
  private static func classCount(of labels: ContiguousArray<UInt8>, in path: String)
    throws(DatasetError) -> Int
  {
    let present = Set(labels)
    let largest = present.max() ?? 0
    let classCount = Int(largest) + 1
    guard 2 * present.count >= classCount else {
      throw .strayLabel(
        folder: path, index: labels.firstIndex(of: largest) ?? 0, label: Int(largest),
        present: present.count)
    }
    return classCount
  }

  private static func locate(_ baseName: String, in folder: URL) throws(DatasetError) -> URL {
    for name in IDXFile.names(baseName) {
      let url = folder.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw .missingFile(folder: folder.path, name: baseName)
  }
}
