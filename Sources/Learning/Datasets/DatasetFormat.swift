// The formats of data sets, chosen by the contents of a folder or file.

public import Foundation

/// The form in which a data set is stored.
enum DatasetFormat: Sendable, Equatable {
  /// A folder with four IDX files.
  case idx
  /// A folder with the files of CIFAR.
  case cifar(CIFARFiles)
  /// A folder with one folder of images per class.
  case images
  /// A file of NumPy arrays.
  case arrays

  /// The format of a folder or file; `nil` if its contents are of no format.
  static func found(at url: URL, isFolder: Bool) -> DatasetFormat? {
    guard isFolder else { return KerasArchive.isArchive(url) ? .arrays : nil }
    let isIDX = DatasetSource.fileNames.contains { name in
      IDXFile.names(name).contains {
        FileManager.default.fileExists(atPath: url.appendingPathComponent($0).path)
      }
    }
    if isIDX { return .idx }
    if let form = CIFARFiles.found(in: url) { return .cifar(form) }
    return ImageFolder.isFound(in: url) ? .images : nil
  }
}

extension Dataset {
  /// Training and test images as a reader returns them.
  struct Parts {
    let train: LabeledImages
    let test: LabeledImages

    /// The number of classes; `nil` for one more than the largest training label.
    var classCount: Int?

    /// The files that were read; empty for digests of the images and labels.
    var files: [File] = []
  }

  /// Reads a folder or file of any format.
  ///
  /// The contents decide the format: a folder with four IDX files, with the binary files of CIFAR-10 or
  /// CIFAR-100, or with `train/CLASS` and `test/CLASS` of PNG or JPEG images; a file of NumPy arrays
  /// (`.npz`) with `x_train`, `y_train`, `x_test` and `y_test`.
  ///
  /// - Parameters:
  ///   - url: The folder or file.
  ///   - name: The name of the data set in records.
  /// - Throws: `DatasetError`, which names the file, the defect and the fix.
  public init(contentsOf url: URL, name: String) throws(DatasetError) {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw .unknownName(name)
    }
    switch DatasetFormat.found(at: url, isFolder: isFolder.boolValue) {
    case .idx: try self.init(folder: url, name: name)
    case .cifar(let form): try self.init(cifar: form, in: url, name: name)
    case .images: try self.init(ImageFolder.read(url), name: name, path: url.path)
    case .arrays: try self.init(KerasArchive.read(url), name: name, path: url.path)
    case nil: throw .unknownFormat(path: url.path)
    }
  }

  /// Reads the files of CIFAR.
  init(
    cifar form: CIFARFiles, in folder: URL, name: String, expecting archive: PublishedArchive? = nil
  ) throws(DatasetError) {
    var parts = try form.read(in: folder, expecting: archive)
    parts.classCount = form.classCount
    try self.init(parts, name: name, path: folder.path)
  }
}
