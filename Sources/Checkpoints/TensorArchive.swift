// Whatever holds tensors, by what its name says.

import Foundation
import Messages

/// The tensors of a model, wherever they are stored.
public struct TensorArchive: Sendable {
  /// The tensors, in the order of the files.
  public let tensors: [StoredTensor]

  /// What was opened: the file of the model, where a folder was asked for.
  public let path: String

  /// The texts about a safetensors file, or those that all of several have.
  public let metadata: [String: String]

  /// Opens a file, or the model in a folder; only headers are read.
  ///
  /// - Parameter path: A `.safetensors` file, an index of several (`.safetensors.index.json`), a `.npy` or `.npz`
  ///   file, or a folder with `model.safetensors.index.json` or `model.safetensors`.
  /// - Throws: `TensorFileError`.
  public init(_ path: String) throws(TensorFileError) {
    let path = try Self.file(of: path)
    self.path = path
    var metadata: [String: String] = [:]
    if path.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path: path)
      tensors = file.tensors
      metadata = file.metadata
    } else if path.hasSuffix(".safetensors.index.json") {
      let index = try SafetensorsIndex(path: path)
      tensors = index.tensors
      metadata = index.metadata
    } else if path.hasSuffix(".npy") {
      tensors = [try NPYFile.open(path)]
    } else if path.hasSuffix(".npz") {
      tensors = try NPZFile.open(path)
    } else {
      throw .unknownFormat(path: path)
    }
    self.metadata = metadata
  }

  /// The file to open: that of a model for a folder.
  private static func file(of path: String) throws(TensorFileError) -> String {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      // A misspelt name is no question of formats: the system says what is wrong.
      _ = try OpenFile(path)
      return path
    }
    guard isFolder.boolValue else { return path }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let models = ["model.safetensors.index.json", "model.safetensors"].map { folder + $0 }
    if let model = models.first(where: FileManager.default.fileExists) { return model }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .unreadable(path: path, reason: systemReason(of: error))
    }
    let others = names.filter { name in
      [".safetensors", ".safetensors.index.json"].contains { name.hasSuffix($0) }
    }
    throw others.isEmpty
      ? .unknownFormat(path: path) : .noModel(path: path, others: others.sorted())
  }

  /// The first of some patterns that is the name of no tensor.
  public func unmatched(among patterns: some Sequence<NamePattern>) -> UnmatchedPattern? {
    let names = tensors.map(\.name)
    return patterns.first { !names.contains(where: $0.matches) }
      .map { UnmatchedPattern(pattern: $0, path: path, names: names) }
  }

  /// Looks a tensor up.
  public subscript(name: String) -> StoredTensor? { tensors.first { $0.name == name } }
}
