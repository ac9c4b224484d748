// The first format of PyTorch, a tar archive.

/// A tar archive with the members `storages`, `tensors` and `pickle`, as PyTorch wrote until 2017.
///
/// ```
/// storages: count | (key, device, class), count of values, values … | views of storages
/// tensors:  count | (key, storage, class), dimensions, shape, strides, offset …
/// pickle:   the object, in which tensors are identifiers
/// ```
enum TorchTarFile {
  static func contents(
    of file: any ByteSource, name: String, path: String, _ limits: PickleLimits
  ) throws(TensorFileError) -> TorchContents {
    let members = try members(of: file, path)
    func input(_ name: String) throws(TensorFileError) -> PickleInput {
      guard let range = members[name] else {
        throw .malformed(path: path, format: "PyTorch", reason: "a tar archive without '\(name)'")
      }
      return PickleInput(PartOfSource(source: file, part: range), path: path)
    }
    var machine = PickleMachine(limits: limits)
    let part = members["storages"] ?? 0..<0
    var stored = try input("storages")
    var (ranges, types) = ([String: Range<Int>](), [String: TorchType]())
    for _ in 0..<(try machine.count(&stored)) {
      let description = try machine.load(&stored)
      guard let items = machine.graph.tuple(description), items.count == 3,
        let key = items[0].key,
        let type = machine.graph.global(items[2]).flatMap(TorchType.ofStorage)
      else { throw stored.malformed("a storage without a key and a class") }
      let range = try stored.skipStorage(valueSize: type.byteCount)
      ranges[key] = part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound
      types[key] = type
    }
    let views = try machine.load(&stored)
    for view in machine.graph.sequence(views) ?? [] {
      guard let items = machine.graph.tuple(view), items.count == 4, let key = items[0].key,
        let root = items[1].key, let whole = ranges[root], let type = types[root],
        let offset = items[2].integer, let count = items[3].integer, offset >= 0, count >= 0,
        offset <= whole.count / type.byteCount, count <= whole.count / type.byteCount - offset
      else { throw stored.malformed("a view that is outside its storage") }
      let start = whole.lowerBound + offset * type.byteCount
      ranges[key] = start..<start + count * type.byteCount
      types[key] = type
    }
    var described = try input("tensors")
    var tensors: [String: TorchTensor] = [:]
    for _ in 0..<(try machine.count(&described)) {
      let description = try machine.load(&described)
      guard let items = machine.graph.tuple(description), items.count == 3,
        let key = items[0].key, let storage = items[1].key, let type = types[storage],
        let range = ranges[storage]
      else { throw described.malformed("a tensor without a key and a storage") }
      // Four bytes are unused.
      let dimensions = try described.number(bytes: 8) & 0xffff_ffff
      guard dimensions <= 64 else { throw described.malformed("\(dimensions) dimensions") }
      var numbers: [Int] = []
      for _ in 0..<2 * dimensions + 1 {
        let number = Int(bitPattern: UInt(try described.number(bytes: 8)))
        guard number >= 0 else { throw described.malformed("'\(key)' has the number \(number)") }
        numbers.append(number)
      }
      tensors[key] = TorchTensor(
        storage: TorchStorageName(
          key: storage, type: type, count: range.count / type.byteCount, view: nil),
        offset: numbers[numbers.count - 1], shape: Array(numbers.prefix(Int(dimensions))),
        strides: Array(numbers.dropFirst(Int(dimensions)).dropLast()), type: nil, isView: false)
    }
    var pickle = try input("pickle")
    let root = try machine.load(&pickle)
    let (places, all) = (ranges, tensors)
    let storages = TorchStorages(
      path: path,
      storage: { TorchStorage(source: file, range: places[$0.key] ?? 0..<0) },
      isBigEndian: false, limits: limits, tensors: all)
    return try TorchWalk(root, of: machine.graph, storages, name: name).contents
  }

  /// The places of the members of a tar archive by name.
  private static func members(of file: any ByteSource, _ path: String) throws(TensorFileError)
    -> [String: Range<Int>]
  {
    var members: [String: Range<Int>] = [:]
    var position = 0
    while position + 512 <= file.count {
      let header = try file.bytes(position..<position + 512)
      if header.allSatisfy({ $0 == 0 }) { break }
      let digits = header[124..<136].prefix { (0x30...0x37).contains($0) }
      let size = digits.reduce(0) { $0 << 3 | Int($1 & 7) }
      position += 512
      guard !digits.isEmpty, size <= file.count - position else {
        throw .malformed(path: path, format: "tar", reason: "a member of \(size) bytes")
      }
      // Other kinds of members describe the next one.
      if header[156] == 0x30 || header[156] == 0 {
        members[String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)] =
          position..<position + size
      }
      position += (size + 511) / 512 * 512
    }
    return members
  }
}

extension PickleMachine {
  /// Reads a pickle that is a count.
  fileprivate mutating func count(_ input: inout PickleInput) throws(TensorFileError) -> Int {
    guard let count = try load(&input).integer, count >= 0, count <= input.remaining else {
      throw input.malformed("a count is missing")
    }
    return count
  }
}

/// A part of a source with random access.
struct PartOfSource: ByteSource {
  let source: any ByteSource
  let part: Range<Int>

  var count: Int { part.count }
  var isRandomAccess: Bool { source.isRandomAccess }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    try source.read(part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound, body)
  }

  func verify() throws(TensorFileError) { try source.verify() }
}
