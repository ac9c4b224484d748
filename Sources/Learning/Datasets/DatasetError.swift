// Every way in which a data set can be missing, damaged or not what it says.

import Foundation
import Messages

/// Why a data set can't be used.
///
/// Each text names the file, the defect and the mend, in one line.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// Neither a known name nor a folder.
  case unknownName(String)

  /// A known data set of which no copy is on this machine.
  case notInstalled(name: String, mend: String)

  /// A folder without one of the four files, plain or gzip.
  case missingFile(folder: String, name: String)

  /// The operating system would not give the file.
  case unreadable(path: String, reason: String)

  /// The operating system would not take the file.
  case unwritable(path: String, reason: String)

  /// A gzip stream that breaks off or whose checksum is wrong.
  case corruptGzip(path: String, reason: String)

  /// The first bytes are not those of an IDX file of unsigned bytes with so many dimensions.
  case wrongMagic(path: String, found: UInt32, expected: UInt32)

  /// Shorter than its own header says.
  case truncated(path: String, expected: Int, found: Int)

  /// Longer than its own header says.
  case tooLong(path: String, expected: Int)

  /// A header that declares nothing, or more than a data set may hold.
  case unreasonableSize(path: String, dimensions: [Int])

  /// Images and labels of different number.
  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)

  /// Training and test images of different size.
  case sizeMismatch(folder: String, train: [Int], test: [Int])

  /// A label that is no class.
  case labelOutsideClasses(path: String, index: Int, label: Int, classCount: Int)

  /// A training label so far above the others that most classes up to it have no image.
  case strayLabel(folder: String, index: Int, label: Int, present: Int)

  /// Contents that are not those of the published data set.
  case wrongChecksum(path: String, expected: String, found: String)

  /// No mirror gave the file.
  case downloadFailed(name: String, reasons: [String])

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name):
      "unknown data set '\(name)': no name, and no folder \(URL(fileURLWithPath: name).path); "
        + suggestion(for: name, among: DatasetSource.catalog.map(\.name))
    case .notInstalled(let name, let mend):
      "the data set '\(name)' is not on this machine: \(mend)"
    case .missingFile(let folder, let name):
      "\(folder): has no file \(name) (or \(name).gz); put the four IDX files there"
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); check its name and permissions"
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); choose another folder with --out"
    case .corruptGzip(let path, let reason):
      "\(path): not a valid gzip file (\(reason)); fetch it again"
    case .wrongMagic(let path, let found, let expected):
      "\(path): \(Self.meaning(found)), but \(Self.meaning(expected)) belongs here; "
        + "check the file's name and origin"
    case .truncated(let path, let expected, let found):
      "\(path): truncated, \(found) bytes of the \(expected) that its header declares; "
        + "fetch it again"
    case .tooLong(let path, let expected):
      "\(path): longer than the \(expected) bytes that its header declares; fetch it again"
    case .unreasonableSize(let path, let dimensions):
      "\(path): its header declares \(dimensions.map(String.init).joined(separator: " × ")) bytes, "
        + (dimensions.contains(0)
          ? "which is empty"
          : "more than \(IDXFile.maximumCount) items or \(IDXFile.maximumBytes) bytes")
        + "; download it again"
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(images): \(imageCount) images, but \(labels) has \(labelCount) labels; "
        + "take both from one data set"
    case .sizeMismatch(let folder, let train, let test):
      "\(folder): training images of \(train.map(String.init).joined(separator: " × ")) pixels, "
        + "test images of \(test.map(String.init).joined(separator: " × ")); "
        + "take both from one data set"
    case .labelOutsideClasses(let path, let index, let label, let classCount):
      "\(path): label \(label) at position \(index), but the classes are 0 … \(classCount - 1); "
        + "correct the file"
    case .strayLabel(let folder, let index, let label, let present):
      "\(folder): training label \(label) at position \(index), but only \(present) different labels "
        + "occur; correct the file"
    case .wrongChecksum(let path, let expected, let found):
      "\(path): SHA-256 \(found), the published file has \(expected); fetch it again"
    case .downloadFailed(let name, let reasons):
      "\(name): no mirror gave the file (\(reasons.joined(separator: "; "))); "
        + "check the network or give another mirror with --from"
    }
  }

  private static func meaning(_ magic: UInt32) -> String {
    let dimensions = magic & 0xff
    guard magic >> 8 == 8 else { return "no IDX file of unsigned bytes (magic \(magic))" }
    return switch dimensions {
    case 0: "an IDX file without dimensions (magic \(magic))"
    case 1: "an IDX file of labels (magic \(magic))"
    case 3: "an IDX file of images (magic \(magic))"
    default: "an IDX file of \(dimensions) dimensions (magic \(magic))"
    }
  }
}
