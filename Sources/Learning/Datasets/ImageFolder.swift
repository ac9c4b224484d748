// Images in one folder per class, as torchvision's `ImageFolder` reads them.

import Foundation
import ZerOChecksums
import ZerOMessages

/// Images in the folders `train/CLASS` and `test/CLASS`, or `val/CLASS` if there is no `test`.
///
/// The classes are the folders of `train`, sorted by the bytes of their names, and numbered from 0 as
/// in torchvision. Images are PNG or JPEG files of one size, gray or RGB. Hidden files are skipped.
///
/// The order is the first image of each class by the bytes of its name, then the second of each, and so on, so the
/// classes of the first images are balanced.
struct ImageFolder {
  /// The names of image files end in one of these, in upper or lower case.
  private static let extensions = ["png", "jpg", "jpeg"]

  private let folder: URL
  private let classes: [String]

  /// The first image, whose size all others must have.
  private var first: (url: URL, image: EncodedImage)?

  /// Whether a folder contains `train`, and `test` or `val`.
  static func isFound(in folder: URL) -> Bool {
    ["train", "test", "val"].contains { isFolder(folder.appendingPathComponent($0)) }
  }

  /// Reads all images.
  ///
  /// - Parameter folder: The folder of `train` and `test`.
  /// - Returns: Training and test images; the files are digests of their pixels and labels.
  /// - Throws: `DatasetError`.
  static func read(_ folder: URL) throws(DatasetError) -> Dataset.Parts {
    let trainName = try part(["train"], of: folder)
    let testName = try part(["test", "val"], of: folder)
    var reader = try ImageFolder(folder)
    let train = try reader.images(in: trainName)
    let test = try reader.images(in: testName)
    return Dataset.Parts(train: train, test: test, classCount: reader.classes.count)
  }

  private init(_ folder: URL) throws(DatasetError) {
    self.folder = folder
    classes = try Self.folders(in: folder.appendingPathComponent("train"))
    guard classes.count <= 256 else {
      throw .tooManyClasses(folder: folder.path, count: classes.count)
    }
  }

  /// The first of some names that is a folder.
  private static func part(_ names: [String], of folder: URL) throws(DatasetError) -> String {
    guard let name = names.first(where: { isFolder(folder.appendingPathComponent($0)) }) else {
      throw .missingPart(folder: folder.path, names: names)
    }
    return name
  }

  private static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// The names in a folder without hidden ones, sorted by their bytes, as Python sorts them.
  private static func names(in folder: URL) throws(DatasetError) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw .unreadable(path: folder.path, reason: systemReason(of: error))
    }
    return names.filter { !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The folders of the classes; at least one.
  private static func folders(in part: URL) throws(DatasetError) -> [String] {
    let names = try names(in: part)
    for name in names where !isFolder(part.appendingPathComponent(name)) {
      throw .unusableImage(
        path: part.appendingPathComponent(name).path,
        reason: "a file outside the folders of the classes; move or remove it")
    }
    guard !names.isEmpty else { throw .noClassFolders(path: part.path) }
    return names
  }

  /// Reads the images of one part.
  private mutating func images(in part: String) throws(DatasetError) -> LabeledImages {
    let part = folder.appendingPathComponent(part)
    var files: [(label: UInt8, paths: [URL])] = []
    for name in try Self.folders(in: part) {
      let classFolder = part.appendingPathComponent(name)
      // Strings of different bytes can be equal, but they name different folders.
      guard let label = classes.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) else {
        throw .unknownClass(folder: classFolder.path, classes: classes)
      }
      let names = try Self.names(in: classFolder)
      guard !names.isEmpty else { throw .emptyClass(path: classFolder.path) }
      files.append((UInt8(label), names.map(classFolder.appendingPathComponent)))
    }
    var (pixels, labels) = (ContiguousArray<UInt8>(), ContiguousArray<UInt8>())
    for place in 0..<(files.map(\.paths.count).max() ?? 0) {
      for (label, paths) in files where place < paths.count {
        let image = try image(paths[place])
        guard pixels.count + image.pixels.count <= IDXFile.maximumBytes else {
          throw .unreasonableSize(
            path: part.path, dimensions: [labels.count + 1] + image.size + [image.channels])
        }
        pixels +=
          image.channels == 1
          ? image.pixels
          : separatedChannels(image.pixels, area: image.size[0] * image.size[1], image.channels)
        labels.append(label)
      }
    }
    guard let image = first?.image else { throw .noClassFolders(path: part.path) }
    return try LabeledImages(
      size: image.size, channels: image.channels, pixels: pixels, labels: labels)
  }

  /// Reads an image and compares its size with the first one's.
  private mutating func image(_ url: URL) throws(DatasetError) -> EncodedImage {
    guard Self.extensions.contains(url.pathExtension.lowercased()), !Self.isFolder(url) else {
      throw .unusableImage(
        path: url.path,
        reason: "not an image: its name ends in none of "
          + Self.extensions.map { ".\($0)" }.joined(separator: ", ") + "; move or remove it")
    }
    let bytes = try readFile(url)
    let image: EncodedImage
    do {
      image = try EncodedImage(bytes)
    } catch {
      throw .unusableImage(path: url.path, reason: error.reason)
    }
    guard let first else {
      first = (url, image)
      return image
    }
    guard image.size == first.image.size, image.channels == first.image.channels else {
      throw .differentImage(
        path: url.path, shape: image.size + [image.channels], first: first.url.path,
        firstShape: first.image.size + [first.image.channels])
    }
    return image
  }
}
