// A model in several safetensors files, with an index that says which tensor is in which.

import Foundation
import Messages

/// The tensors of several files, as `model.safetensors.index.json` lists them.
///
/// ```
/// {"metadata": {…}, "weight_map": {"a.weight": "model-00001-of-00002.safetensors", …}}
/// ```
public struct SafetensorsIndex: Sendable {
  /// The tensors of the files, file after file, but for those that the index gives to another file.
  public let tensors: [StoredTensor]

  /// The texts that all the files have in common, such as the framework they were written by.
  public let metadata: [String: String]

  private struct Index: Decodable {
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey {
      case weightMap = "weight_map"
    }
  }

  /// Whether a file is an index, by its name: `model.safetensors.index.json`, or that of a variant,
  /// `model.safetensors.index.fp16.json`.
  static func isName(_ path: String) -> Bool {
    path.contains(/\.safetensors\.index(\.[^.\/]+)?\.json$/)
  }

  /// Reads an index and the headers of the files that it names; the values stay where they are.
  ///
  /// A tensor that the index doesn't name is the model's as well, since Hugging Face's libraries load files whole.
  ///
  /// - Parameter path: The index; the files lie beside it.
  /// - Throws: `TensorFileError.malformed` for an index of another form, one that names a file elsewhere or a
  ///   tensor that its file hasn't, a tensor of several files that it doesn't name, and for what is wrong with the
  ///   files; `.unreadable`.
  public init(path: String) throws(TensorFileError) {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "safetensors index", reason: reason)
    }
    let file = try OpenFile(path)
    guard file.count <= SafetensorsFile.longestHeader else {
      throw malformed(
        "\(file.count) bytes, more than the limit of \(SafetensorsFile.longestHeader)")
    }
    let text = try file.bytes(0..<file.count)
    guard !text.contains(0), let index = try? JSONDecoder().decode(Index.self, from: Data(text))
    else { throw malformed("it is no JSON object with a \"weight_map\" from names to files") }
    if let key = firstRepeatedKey(inJSON: text[...]) { throw malformed("'\(key)' stands twice") }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    var tensors: [StoredTensor] = []
    var metadata: [String: String]?
    for name in Set(index.weightMap.values).sorted() {
      guard name.isFolderName else { throw malformed("'\(name)' is no name of a file beside it") }
      let shard = try SafetensorsFile(path: folder.appendingPathComponent(name).path)
      tensors += shard.tensors.filter { (index.weightMap[$0.name] ?? name) == name }
      metadata = (metadata ?? shard.metadata).filter { shard.metadata[$0.key] == $0.value }
    }
    let found = Set(tensors.map(\.name))
    if let repeated = Dictionary(grouping: tensors, by: \.name).filter({ $1.count > 1 }).keys.min()
    {
      throw malformed("'\(repeated)' is in several files, and it doesn't say which one holds")
    }
    if let missing = index.weightMap.keys.sorted().first(where: { !found.contains($0) }) {
      throw malformed("'\(missing)' is not in \(index.weightMap[missing] ?? "its file")")
    }
    self.tensors = tensors
    self.metadata = metadata ?? [:]
  }
}
