// Distributed checkpoints of PyTorch: a folder whose tensors are divided among files and processes.

import Foundation
import ZerOMessages

/// A checkpoint that `torch.distributed.checkpoint` wrote: a pickle `.metadata`, and `.distcp` files
/// that contain one zip archive per item.
struct DistributedCheckpoint {
  /// The largest number of parts of one tensor.
  private static let mostParts = 4096

  /// The largest number of bytes of the name of a tensor or file.
  private static let longestName = 1 << 12

  /// The largest number of integers that are read.
  private static let mostIntegers = 64

  private let folder: URL
  private let path: String
  private let limits: PickleLimits

  /// The limits of an item, which is one value and takes about 50 opcodes.
  private var itemLimits: PickleLimits {
    var limits = limits
    (limits.opcodes, limits.memory) = (1 << 12, 1 << 20)
    return limits
  }

  /// An item in one of the files: a part of a tensor, or another value.
  private struct Item {
    let offsets: [Int]
    let file: String
    let range: Range<Int>
  }

  /// Describes a checkpoint.
  ///
  /// - Parameters:
  ///   - path: The file `.metadata`.
  ///   - limits: The limits of its pickles.
  init(path: String, limits: PickleLimits) {
    self.path = path
    self.limits = limits
    folder = URL(fileURLWithPath: path).deletingLastPathComponent()
  }

  /// Reads the metadata, and the pickles of all tensors.
  ///
  /// - Returns: The tensors, and integers in the outermost dictionary.
  /// - Throws: `TensorFileError`.
  func contents() throws(TensorFileError) -> TorchContents {
    var input = PickleInput(try OpenFile(path), path: path)
    var machine = PickleMachine(limits: limits)
    let root = try machine.load(&input)
    let graph = machine.graph
    let parts = Self.attributes(of: root, in: graph)
    guard let tensors = parts["state_dict_metadata"].flatMap({ graph.entries(of: $0) }),
      let places = parts["storage_data"].flatMap({ graph.node($0) })
    else { throw input.malformed("not the metadata of a distributed checkpoint") }
    let items = try Self.items(places, of: graph, input)
    try check(items)
    let keys = try keys(parts["planner_data"].flatMap { graph.entries(of: $0) } ?? [], of: graph)
    let optimizers = Set(
      keys.values.compactMap { keys in
        keys.firstIndex(of: "param_groups").map { Array(keys[..<$0]) }
      })
    var contents = TorchContents()
    var seen = Set<String>()
    for (name, metadata) in tensors {
      let keys = keys[name] ?? [name]
      if let first = keys.first, seen.insert(first).inserted { contents.keys.append(first) }
      let attributes = Self.attributes(of: metadata, in: graph)
      guard let size = attributes["size"].flatMap({ graph.integers($0) }) else {
        if keys.count == 1, contents.integers.count < Self.mostIntegers,
          let item = items[name]?.first, let integer = try integer(item)
        {
          contents.integers.append((keys[0], integer))
        }
        continue
      }
      guard let parts = items[name] else {
        throw input.malformed("the values of '\(name)' are missing")
      }
      let isOfOptimizer = keys.firstIndex(of: "state").map {
        optimizers.contains(Array(keys[..<$0]))
      }
      contents.tensors.append(
        TorchContents.Entry(
          keys: keys, tensor: try tensor(name, size, parts),
          isOfOptimizer: isOfOptimizer ?? false))
    }
    return contents
  }

  /// The keys of each value by its name, as the planner recorded them.
  private func keys(_ planned: [(key: String, value: PickleValue)], of graph: PickleGraph)
    throws(TensorFileError) -> [String: [String]]
  {
    var keys: [String: [String]] = [:]
    var size = 0
    for (name, value) in planned {
      let items = graph.sequence(value) ?? [.text(name)]
      guard items.count <= limits.depth else {
        throw .exceedsLimit(path: path, limit: "\(limits.depth) containers inside each other")
      }
      keys[name] = items.compactMap(\.key)
      size += items.reduce(0) { $0 + MemoryLayout<String>.stride + ($1.text?.utf8.count ?? 0) }
      guard size <= limits.memory else {
        throw .exceedsLimit(path: path, limit: "\(limits.memory) bytes of names")
      }
    }
    return keys
  }

  /// The largest number of attributes of the objects in the metadata.
  private static let mostAttributes = 64

  /// The attributes of an object in the metadata, none for other values.
  private static func attributes(of value: PickleValue, in graph: PickleGraph)
    -> [String: PickleValue]
  {
    guard let state = graph.node(value)?.state.flatMap({ graph.entries(of: $0) }),
      state.count <= mostAttributes
    else { return [:] }
    return Dictionary(state) { first, _ in first }
  }

  /// The items by the names of their tensors.
  private static func items(
    _ places: PickleNode, of graph: PickleGraph, _ input: PickleInput
  ) throws(TensorFileError) -> [String: [Item]] {
    var items: [String: [Item]] = [:]
    for index in stride(from: 0, to: places.pairs.count - 1, by: 2) {
      let key = attributes(of: places.pairs[index], in: graph)
      let place = attributes(of: places.pairs[index + 1], in: graph)
      guard let name = key["fqn"]?.text, let file = place["relative_path"]?.text,
        max(name.utf8.count, file.utf8.count) <= longestName,
        let offset = place["offset"]?.integer, let length = place["length"]?.integer, offset >= 0,
        length >= 0, offset <= .max - length
      else { throw input.malformed("an item without a name and a place") }
      guard file.isFolderName else {
        throw input.malformed("'\(file)' is not the name of a file in the same folder")
      }
      if let changes = place["transform_descriptors"], graph.sequence(changes)?.isEmpty == false {
        throw input.malformed("'\(name)' is compressed or transformed; save it without extensions")
      }
      let offsets = key["offset"].flatMap { graph.integers($0) } ?? []
      items[name, default: []].append(
        Item(offsets: offsets, file: file, range: offset..<offset + length))
    }
    return items
  }

  /// Checks that all items are inside their files, and that those of a file are together not longer
  /// than it, so reading them all takes a time proportional to the files.
  private func check(_ items: [String: [Item]]) throws(TensorFileError) {
    var files: [String: (size: Int, used: Int)] = [:]
    for (name, parts) in items.sorted(by: { $0.key < $1.key }) {
      for item in parts {
        let path = folder.appendingPathComponent(item.file).path
        if files[item.file] == nil { files[item.file] = (try OpenFile(path).count, 0) }
        guard var file = files[item.file] else { continue }
        guard item.range.upperBound <= file.size else {
          throw .malformed(
            path: path, format: "PyTorch",
            reason: "truncated: '\(name)' ends at byte \(item.range.upperBound) of \(file.size)")
        }
        file.used += item.range.count
        guard file.used <= file.size else {
          throw .malformed(
            path: path, format: "PyTorch",
            reason: "'\(name)' overlaps another item")
        }
        files[item.file] = file
      }
    }
  }

  /// The tensor of the parts in their files.
  private func tensor(_ name: String, _ shape: [Int], _ items: [Item]) throws(TensorFileError)
    -> StoredTensor
  {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "PyTorch", reason: "'\(name)' \(reason)")
    }
    guard items.count <= Self.mostParts else {
      throw .exceedsLimit(path: path, limit: "\(Self.mostParts) parts of '\(name)'")
    }
    var parts: [DividedTensor.Part] = []
    for item in items {
      let found = try contents(of: item, name).tensors
      guard found.count == 1, let part = found.first?.tensor else {
        throw malformed("is not a tensor in \(item.file)")
      }
      let offsets = item.offsets.isEmpty ? shape.map { _ in 0 } : item.offsets
      guard offsets.count == shape.count, part.shape.count == shape.count,
        zip(shape, zip(offsets, part.shape)).allSatisfy({ dimension, part in
          part.0 >= 0 && part.0 <= dimension && part.1 <= dimension - part.0
        })
      else { throw malformed("has a part of the shape \(part.shape) outside \(shape)") }
      // The time of reading the parts is then proportional to the files.
      guard part.byteCount <= part.range.count else {
        throw malformed("has a part that repeats the values of its storage")
      }
      parts.append(DividedTensor.Part(offsets: offsets, tensor: part))
    }
    guard let first = parts.first?.tensor else { throw malformed("has no values") }
    if parts.count == 1, first.shape == shape { return first.renamed(name) }
    guard let divided = DividedTensor(shape: shape, parts: parts) else {
      throw malformed("has parts that do not fit together")
    }
    return StoredTensor(
      name: name, type: first.type, format: first.format, shape: shape,
      isBigEndian: first.isBigEndian, source: divided, range: 0..<divided.count, path: path,
      notes: first.notes)
  }

  private func contents(of item: Item, _ name: String) throws(TensorFileError) -> TorchContents {
    let file = folder.appendingPathComponent(item.file).path
    return try TorchZip(file, in: item.range, itemLimits).contents(name: name)
  }

  /// The integer that an item is; `nil` for other values, which may exceed the limits of an item.
  private func integer(_ item: Item) throws(TensorFileError) -> Int? {
    do {
      return try contents(of: item, "").integers.first { $0.key.isEmpty }?.value
    } catch .exceedsLimit {
      return nil
    }
  }
}

/// The bytes of a tensor whose parts are in several sources, in row-major order.
struct DividedTensor: ByteSource {
  /// A part: a tensor at an offset of the whole.
  struct Part {
    let offsets: [Int]
    let tensor: StoredTensor
  }

  let count: Int
  private let shape: [Int]
  private let parts: [Part]
  private let valueSize: Int

  /// Whether every part is contiguous in the whole, as with parts of rows.
  private let isByRows: Bool

  var isRandomAccess: Bool { isByRows && parts.allSatisfy { $0.tensor.source.isRandomAccess } }

  /// Combines parts; `nil` if they don't have one type and together as many values as the whole.
  init?(shape: [Int], parts: [Part]) {
    let parts = parts.filter { $0.tensor.count > 0 }
      .sorted { $0.offsets.lexicographicallyPrecedes($1.offsets) }
    guard let first = parts.first?.tensor else { return nil }
    var total = 0
    for part in parts {
      guard part.tensor.type == first.type, part.tensor.isBigEndian == first.isBigEndian else {
        return nil
      }
      let (sum, overflows) = total.addingReportingOverflow(part.tensor.count)
      if overflows { return nil }
      total = sum
    }
    var whole = 1
    for dimension in shape {
      let (product, overflows) = whole.multipliedReportingOverflow(by: dimension)
      if overflows { return nil }
      whole = product
    }
    valueSize = first.byteCount / first.count
    guard total == whole, valueSize > 0 else { return nil }
    count = whole * valueSize
    self.shape = shape
    self.parts = parts
    isByRows = parts.allSatisfy { part in
      part.tensor.strides == nil && part.tensor.shape.dropFirst().elementsEqual(shape.dropFirst())
    }
  }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    // Parts that are not contiguous in the whole are read first.
    var loaded: [[UInt8]] = []
    if !isByRows {
      for part in parts { loaded.append(try part.tensor.rowMajorBytes(part.tensor.shape)) }
    }
    var buffer: [UInt8] = []
    buffer.reserveCapacity(2 * pieceSize)
    var position = range.lowerBound
    var part = 0
    while position < range.upperBound {
      let run = try run(at: position / valueSize, after: part)
      part = run.part
      // A range may begin or end inside a value.
      let start = run.start * valueSize + position % valueSize
      let length = min(
        run.length * valueSize - position % valueSize, range.upperBound - position, pieceSize)
      if isByRows {
        let tensor = parts[run.part].tensor
        let first = tensor.range.lowerBound + start
        buffer += try tensor.source.bytes(first..<first + length)
      } else {
        buffer += loaded[run.part][start..<start + length]
      }
      position += length
      // Pieces are whole values, so the rest waits for the next run.
      if buffer.count >= pieceSize || position == range.upperBound {
        let ready = position == range.upperBound ? buffer.count : buffer.count / 8 * 8
        unsafe body(buffer.span.bytes.extracting(0..<ready))
        buffer.removeSubrange(..<ready)
      }
    }
  }

  func verify() throws(TensorFileError) {
    for part in parts { try part.tensor.source.verify() }
  }

  /// The part that contains a value, the value's index in the part, and the number of values from
  /// there on that are contiguous in both.
  ///
  /// The parts are in the order of their offsets, so the next run is usually in the next part.
  private func run(at value: Int, after last: Int) throws(TensorFileError) -> (
    part: Int, start: Int, length: Int
  ) {
    var index = [Int](repeating: 0, count: shape.count)
    var rest = value
    for axis in shape.indices.reversed() {
      index[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    func contains(_ part: Part) -> Bool {
      shape.indices.allSatisfy { axis in
        part.offsets[axis] <= index[axis]
          && index[axis] < part.offsets[axis] + part.tensor.shape[axis]
      }
    }
    let found =
      [last, last + 1].first { $0 < parts.count && contains(parts[$0]) }
      ?? parts.firstIndex(where: contains)
    guard let found else {
      throw .malformed(
        path: parts[0].tensor.path, format: "PyTorch",
        reason: "'\(parts[0].tensor.name)' has parts that overlap")
    }
    let part = parts[found]
    var start = 0
    var length = 1
    var isWhole = true
    var size = 1
    for axis in shape.indices.reversed() {
      let (offset, own) = (part.offsets[axis], part.tensor.shape[axis])
      start += (index[axis] - offset) * size
      // Dimensions behind the last one that is divided are contiguous.
      if isWhole { length = own * size - start }
      isWhole = isWhole && own == shape[axis]
      size *= own
    }
    return (found, start, length)
  }
}
