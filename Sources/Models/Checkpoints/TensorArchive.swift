// A model in any supported format, opened by its path.

import Foundation
import ZerOArrayFiles
import ZerOMessages
public import ZerONamePatterns

/// The tensors of a model, in one file or several.
public struct TensorArchive: Sendable {
  /// The tensors, in the order of the files.
  public let tensors: [StoredTensor]

  /// The file that was opened; for a folder the model's file in it.
  public let path: String

  /// The metadata of a safetensors file or of a PyTorch file of this package, or the common metadata of
  /// all safetensors files of an index.
  public let metadata: [String: String]

  /// Remarks on how the tensors were read, one sentence each.
  public let notes: [String]

  /// The integers in the outermost dictionary of a PyTorch file, such as `iter_num`, `global_step`
  /// or `epoch`; empty for other files.
  public let scalars: [String: Int]

  /// Whether the file contains one array without a name, as NPY files do; the tensor has the file's name.
  package let isArray: Bool

  /// Indices of the tensors by name, and by plain name; `nil` if several tensors share a plain
  /// name.
  private let places: [String: Int]
  private let plainPlaces: [String: Int?]

  /// Opens a file, or the model in a folder; only headers are read.
  ///
  /// A PyTorch file is read as data: its pickles may ask for Python code, which is never run. In a
  /// file of nested dictionaries, the model is found by its key, such as `model` or `state_dict`, or
  /// because it is the only one; optimizers are passed over, and `notes` say so.
  ///
  /// - Parameters:
  ///   - path: One of:
  ///     - a `.safetensors`, `.npy` or `.npz` file;
  ///     - a file of PyTorch, such as `.pt`, `.pth`, `.bin`, `.ckpt`, `.pth.tar` or `.jit`;
  ///     - an index, such as `.safetensors.index.json`, `.bin.index.json` or a variant,
  ///       `.safetensors.index.fp16.json`;
  ///     - a folder that contains `model.safetensors` or `pytorch_model.bin`, or their index; a
  ///       distributed checkpoint of PyTorch (`.metadata` and `.distcp` files); or exactly one model
  ///       with another name;
  ///     - a file of safetensors, NumPy (one array) or PyTorch with another name.
  ///   - key: The key of the model in a PyTorch file, with dots between nested keys; `nil` to choose
  ///     it by name.
  /// - Throws: `TensorFileError`.
  public init(_ path: String, key: String? = nil) throws(TensorFileError) {
    let path = try ModelFolder.file(of: path)
    let tensors: [StoredTensor]
    var metadata: [String: String] = [:]
    var scalars: [String: Int] = [:]
    var choice: ModelChoice?
    let format = try Format(of: path)
    switch format {
    case .safetensors:
      let file = try SafetensorsFile(path: path)
      tensors = file.tensors
      metadata = file.metadata
    case .index:
      let index = try ShardIndex(path: path)
      tensors = index.tensors
      metadata = index.metadata
    case .npy:
      tensors = [try NPYFile.open(path)]
    case .npz:
      tensors = try NPZFile.open(path)
    case .torch:
      let contents = try TorchFile(path: path).contents
      let model = try ModelChoice(contents, key: key, path: path)
      tensors = model.tensors
      metadata = contents.metadata
      scalars = try contents.scalars()
      choice = model
    }
    if let key, choice == nil { throw .noKey(path: path, key: key, keys: []) }
    self.init(
      tensors: tensors, path: path, metadata: metadata, scalars: scalars,
      notes: (choice?.notes ?? []) + Self.notes(on: tensors), isArray: format == .npy)
  }

  /// The formats of files.
  private enum Format {
    case safetensors, index, npy, npz, torch

    /// Tells the format by the file's name or, if the name is unknown, by its first bytes.
    ///
    /// - Throws: `TensorFileError.unknownFormat`, `.unreadable`.
    init(of path: String) throws(TensorFileError) {
      if path.hasSuffix(".safetensors") {
        self = .safetensors
      } else if ShardIndex.isName(path) {
        self = .index
      } else if path.hasSuffix(".npy") {
        self = .npy
      } else if path.hasSuffix(".npz") {
        self = .npz
      } else if try TorchFile.isTorch(path) {
        self = .torch
      } else {
        let file = try OpenFile(path)
        let beginning = try file.bytes(0..<min(9, file.count))
        if beginning.starts(with: NPYHeader.magic) {
          self = .npy
        } else if beginning.count == 9, beginning[8] == UInt8(ascii: "{") {
          // A header of JSON after 8 bytes with its length.
          self = .safetensors
        } else {
          throw .unknownFormat(path: path)
        }
      }
    }
  }

  /// Indexes tensors by their names.
  init(
    tensors: [StoredTensor], path: String, metadata: [String: String], scalars: [String: Int],
    notes: [String], isArray: Bool = false
  ) {
    self.tensors = tensors
    self.isArray = isArray
    self.path = path
    self.metadata = metadata
    self.scalars = scalars
    self.notes = notes
    places = Dictionary(zip(tensors.map(\.name), tensors.indices)) { first, _ in first }
    var plainPlaces: [String: Int?] = [:]
    for (place, tensor) in tensors.enumerated() {
      let plain = TensorName(tensor.name).plain
      plainPlaces[plain] = .some(plainPlaces[plain] == nil ? place : nil)
    }
    self.plainPlaces = plainPlaces
  }

  /// The distinct notes of the tensors, each with the names of the first tensors that have it.
  private static func notes(on tensors: [StoredTensor]) -> [String] {
    var names: [String: [String]] = [:]
    var order: [String] = []
    for tensor in tensors {
      for note in tensor.notes {
        if names[note] == nil { order.append(note) }
        names[note, default: []].append(tensor.name)
      }
    }
    return order.map { note in "\(firstOf(names[note] ?? [])): \(note)" }
  }

  /// The first pattern that matches no tensor.
  ///
  /// - Parameters:
  ///   - patterns: The patterns.
  ///   - others: Further names that may match, such as the names of stacked matrices.
  /// - Returns: `nil` if every pattern matches.
  public func unmatched(
    among patterns: some Sequence<NamePattern>, besides others: [String] = []
  ) -> UnmatchedPattern? {
    let names = tensors.map(\.name) + others
    return patterns.first { !names.contains(where: $0.matches) }
      .map { UnmatchedPattern(pattern: $0, path: path, names: names) }
  }

  /// The tensor with a name.
  public subscript(name: String) -> StoredTensor? { places[name].map { tensors[$0] } }

  /// Finds the tensor that corresponds to one of another file.
  ///
  /// - Parameter name: The name in the other file; prefixes of training tools may differ.
  /// - Returns: The tensor with this name, or the only one with the same plain name (see
  ///   ``TensorName``); the array of an NPY file for any name.
  public func counterpart(of name: String) -> StoredTensor? {
    if isArray { return tensors.first }
    if let tensor = self[name] { return tensor }
    guard let place = plainPlaces[TensorName(name).plain] ?? nil else { return nil }
    return tensors[place]
  }

  /// The bias of the layer that a weight belongs to.
  ///
  /// - Parameter tensor: The weight.
  /// - Returns: The bias by name (see ``TensorName/bias(_:)``), of any shape.
  public func bias(of tensor: StoredTensor) -> StoredTensor? {
    TensorName(tensor.name).bias { name in (plainPlaces[name] ?? nil).map { tensors[$0] } }
  }
}

extension TensorArchive {
  /// The sorted paths of the files that determine the tensors and their parts.
  ///
  /// These are the files of the tensors, the file that was opened, and the configurations of an adapter and of a model
  /// beside it.
  package var files: [String] {
    Set(tensors.map(\.path) + [path] + Self.configurations(beside: path)).sorted()
  }

  /// The configurations of an adapter and of a model that exist beside a file.
  package static func configurations(beside path: String) -> [String] {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    return [AdapterConfiguration.fileName, ModelConfiguration.fileName]
      .map { folder.appendingPathComponent($0).path }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }

  /// Whether a path is one of the files that contain the tensors, so that writing to it would
  /// destroy them.
  ///
  /// - Parameter path: An output file; it need not exist.
  /// - Returns: The result after following symbolic links.
  public func isRead(from path: String) -> Bool {
    let place = Self.place(path)
    return Self.place(self.path) == place
      || Set(tensors.map(\.path)).contains { Self.place($0) == place }
  }

  /// The canonical path of a file.
  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }
}

/// Finds the model in a folder.
enum ModelFolder {
  /// The file to open for a path; for a folder, its model.
  ///
  /// - Throws: `TensorFileError` if the path can't be read, or the folder contains no model or
  ///   several.
  static func file(of path: String) throws(TensorFileError) -> String {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      // For a missing file, report the system's reason, not an unknown format.
      _ = try OpenFile(path)
      return path
    }
    guard isFolder.boolValue else { return path }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .unreadable(path: path, reason: systemReason(of: error))
    }
    // By name alone: `init` follows links when it opens the file.
    let usual = [
      "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json",
      "pytorch_model.bin", ".metadata",
    ]
    if let model = usual.first(where: names.contains) { return folder + model }
    // Beside a model, files of PyTorch often contain a trainer's state.
    let models = names.filter(isModel).sorted()
    if models.count == 1 { return folder + models[0] }
    let files = names.filter(isTorchModel).sorted()
    if models.isEmpty, files.count == 1 { return folder + files[0] }
    throw .noModel(path: path, others: models + files)
  }

  /// Whether a file name denotes a model; the files of a sharded model don't count.
  private static func isModel(_ name: String) -> Bool {
    if name.hasPrefix(".") { return false }
    if ShardIndex.isName(name) { return true }
    return [".safetensors", ".npz", ".npy"].contains(where: name.hasSuffix)
      && !name.contains(/-\d+-of-\d+\.safetensors$/)
  }

  /// Whether a file name denotes a model of PyTorch, and not the state of a trainer beside it.
  private static func isTorchModel(_ name: String) -> Bool {
    let others = /^(optimizer|scheduler|scaler|training_args|rng_state|random_states)|optim_states/
    return !name.hasPrefix(".") && TorchFile.endings.contains(where: name.hasSuffix)
      && !name.contains(/-\d+-of-\d+\.bin$/) && !name.contains(others)
  }
}
