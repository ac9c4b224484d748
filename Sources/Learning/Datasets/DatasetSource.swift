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
  ]

  /// The four files of every known data set, without `.gz`.
  static let fileNames = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ]

  /// Reads the published SHA-256 checksums by file name: of the contents, and of the usual
  /// compressed form.
  ///
  /// - Returns: 64 hexadecimal digits per name.
  /// - Throws: `DatasetError` if the list in the package cannot be read.
  public func checksums() throws(DatasetError) -> [String: String] {
    let text = String(
      decoding: try readFile(resources.appendingPathComponent("SHA256SUMS")), as: UTF8.self)
    let pairs = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    return Dictionary(
      pairs.filter { $0.count == 2 }.map { ($0[1], $0[0]) }, uniquingKeysWith: { first, _ in first }
    )
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
  /// - Parameter verifyingContents: Whether to hash the uncompressed contents even if the stored
  ///   file has the published checksum.
  /// - Returns: The data set.
  /// - Throws: `DatasetError.notInstalled` if there is no copy; `DatasetError` if a copy cannot be
  ///   used.
  public func load(verifyingContents: Bool = false) throws(DatasetError) -> Dataset {
    guard let folder = installedFolder else {
      throw .notInstalled(
        name: name, fix: "\(installation), or run 'zerolab data fetch \(name)'")
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
  /// Reads a data set of the catalog, or a folder with four IDX files.
  ///
  /// - Parameters:
  ///   - nameOrFolder: A name or a folder. Names have priority; write `./mnist` for a folder of
  ///     that name.
  ///   - verifyingContents: Whether to hash the uncompressed contents of a known data set, too.
  /// - Returns: The data set.
  /// - Throws: `DatasetError`.
  public static func load(_ nameOrFolder: String, verifyingContents: Bool = false)
    throws(DatasetError) -> Dataset
  {
    if let source = DatasetSource.catalog.first(where: { $0.name == nameOrFolder }) {
      return try source.load(verifyingContents: verifyingContents)
    }
    var isFolder: ObjCBool = false
    guard
      unsafe FileManager.default.fileExists(atPath: nameOrFolder, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw .unknownName(nameOrFolder) }
    return try Dataset(folder: URL(fileURLWithPath: nameOrFolder), name: nameOrFolder)
  }
}
