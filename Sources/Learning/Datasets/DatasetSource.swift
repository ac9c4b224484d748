public import Foundation
import ZerOResources

/// A published data set: its checksums, the locations of its files, and its mirrors.
public struct DatasetSource: Sendable {
  /// The name on the command line and in experiments.
  public let name: String

  /// A one-line description for listings.
  public let summary: String

  /// The number of classes.
  public let classCount: Int

  /// The resource folder with the checksums, and the files if the package includes them.
  let resourceFolder: String

  /// Folders in which a package of the operating system may have installed the files.
  let systemFolders: [String]

  /// The base addresses for downloads, in order of preference; file names are appended.
  public let mirrors: [String]

  /// How to install the data set without a download.
  let installation: String

  /// The archive that contains the files; `nil` for four IDX files that are downloaded one by one.
  var archive: PublishedArchive?

  /// The known data sets, in the order of listings.
  public static let catalog: [DatasetSource] = [
    DatasetSource(
      name: "mnist", summary: "handwritten digits, 28 x 28, included in this package",
      classCount: 10,
      resourceFolder: "MNIST", systemFolders: [],
      mirrors: [
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
      ],
      installation: "put the folder ZerOLab_ZerODatasets.resources beside the program"),
    DatasetSource(
      name: "fashion-mnist", summary: "clothing, 28 x 28, in the format of MNIST", classCount: 10,
      resourceFolder: "FashionMNIST",
      systemFolders: ["/usr/share/datasets/fashion-mnist"],
      mirrors: [
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
      ],
      installation: "install Debian's package dataset-fashion-mnist"),
    cifar(.cifar10, name: "cifar-10", summary: "photographs of 10 classes, 32 x 32 in color"),
    cifar(
      .cifar100, name: "cifar-100",
      summary: "photographs of 100 classes, 32 x 32 in color; the fine labels"),
  ]

  private static func cifar(_ archive: PublishedArchive, name: String, summary: String)
    -> DatasetSource
  {
    let mirror = "https://www.cs.toronto.edu/~kriz"
    return DatasetSource(
      name: name, summary: summary, classCount: archive.form.classCount, resourceFolder: "",
      systemFolders: [], mirrors: [mirror], installation: "unpack \(mirror)/\(archive.name)",
      archive: archive)
  }

  /// The four IDX files of a data set, without `.gz`.
  static let fileNames = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ]

  /// Reads the published SHA-256 checksums by file name: of the contents and of the usual compressed
  /// form, or of the archive.
  ///
  /// - Returns: 64 hexadecimal digits per name.
  /// - Throws: `DatasetError` if the list in the package cannot be read.
  public func checksums() throws(DatasetError) -> [String: String] {
    if let archive { return [archive.name: archive.sha256] }
    return ZerODatasets.checksums(
      inList: String(
        decoding: try readFile(resources.appendingPathComponent("SHA256SUMS")), as: UTF8.self))
  }

  private var resources: URL {
    ZerOResources.resourceFolder(of: "Datasets").appendingPathComponent(resourceFolder)
  }

  /// The default destination of `zerolab data fetch`: `$XDG_DATA_HOME/zerolab/NAME`, or
  /// `~/.local/share/zerolab/NAME`.
  public var userFolder: URL {
    let environment = ProcessInfo.processInfo.environment
    let base =
      environment["XDG_DATA_HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".local/share")
    return base.appendingPathComponent("zerolab").appendingPathComponent(name)
  }

  /// The first folder that contains a copy; `nil` if there is none on this machine.
  public var installedFolder: URL? {
    if let archive {
      // An archive that was unpacked by hand has a folder of its own.
      return [userFolder, userFolder.appendingPathComponent(archive.form.archiveFolder)]
        .first { archive.form == CIFARFiles.found(in: $0) }
    }
    let candidates =
      [resources, userFolder] + systemFolders.map { URL(fileURLWithPath: $0) }
    return candidates.first { folder in
      Self.fileNames.allSatisfy { name in
        [name, name + ".gz"].contains {
          FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
      }
    }
  }

  /// Reads the data set from this machine and compares it with the published checksums.
  ///
  /// Files of CIFAR must have the published numbers of images, and the checksums that `fetch` recorded.
  ///
  /// - Parameter verifyingContents: Whether to hash the uncompressed contents even if the stored
  ///   file has the published checksum.
  /// - Returns: The data set.
  /// - Throws: `DatasetError.notInstalled` if there is no copy; `DatasetError` if a copy cannot be
  ///   used.
  public func load(verifyingContents: Bool = false) throws(DatasetError) -> Dataset {
    guard let folder = installedFolder else {
      throw .notInstalled(
        name: name,
        fix: installation + (archive == nil ? "" : " in \(userFolder.path)")
          + ", or run 'zerolab data fetch \(name)'")
    }
    return try load(from: folder, verifyingContents: verifyingContents)
  }

  /// Reads a copy of the data set.
  func load(from folder: URL, verifyingContents: Bool = false) throws(DatasetError) -> Dataset {
    if let archive {
      let data = try Dataset(
        cifar: archive.form, in: folder, name: name, expecting: archive)
      let sums = PublishedArchive.recordedChecksums(in: folder)
      for file in data.files {
        guard let expected = sums[file.name], expected != file.sha256 else { continue }
        throw .wrongChecksum(
          path: folder.appendingPathComponent(file.name).path, expected: expected,
          found: file.sha256)
      }
      return data
    }
    return try Dataset(
      folder: folder, name: name, classCount: classCount, checksums: checksums(),
      verifyingContents: verifyingContents)
  }

  /// Finds a data set by name.
  ///
  /// - Parameter name: The name as listed.
  /// - Returns: The source.
  /// - Throws: `DatasetError.unknownName`, whose text suggests the nearest name.
  public static func named(_ name: String) throws(DatasetError) -> DatasetSource {
    guard let source = catalog.first(where: { $0.name == name }) else {
      throw .unknownName(name)
    }
    return source
  }
}

extension Dataset {
  /// Reads a data set of the catalog, or a folder or file of any format.
  ///
  /// - Parameters:
  ///   - nameOrFolder: A name, or a folder or file that ``init(contentsOf:name:)`` reads. Names have
  ///     priority; write `./mnist` for a folder of that name.
  ///   - verifyingContents: Whether to hash the uncompressed contents of a known data set, too.
  /// - Returns: The data set.
  /// - Throws: `DatasetError`.
  public static func load(_ nameOrFolder: String, verifyingContents: Bool = false)
    throws(DatasetError) -> Dataset
  {
    if let source = DatasetSource.catalog.first(where: { $0.name == nameOrFolder }) {
      return try source.load(verifyingContents: verifyingContents)
    }
    return try Dataset(contentsOf: URL(fileURLWithPath: nameOrFolder), name: nameOrFolder)
  }
}
