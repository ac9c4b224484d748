// PyTorch's zip format, as `torch.save` writes a dictionary of tensors.

import Foundation

/// The bytes of a PyTorch file around the values of its tensors.
///
/// ```
/// archive/data.pkl | archive/byteorder | archive/data/0 | archive/data/1 | … | archive/version
/// ```
///
/// `data.pkl` is a pickle of an ordered dictionary from names to tensors. Each tensor is contiguous
/// and has a storage of its own, so `torch.load(path, weights_only=True)` reads the file. Metadata
/// are in a member that PyTorch ignores, `archive/zerolab/metadata.json`.
///
/// Reference: PyTorch, "Serialization semantics"; `torch/serialization.py` and
/// `torch/_weights_only_unpickler.py` of version 2.9.
struct PyTorchEncoding: ModelEncoding {
  /// The member for metadata, in the folder of all members.
  static let metadataMember = "zerolab/metadata.json"

  private static let folder = "archive/"

  /// The largest accepted metadata in bytes.
  private static let longestMetadata = 10_000_000

  /// Reads the member for metadata; empty if it is too large or not an object of texts.
  ///
  /// - Throws: `TensorFileError.unreadable`, `.malformed` if its checksum fails.
  static func metadata(of member: some ByteSource) throws(TensorFileError) -> [String: String] {
    guard member.count <= longestMetadata else { return [:] }
    let text = Data(try member.whole())
    return (try? JSONDecoder().decode([String: String].self, from: text)) ?? [:]
  }

  private let tensors: [StoredTensor]
  private let metadata: [String: String]
  private var zip = ZipEncoder()
  private var begun = 0

  /// Checks the types.
  ///
  /// - Throws: `TensorFileError.noTypeInPyTorch`.
  init(_ tensors: [StoredTensor], metadata: [String: String], path: String) throws(TensorFileError)
  {
    if let unknown = tensors.first(where: { TorchType.names(of: $0.type) == nil }) {
      throw .noTypeInPyTorch(path: path, tensor: unknown.name, type: unknown.type)
    }
    self.tensors = tensors
    self.metadata = metadata
  }

  mutating func beginning() throws -> [UInt8] {
    var bytes = zip.member(Self.folder + "data.pkl", pickle())
    if !metadata.isEmpty {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      bytes += zip.member(
        Self.folder + Self.metadataMember, [UInt8](try encoder.encode(metadata)))
    }
    return bytes + zip.member(Self.folder + "byteorder", Array("little".utf8))
  }

  mutating func beforeNext() -> [UInt8] {
    defer { begun += 1 }
    return zip.begin("\(Self.folder)data/\(begun)", size: tensors[begun].byteCount)
  }

  mutating func count(_ values: [UInt8]) { zip.count(values) }

  mutating func afterValues() -> [UInt8] { zip.end() }

  mutating func ending() -> [UInt8] {
    zip.member(Self.folder + "version", Array("3\n".utf8)) + zip.directory()
  }

  /// The dictionary of the tensors.
  private func pickle() -> [UInt8] {
    var writer = PickleWriter()
    writer.orderedDictionary()
    writer.items { writer in
      for (place, tensor) in tensors.enumerated() {
        writer.text(tensor.name)
        Self.append(tensor, place, to: &writer)
      }
    }
    writer.stop()
    return writer.bytes
  }

  /// The strides of contiguous values; those of an empty tensor don't matter, and may overflow.
  private static func strides(_ shape: [Int]) -> [Int] {
    shape.indices.map { axis in
      shape[(axis + 1)...].reduce(1) { product, dimension in
        let (next, overflows) = product.multipliedReportingOverflow(by: dimension)
        return overflows ? 0 : next
      }
    }
  }

  /// Pushes one tensor: a call of PyTorch's function that makes a tensor from a storage.
  private static func append(
    _ tensor: StoredTensor, _ place: Int, to writer: inout PickleWriter
  ) {
    let names = TorchType.names(of: tensor.type)
    let storage = names?.storage
    writer.global("torch._utils", storage == nil ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2")
    writer.tuple { writer in
      writer.tuple { writer in
        writer.text("storage")
        if let storage {
          writer.global("torch", storage)
        } else {
          writer.global("torch.storage", "UntypedStorage")
        }
        writer.text(String(place))
        writer.text("cpu")
        writer.number(storage == nil ? tensor.byteCount : tensor.count)
      }
      writer.persistentObject()
      writer.number(0)
      writer.tuple(tensor.shape)
      writer.tuple(strides(tensor.shape))
      writer.no()
      writer.orderedDictionary()
      if storage == nil, let type = names?.type { writer.global("torch", type) }
    }
    writer.call()
  }
}
