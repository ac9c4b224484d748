// Which file of a folder is the model.

import Foundation
import Messages

/// The files of a folder that may hold tensors.
enum ModelFolder {
  /// The file to open: that of a model for a folder.
  ///
  /// - Throws: `TensorFileError` for a folder that can't be read, or with no model or several.
  static func file(of path: String) throws(TensorFileError) -> String {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      // A misspelt name is no question of formats: the system says what is wrong.
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
    // By its name alone: what a link leads to is seen when it is opened.
    let usual = ["model.safetensors.index.json", "model.safetensors"]
    if let model = usual.first(where: names.contains) { return folder + model }
    let models = names.filter(isModel).sorted()
    if models.count == 1 { return folder + models[0] }
    throw models.isEmpty ? .unknownFormat(path: path) : .noModel(path: path, others: models)
  }

  /// Whether a file holds a model, by its name: a part of a model in several files doesn't.
  private static func isModel(_ name: String) -> Bool {
    if name.hasPrefix(".") { return false }
    if SafetensorsIndex.isName(name) { return true }
    return [".safetensors", ".npz", ".npy"].contains(where: name.hasSuffix)
      && !name.contains(/-\d+-of-\d+\.safetensors$/)
  }
}
