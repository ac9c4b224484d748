// Models in several files, listed by an index.

import Foundation
import ZerOMessages

/// The index of a model in several files, `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
///
/// ```
/// {"metadata": {…}, "weight_map": {"a.weight": "model-00001-of-00002.safetensors", …}}
/// ```
struct ShardIndex: Sendable {
  /// The tensors of all files, file by file, without those that the index assigns to another file.
  let tensors: [StoredTensor]

  /// The metadata that all files of safetensors have in common.
  let metadata: [String: String]

  private struct Index: Decodable {
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey {
      case weightMap = "weight_map"
    }
  }

  /// Whether a file name denotes an index: `model.safetensors.index.json`,
  /// `pytorch_model.bin.index.json`, or of a variant, `model.safetensors.index.fp16.json`.
  static func isName(_ path: String) -> Bool {
    path.contains(/\.(safetensors|bin)\.index(\.[^.\/]+)?\.json$/)
  }

  /// Reads an index and the headers of its files; the values are not read.
  ///
  /// Tensors that the index doesn't list belong to the model as well: Hugging Face's libraries load
  /// whole files.
  ///
  /// - Parameter path: The index; the files must be in the same folder.
  /// - Throws: `TensorFileError.malformed` for an invalid index or file, a file in another folder,
  ///   a listed tensor that its file doesn't contain, and an unlisted tensor in several files;
  ///   `.unreadable`.
  init(path: String) throws(TensorFileError) {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(
        path: path, format: path.contains(".bin.") ? "PyTorch index" : "safetensors index",
        reason: reason)
    }
    let file = try OpenFile(path)
    guard file.count <= SafetensorsFile.longestHeader else {
      throw malformed(
        "\(file.count) bytes, more than the limit of \(SafetensorsFile.longestHeader)")
    }
    let text = try file.bytes(0..<file.count)
    guard !text.contains(0), let index = try? JSONDecoder().decode(Index.self, from: Data(text))
    else { throw malformed("not a JSON object with a \"weight_map\" from names to files") }
    if let key = firstRepeatedKey(inJSON: text[...]) { throw malformed("'\(key)' occurs twice") }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    var tensors: [StoredTensor] = []
    var metadata: [String: String]?
    for name in Set(index.weightMap.values).sorted() {
      guard name.isFolderName else {
        throw malformed("'\(name)' is not the name of a file in the same folder")
      }
      let file = folder.appendingPathComponent(name).path
      let shard: [StoredTensor]
      if try TorchFile.isTorch(file) {
        shard = try ModelChoice(try TorchFile(path: file).contents, key: nil, path: file).tensors
      } else {
        let own = try SafetensorsFile(path: file)
        shard = own.tensors
        metadata = (metadata ?? own.metadata).filter { own.metadata[$0.key] == $0.value }
      }
      tensors += shard.filter { (index.weightMap[$0.name] ?? name) == name }
    }
    let found = Set(tensors.map(\.name))
    if let repeated = Dictionary(grouping: tensors, by: \.name).filter({ $1.count > 1 }).keys.min()
    {
      throw malformed("'\(repeated)' is in several files, and the index doesn't list it")
    }
    if let missing = index.weightMap.keys.sorted().first(where: { !found.contains($0) }) {
      throw malformed("'\(missing)' is not in \(index.weightMap[missing] ?? "its file")")
    }
    self.tensors = tensors
    self.metadata = metadata ?? [:]
  }
}
