// The binary form of CIFAR-10 and CIFAR-100: records of labels and pixels, without a header.

import Foundation
import ZerOChecksums

/// The files of CIFAR-10 or CIFAR-100 in their binary form.
///
/// ```
/// CIFAR-10:  label | 32 × 32 red | 32 × 32 green | 32 × 32 blue
/// CIFAR-100: coarse label | fine label | 32 × 32 red | 32 × 32 green | 32 × 32 blue
/// ```
///
/// Only the fine labels of CIFAR-100 are used.
///
/// Reference: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
enum CIFARFiles: Sendable {
  /// 10 classes.
  case ten
  /// 100 classes.
  case hundred

  /// The files of the training images, in their order.
  var train: [String] {
    switch self {
    case .ten: (1...5).map { "data_batch_\($0).bin" }
    case .hundred: ["train.bin"]
    }
  }

  /// The file of the test images.
  var test: String { self == .ten ? "test_batch.bin" : "test.bin" }

  /// All files.
  var names: [String] { train + [test] }

  /// The folder in the published archive.
  var archiveFolder: String { self == .ten ? "cifar-10-batches-bin" : "cifar-100-binary" }

  /// The number of classes.
  var classCount: Int { self == .ten ? 10 : 100 }

  /// The number of label bytes per image; the last one is used.
  private var labelBytes: Int { self == .ten ? 1 : 2 }

  /// The number of bytes per image.
  var recordSize: Int { labelBytes + Self.pixelCount }

  private static let size = [32, 32]
  private static let pixelCount = 3 * 32 * 32

  /// The form whose files a folder contains; `nil` if it contains none.
  static func found(in folder: URL) -> CIFARFiles? {
    [.ten, .hundred].first { form in
      form.names.contains {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
      }
    }
  }

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - folder: The folder of the files.
  ///   - archive: The archive whose numbers of images the files must have; `nil` for any numbers.
  /// - Returns: Training and test images, and the files.
  /// - Throws: `DatasetError`.
  func read(in folder: URL, expecting archive: PublishedArchive?) throws(DatasetError)
    -> Dataset.Parts
  {
    var files: [Dataset.File] = []
    func images(_ names: [String], _ count: Int?) throws(DatasetError) -> LabeledImages {
      var (pixels, labels) = (ContiguousArray<UInt8>(), ContiguousArray<UInt8>())
      for name in names {
        let url = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: url.path) else {
          throw .missingBinaryFile(folder: folder.path, name: name, all: self.names)
        }
        let bytes = try readFile(url)
        try check(bytes, path: url.path, count: count.map { $0 / names.count })
        files.append(Dataset.File(name: name, sha256: sha256(bytes)))
        for start in stride(from: 0, to: bytes.count, by: recordSize) {
          labels.append(bytes[start + labelBytes - 1])
          pixels += bytes[start + labelBytes..<start + recordSize]
        }
      }
      return try LabeledImages(size: Self.size, channels: 3, pixels: pixels, labels: labels)
    }
    let train = try images(train, archive?.train)
    return Dataset.Parts(
      train: train, test: try images([test], archive?.test), files: files)
  }

  /// Checks the length and the labels of a file.
  private func check(_ bytes: [UInt8], path: String, count: Int?) throws(DatasetError) {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: recordSize),
      count == nil || bytes.count == count.map({ $0 * recordSize })
    else {
      throw .wrongRecords(path: path, bytes: bytes.count, record: recordSize, count: count)
    }
    for image in 0..<bytes.count / recordSize {
      let label = Int(bytes[image * recordSize + labelBytes - 1])
      guard label < classCount else {
        throw .labelOutsideClasses(
          path: path, index: image, label: label, classCount: classCount)
      }
    }
  }
}
