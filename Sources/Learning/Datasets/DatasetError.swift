import Foundation
import ZerOMessages

/// The reason why a data set cannot be used.
///
/// Each text names the file, the defect and the fix, in one line.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// The text is neither a known name nor a folder.
  case unknownName(String)

  /// A plan needs a data set that the program has not passed.
  case notPassed(String, known: [String])

  /// A data set that is passed under another name than its own.
  case otherName(String, expected: String)

  /// A name of images in memory that is empty, longer than 100 bytes or has control characters.
  case invalidName(String)

  /// There is no copy of a known data set on this machine.
  case notInstalled(name: String, fix: String)

  /// A folder lacks one of the four files, plain or gzip.
  case missingFile(folder: String, name: String)

  /// The operating system could not read the file.
  case unreadable(path: String, reason: String)

  /// The operating system could not write the file.
  case unwritable(path: String, reason: String)

  /// A gzip stream is truncated, or its checksum is wrong.
  case corruptGzip(path: String, reason: String)

  /// The file does not start like an IDX file of unsigned bytes with the expected number of
  /// dimensions.
  case wrongMagic(path: String, found: UInt32, expected: UInt32)

  /// The file is shorter than its header declares.
  case truncated(path: String, expected: Int, found: Int)

  /// The file is longer than its header declares.
  case tooLong(path: String, expected: Int)

  /// The header declares no values, or more than a data set may have.
  case unreasonableSize(path: String, dimensions: [Int])

  /// The number of pixels does not match the images in memory.
  case wrongPixelCount(pixels: Int, images: Int, size: [Int])

  /// There are no training or no test images in memory.
  case noImages(name: String)

  /// A folder of training or test images contains no classes.
  case noClassFolders(path: String)

  /// The folder of a class contains no images.
  case emptyClass(path: String)

  /// The size of images in memory is not two positive dimensions.
  case wrongSize([Int])

  /// A selection of classes names one that the data set does not have.
  case noSuchClass(name: String, label: Int, classCount: Int)

  /// A selected class has no training images, or the selected classes have no test images.
  case classWithoutImages(name: String, label: Int, part: String)

  /// A selection of more images than there are; the key is that of the setting.
  case tooFewImages(name: String, key: String, selected: Int, count: Int)

  /// A selection of classes names one twice.
  case repeatedClass(name: String)

  /// A number of classes below 1.
  case wrongClassCount(Int)

  /// The name of images in memory is that of a known data set.
  case nameTaken(String)

  /// The numbers of images and labels differ.
  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)

  /// The sizes of training and test images differ.
  case sizeMismatch(folder: String, train: [Int], test: [Int])

  /// A label is not a class.
  case labelOutsideClasses(path: String, index: Int, label: Int, classCount: Int)

  /// A training label is so large that more than half of the classes up to it have no image.
  case strayLabel(folder: String, index: Int, label: Int, present: Int)

  /// The contents differ from the published data set.
  case wrongChecksum(path: String, expected: String, found: String)

  /// A file that is no data set, or a folder without any files of one.
  case unknownFormat(path: String)

  /// Of four dimensions of images, not exactly one of the second and the last is 1 or 3.
  case ambiguousChannels(path: String, dimensions: [Int])

  /// A zip archive, or an array in it, violates its format.
  case corruptArchive(path: String, reason: String)

  /// A file of NumPy arrays lacks one of the four.
  case missingArray(path: String, name: String, found: [String])

  /// An array has a type, a shape or an order that the data set cannot have.
  case wrongArray(path: String, found: String, expected: String)

  /// A folder lacks one of CIFAR's binary files.
  case missingBinaryFile(folder: String, name: String, all: [String])

  /// A binary file of CIFAR does not consist of whole records, or not of as many as the published file.
  case wrongRecords(path: String, bytes: Int, record: Int, count: Int?)

  /// A file in a folder of images is no image, damaged, or of an unsupported kind.
  case unusableImage(path: String, reason: String)

  /// An image of another size or number of channels than the first one; shapes are height × width × channels.
  case differentImage(path: String, shape: [Int], first: String, firstShape: [Int])

  /// A folder of images lacks a part, which may have several names.
  case missingPart(folder: String, names: [String])

  /// A class of test images without training images.
  case unknownClass(folder: String, classes: [String])

  /// More classes than labels of one byte can distinguish.
  case tooManyClasses(folder: String, count: Int)

  /// No mirror delivered the file.
  case downloadFailed(name: String, reasons: [String])

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name):
      "unknown data set '\(name)': neither a known name nor a folder \(URL(fileURLWithPath: name).path); "
        + suggestion(for: name, among: DatasetSource.catalog.map(\.name))
    case .notPassed(let name, let known):
      "the plan's data is '\(name)', but the program passes \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    case .otherName(let name, let expected):
      "the data set '\(name)' is passed for plans on '\(expected)'; give both the same name"
    case .invalidName(let name):
      "'\(name.prefix(100))' cannot name a data set; use 1 to 100 bytes without control characters"
    case .notInstalled(let name, let fix):
      "the data set '\(name)' is not on this machine: \(fix)"
    case .missingFile(let folder, let name):
      "\(folder): the file \(name) (or \(name).gz) is missing; put the four IDX files there"
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check its name and permissions"
    case .unwritable(let path, let reason):
      "\(path): cannot be written (\(reason)); choose another folder with --out"
    case .corruptGzip(let path, let reason):
      "\(path): not a valid gzip file (\(reason)); download it again"
    case .wrongMagic(let path, let found, let expected):
      "\(path): \(Self.meaning(found)); expected \(Self.meaning(expected)); "
        + "check the file's name and origin"
    case .truncated(let path, let expected, let found):
      "\(path): truncated: \(found) of the \(expected) bytes that its header declares; "
        + "download it again"
    case .tooLong(let path, let expected):
      "\(path): longer than the \(expected) bytes that its header declares; download it again"
    case .unreasonableSize(let path, let dimensions):
      "\(path): its header declares \(Self.product(dimensions)) bytes, "
        + (dimensions.contains(0)
          ? "that is, none"
          : "more than \(IDXFile.maximumCount) items or \(IDXFile.maximumBytes) bytes")
        + "; download it again"
    case .wrongPixelCount(let pixels, let images, let size):
      "\(pixels) pixels for \(images) images of \(Self.product(size)); "
        + "give height · width bytes and one label per image"
    case .noImages(let name):
      "\(name): no training or no test images; give at least one of each"
    case .noClassFolders(let path):
      "\(path): no folders of classes; add one per class, with its images"
    case .emptyClass(let path):
      "\(path): no images; add some, or remove the folder"
    case .wrongSize(let size):
      "images of the size \(size); give a height and a width, each at least 1"
    case .noSuchClass(let name, let label, let classCount):
      "\(name): class \(label) is selected, but the classes are 0 … \(classCount - 1); correct 'classes'"
    case .classWithoutImages(let name, let label, let part):
      "\(name): class \(label) has no \(part) images; correct 'classes'"
    case .tooFewImages(let name, let key, let selected, let count):
      "\(name): \(key) is \(selected), but there are only \(count) of the selected classes; use at most \(count), or 0 for all"
    case .repeatedClass(let name):
      "\(name): a class is selected twice; correct 'classes'"
    case .wrongClassCount(let count):
      "\(count) classes; a data set has at least 1"
    case .nameTaken(let name):
      "'\(name)' is a known data set; give images in memory another name"
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(images): \(imageCount) images, but \(labels) contains \(labelCount) labels; "
        + "use files from one data set"
    case .sizeMismatch(let folder, let train, let test):
      "\(folder): training images of \(Self.product(train)) pixels, "
        + "test images of \(Self.product(test)); "
        + "use images of one data set"
    case .labelOutsideClasses(let path, let index, let label, let classCount):
      "\(path): label \(label) at index \(index), but the classes are 0 … \(classCount - 1); "
        + "correct the labels"
    case .strayLabel(let folder, let index, let label, let present):
      "\(folder): training label \(label) at index \(index), but only \(present) different labels "
        + "occur; correct the labels"
    case .wrongChecksum(let path, let expected, let found):
      "\(path): SHA-256 is \(found), but the published file has \(expected); download it again"
    case .unknownFormat(let path):
      "\(path): contains no data set; give a folder with four IDX files, CIFAR's .bin files, or images in "
        + "train/CLASS and test/CLASS, or a .npz file"
    case .ambiguousChannels(let path, let dimensions):
      "\(path): images of the dimensions \(Self.product(dimensions)), where either the second or the last must "
        + "be the number of channels, 1 or 3, and not both; save gray images without channels"
    case .corruptArchive(let path, let reason):
      "\(path): not a valid .npz file (\(reason)); save or download it again"
    case .missingArray(let path, let name, let found):
      "\(path): the array '\(name)' is missing (found: \(found.isEmpty ? "none" : found.prefix(8).joined(separator: ", "))); "
        + "save x_train, y_train, x_test and y_test"
    case .wrongArray(let path, let found, let expected):
      "\(path): has \(found); save it as \(expected)"
    case .missingBinaryFile(let folder, let name, let all):
      "\(folder): the file \(name) is missing; put \(all.joined(separator: ", ")) there"
    case .wrongRecords(let path, let bytes, let record, let count):
      "\(path): has \(bytes) bytes, but "
        + (count.map { "the published file has \($0 * record)" }
          ?? "each image needs \(record), so it is truncated, too long or empty")
        + "; download it again"
    case .unusableImage(let path, let reason): "\(path): \(reason)"
    case .differentImage(let path, let shape, let first, let firstShape):
      "\(path): \(Self.product(shape)) values (height × width × channels), but \(first) has "
        + "\(Self.product(firstShape)); save all images with one size and the same channels"
    case .missingPart(let folder, let names):
      "\(folder): has "
        + (names.count == 1 ? "no \(names[0])" : "neither \(names.joined(separator: " nor "))")
        + "; add \(names[0])/CLASS"
    case .unknownClass(let folder, let classes):
      "\(folder): no class of the training images; they are \(classes.prefix(8).joined(separator: ", "))"
        + (classes.count > 8 ? " and \(classes.count - 8) more" : "") + "; rename or remove it"
    case .tooManyClasses(let folder, let count):
      "\(folder): \(count) classes, more than the limit of 256; remove some"
    case .downloadFailed(let name, let reasons):
      "\(name): no mirror delivered the file (\(reasons.joined(separator: "; "))); "
        + "check the network, or name another mirror with --from"
    }
  }

  private static func product(_ dimensions: [Int]) -> String {
    dimensions.map(String.init).joined(separator: " × ")
  }

  private static func meaning(_ magic: UInt32) -> String {
    let dimensions = magic & 0xff
    guard magic >> 8 == 8 else { return "not an IDX file of unsigned bytes (magic \(magic))" }
    return switch dimensions {
    case 0: "an IDX file without dimensions (magic \(magic))"
    case 1: "an IDX file of labels (magic \(magic))"
    case 3, 4: "an IDX file of images (magic \(magic))"
    default: "an IDX file of \(dimensions) dimensions (magic \(magic))"
    }
  }
}
