// PyTorch's own files: recognizes the container, reads its pickles as data, and finds the tensors.

import Foundation
import ZerOArrayFiles

/// A file that `torch.save` or `torch.jit.save` wrote, or the metadata of a distributed checkpoint.
struct TorchFile {
  /// The tensors, wherever they are nested.
  let contents: TorchContents

  /// Endings of the names of files that PyTorch writes.
  static let endings = [".pt", ".pth", ".bin", ".ckpt", ".pth.tar", ".pt.tar", ".tar", ".jit"]

  /// Reads a file's pickles; tensors are read on demand.
  ///
  /// - Throws: `TensorFileError`.
  init(path: String, limits: PickleLimits = PickleLimits()) throws(TensorFileError) {
    if path.hasSuffix("/.metadata") {
      contents = try DistributedCheckpoint(path: path, limits: limits).contents()
      return
    }
    let file = try OpenFile(path)
    guard file.count > 0 else {
      throw .malformed(path: path, format: "PyTorch", reason: "it is empty")
    }
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    switch Self.container(of: try file.bytes(0..<min(Self.prefixLength, file.count))) {
    case .zip:
      contents = try TorchZip(path, limits).contents(name: name)
    case .legacy:
      contents = try TorchLegacyFile.contents(of: file, name: name, path: path, limits)
    case .tar:
      contents = try TorchTarFile.contents(of: file, name: name, path: path, limits)
    case nil:
      throw .malformed(
        path: path, format: "PyTorch",
        reason: "it begins neither like a zip archive nor like a pickle of torch.save")
    }
  }

  /// Whether a file is meant to be one of PyTorch, by its name or its first bytes.
  static func isTorch(_ path: String) throws(TensorFileError) -> Bool {
    if (endings + ["/.metadata"]).contains(where: path.hasSuffix) { return true }
    guard !path.hasSuffix(".safetensors") else { return false }
    let file = try OpenFile(path)
    return container(of: try file.bytes(0..<min(prefixLength, file.count))) != nil
  }

  /// The containers of PyTorch's files.
  enum Container {
    case zip, legacy, tar
  }

  /// The number of bytes that tell the container.
  static let prefixLength = 265

  /// The container of a file that begins with these bytes; `nil` if it is none of PyTorch's.
  static func container(of bytes: [UInt8]) -> Container? {
    if bytes.starts(with: Array("PK".utf8) + [3, 4]) { return .zip }
    if TorchLegacyFile.isBeginning(bytes) { return .legacy }
    return bytes.dropFirst(257).starts(with: Array("ustar".utf8)) ? .tar : nil
  }
}

extension TorchContents {
  /// The largest number of tensors of one value that are read.
  private static let mostNumbers = 64

  /// The integers in the outermost dictionary, also those in tensors of one value.
  ///
  /// - Throws: `TensorFileError.unreadable`; `.malformed` if a checksum of an archive fails.
  func scalars() throws(TensorFileError) -> [String: Int] {
    var scalars = Dictionary(integers.map { ($0.key, $0.value) }) { first, _ in first }
    let numbers = tensors.lazy.filter {
      $0.keys.count == 1 && $0.tensor.count == 1 && $0.tensor.type == "I64"
    }
    for entry in numbers.prefix(Self.mostNumbers) {
      let bits = try entry.tensor.littleEndianBytes()
      if bits.count == 8 {
        scalars[entry.keys[0]] = Int(
          bitPattern: bits.reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) })
      }
    }
    return scalars
  }
}

/// The format since PyTorch 1.6 and of TorchScript: a zip archive with a pickle, and one member per
/// storage.
///
/// ```
/// NAME/data.pkl, NAME/byteorder, NAME/data/0, NAME/data/1, …
/// ```
struct TorchZip {
  private let archive: ZipArchive
  private let path: String
  private let limits: PickleLimits

  /// The largest accepted `data.pkl` in bytes.
  private static let longestPickle = 1 << 28

  /// Opens an archive in a file, or in a part of it.
  init(_ path: String, in range: Range<Int>? = nil, _ limits: PickleLimits) throws(TensorFileError)
  {
    archive = try ZipArchive(path, in: range)
    self.path = path
    self.limits = limits
  }

  /// Reads the pickle and finds the tensors.
  ///
  /// - Parameter name: The name of a tensor that is in no dictionary.
  /// - Returns: All tensors.
  /// - Throws: `TensorFileError`.
  func contents(name: String) throws(TensorFileError) -> TorchContents {
    var members: [String: ZipArchive.Member] = [:]
    for member in archive.members {
      guard members.updateValue(member, forKey: member.name) == nil else {
        throw ZipArchive.malformed(path, "'\(member.name)' occurs twice")
      }
    }
    let pickles = archive.members.filter { member in
      let parts = member.name.split(separator: "/", omittingEmptySubsequences: false)
      return parts.count <= 2 && parts.last == "data.pkl"
    }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw .malformed(
        path: path, format: "PyTorch",
        reason: pickles.isEmpty ? "a zip archive without data.pkl" : "several members data.pkl")
    }
    let longest = min(Self.longestPickle, limits.memory)
    guard pickle.size <= longest else {
      throw .exceedsLimit(path: path, limit: "\(longest) bytes of data.pkl")
    }
    let folder = pickle.name.dropLast("data.pkl".count)
    var input = PickleInput(
      BytesInMemory(bytes: try archive.bytes(of: pickle).whole()), path: path)
    var machine = PickleMachine(limits: limits)
    let root = try machine.load(&input)
    let order = try members[folder + "byteorder"].map { (member) throws(TensorFileError) in
      try archive.bytes(of: member).bytes(0..<min(8, member.size))
    }
    // Tensors that share a storage also share its checksum.
    var sources: [String: ZipMember] = [:]
    let prefix = folder + "data/"
    for member in archive.members where member.name.hasPrefix(prefix) {
      let key = String(decoding: member.name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
      sources[key] = archive.bytes(of: member)
    }
    let storages = TorchStorages(
      path: path,
      storage: { (storage) throws(TensorFileError) in
        guard let source = sources[storage.key] else {
          throw .malformed(
            path: path, format: "PyTorch", reason: "the storage '\(storage.key)' is missing")
        }
        return TorchStorage(source: source, range: 0..<source.count)
      }, isBigEndian: order == Array("big".utf8), limits: limits)
    var contents = try TorchWalk(root, of: machine.graph, storages, name: name).contents
    if let member = members[folder + PyTorchEncoding.metadataMember] {
      contents.metadata = try PyTorchEncoding.metadata(of: archive.bytes(of: member))
    }
    return contents
  }
}

/// The format before PyTorch 1.6: pickles, and then the values of all storages.
///
/// ```
/// magic number | protocol version | system | object | keys of storages | storages: count, 64 bits | values
/// ```
enum TorchLegacyFile {
  /// The magic number, 0x1950a86a20f9469cfc6c, as an integer of a pickle.
  private static let magic: [UInt8] = [
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
  ]

  /// The magic number as protocol 1 writes it.
  private static let magicLine = Array("L119547037146038801333356L".utf8)

  /// Whether a file begins with the magic number.
  static func isBeginning(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == 0x80 else { return bytes.starts(with: magicLine) }
    // The protocol, and from protocol 4 on a frame with its length in 8 bytes.
    return [2, 11].contains { bytes.dropFirst($0).starts(with: magic) }
  }

  static func contents(
    of file: any ByteSource, name: String, path: String, _ limits: PickleLimits
  ) throws(TensorFileError) -> TorchContents {
    var input = PickleInput(file, path: path)
    var machine = PickleMachine(limits: limits)
    _ = try machine.load(&input)
    let version = try machine.load(&input)
    guard version.integer == 1001 else {
      throw input.malformed("its protocol version is not 1001")
    }
    _ = try machine.load(&input)
    let root = try machine.load(&input)
    let keys = try machine.load(&input)
    // The values per key, whose sizes follow from the classes of the storages.
    var sizes: [String: Int] = [:]
    for index in machine.graph.nodes.indices
    where machine.graph.nodes[index].kind == .persistent {
      guard let storage = TorchStorageName(.node(index), in: machine.graph) else { continue }
      sizes[storage.key] = storage.type.byteCount
    }
    var ranges: [String: Range<Int>] = [:]
    for value in machine.graph.sequence(keys) ?? [] {
      guard let key = value.key, let size = sizes[key] else {
        throw input.malformed("a storage without a tensor")
      }
      ranges[key] = try input.skipStorage(valueSize: size)
    }
    let storages = TorchStorages(
      path: path,
      storage: { (storage) throws(TensorFileError) in
        guard let range = ranges[storage.key] else {
          throw .malformed(
            path: path, format: "PyTorch", reason: "the storage '\(storage.key)' is missing")
        }
        return TorchStorage(source: file, range: range)
      }, isBigEndian: false, limits: limits)
    return try TorchWalk(root, of: machine.graph, storages, name: name).contents
  }
}

extension PickleInput {
  /// Passes over a storage: the number of values in 64 bits, and the values.
  ///
  /// - Returns: The place of the values in the source.
  mutating func skipStorage(valueSize: Int) throws(TensorFileError) -> Range<Int> {
    let count = try number(bytes: 8)
    guard count <= UInt64(remaining / valueSize) else {
      throw malformed(
        "a storage of \(count) values of \(valueSize) bytes, but \(remaining) bytes are left")
    }
    let start = position
    skip(Int(count) * valueSize)
    return start..<position
  }
}
