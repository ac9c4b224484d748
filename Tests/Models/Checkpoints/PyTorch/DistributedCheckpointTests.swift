// Distributed checkpoints: tensors divided among files.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct DistributedCheckpointTests {
  private static let module = "torch.distributed.checkpoint.metadata"

  private func size(_ numbers: [Int]) -> PickledValue {
    .call(
      .global(module: "torch", name: "Size"), [.tuple(numbers.map { PickledValue.integer($0) })])
  }

  private func object(_ name: String, _ state: [(String, PickledValue)]) -> PickledValue {
    .object(.global(module: Self.module, name: name), state: .dictionary(state))
  }

  /// A part of a tensor.
  private struct Part {
    var offsets: [Int]
    var shape: [Int]
    var values: [Float]
    var file = "__0_0.distcp"
    var strides: [Int]?
  }

  /// A checkpoint of tensors that are divided into parts.
  private struct Folder {
    var tensors: [(name: String, shape: [Int], parts: [Part])]
    var change: (inout [(String, PickledValue)]) -> Void = { _ in }
  }

  private func write(_ checkpoint: Folder, step: Int? = nil, to folder: URL) throws {
    var files: [String: [UInt8]] = [:]
    var places: [UInt8] = []
    var tensors: [(String, PickledValue)] = []
    func add(_ index: PickledValue, _ bytes: [UInt8], _ file: String) {
      let offset = files[file, default: []].count
      files[file, default: []] += bytes
      var state: [(String, PickledValue)] = [
        ("relative_path", .text(file)), ("offset", .integer(offset)),
        ("length", .integer(bytes.count)),
      ]
      checkpoint.change(&state)
      places += index.opcodes + object("_StorageInfo", state).opcodes
    }
    for tensor in checkpoint.tensors {
      for part in tensor.parts {
        let zip = ZipBuilder(
          pickle: PickledValue.tensor(
            .storage("0", count: part.values.count), part.shape, strides: part.strides
          ).pickle,
          storages: [("0", bytes(of: part.values))])
        add(
          object(
            "MetadataIndex",
            [("fqn", .text(tensor.name)), ("offset", size(part.offsets)), ("index", 0)]), zip.bytes,
          part.file)
      }
      tensors.append(
        (tensor.name, object("TensorStorageMetadata", [("size", size(tensor.shape))])))
    }
    if let step {
      add(
        object("MetadataIndex", [("fqn", "step"), ("offset", .none), ("index", .none)]),
        ZipBuilder(pickle: PickledValue.integer(step).pickle).bytes, "__0_0.distcp")
      tensors.append(("step", object("BytesStorageMetadata", [])))
    }
    for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
    let paths: [(String, PickledValue)] = tensors.map { name, _ in
      let keys = name.split(separator: ".", maxSplits: 1).map { PickledValue.text(String($0)) }
      return (name, .tuple(keys))
    }
    let metadata = object(
      "Metadata",
      [
        ("state_dict_metadata", .dictionary(tensors)), ("planner_data", .dictionary(paths)),
        ("storage_data", .opcodes([0x7d, 0x28] + places + [0x75])),
      ])
    try Data(metadata.pickle).write(to: folder.appendingPathComponent(".metadata"))
  }

  /// A 5 × 6 matrix of its indices, divided at rows and columns.
  private func grid(rows: [Int], columns: [Int]) -> (name: String, shape: [Int], parts: [Part]) {
    let (rows, columns) = ([0] + rows + [5], [0] + columns + [6])
    var parts: [Part] = []
    for (top, bottom) in zip(rows, rows.dropFirst()) {
      for (left, right) in zip(columns, columns.dropFirst()) {
        let values = (top..<bottom).flatMap { i in (left..<right).map { Float(6 * i + $0) } }
        parts.append(
          Part(
            offsets: [top, left], shape: [bottom - top, right - left], values: values,
            file: "__\(parts.count % 2)_0.distcp"))
      }
    }
    return ("model.w", [5, 6], parts)
  }

  @Test func `divided tensors are whole, however they are divided`() throws {
    let divisions: [(rows: [Int], columns: [Int])] = [
      ([], []), ([2], []), ([1, 1, 4], []), ([], [3]), ([], [1, 4]), ([2, 3], [1, 5]),
    ]
    for division in divisions {
      try withTemporaryFolder { folder in
        let tensor = grid(rows: division.rows, columns: division.columns)
        try write(Folder(tensors: [tensor]), step: 7, to: folder)
        let archive = try TensorArchive(folder.path)
        #expect(archive.tensors.map(\.name) == ["w"] && archive.scalars == ["step": 7])
        #expect(
          archive.notes == [
            "read from 'model', the model's key; --key chooses another one",
            "passed over: 'step' = 7",
          ])
        #expect(try archive["w"]?.named().values == ContiguousArray((0..<30).map { Float($0) }))
      }
    }
  }

  @Test func `a large divided tensor is read in blocks of rows`() throws {
    try withTemporaryFolder { folder in
      let parts = [(0, 301), (301, 700), (1001, 299)].map { top, count in
        Part(
          offsets: [top, 0], shape: [count, 101],
          values: (top * 101..<(top + count) * 101).map { Float($0) })
      }
      try write(Folder(tensors: [("w", [1300, 101], parts)]), to: folder)
      let tensor = try #require(try TensorArchive(folder.path)["w"])
      #expect(!tensor.isReadWhole)
      let matrix = try tensor.matrix(rows: 1300, columns: 101, as: Double.self)
      #expect(matrix.elements == ContiguousArray((0..<131_300).map { Double($0) }))
    }
  }

  @Test func `parts that don't fit are refused`() throws {
    func expectRefusal(_ checkpoint: Folder, _ reason: String) throws {
      try withTemporaryFolder { folder in
        try write(checkpoint, to: folder)
        #expect {
          _ = try TensorArchive(folder.path)["w"]?.named()
        } throws: {
          ($0 as? TensorFileError)?.description.contains(reason) == true
        }
      }
    }
    func one(_ parts: Part...) -> Folder { Folder(tensors: [("model.w", [2, 2], parts)]) }
    let row = Part(offsets: [0, 0], shape: [1, 2], values: [1, 2])
    var twice = row
    twice.values = [3, 4]
    try expectRefusal(one(row), "'model.w' has parts that do not fit together")
    try expectRefusal(one(row, twice), "has parts that overlap")
    for offsets in [[2, 0], [0, 1], [-1, 0], [.max, 0], [0]] {
      try expectRefusal(
        one(row, Part(offsets: offsets, shape: [1, 2], values: [1, 2])), "outside [2, 2]")
    }
    try expectRefusal(
      one(Part(offsets: [0, 0], shape: [2, 2], values: [1], strides: [0, 0])), "repeats the values")
    let whole = Part(offsets: [0, 0], shape: [2, 2], values: [1, 2, 3, 4])
    func changed(_ key: String, _ value: PickledValue) -> Folder {
      Folder(tensors: [("model.w", [2, 2], [whole])]) { state in
        state.removeAll { $0.0 == key }
        state.append((key, value))
      }
    }
    try expectRefusal(
      changed("relative_path", "../x.distcp"), "is not the name of a file in the same folder")
    try expectRefusal(
      changed("length", .integer(1 << 20)), "truncated: 'model.w' ends at byte 1048576")
    // Two items in the whole file, so many names could cost the time of a long file each.
    let item = ZipBuilder(
      pickle: PickledValue.tensor("0", [2, 2]).pickle, storages: [("0", bytes(of: [1, 2, 3, 4]))])
    var overlapping = Folder(tensors: [
      ("model.v", [2, 2], [whole]), ("model.w", [2, 2], [whole]),
    ])
    overlapping.change = { state in
      state.removeAll { $0.0 == "offset" || $0.0 == "length" }
      state += [("offset", 0), ("length", .integer(2 * item.bytes.count))]
    }
    try expectRefusal(overlapping, "'model.w' overlaps another item")
    try expectRefusal(changed("offset", -1), "an item without a name and a place")
    try expectRefusal(changed("length", .integer(.max)), "truncated")
    try expectRefusal(
      changed("transform_descriptors", .list(["zstd"])), "is compressed or transformed")
  }
}
