// PyTorch files in folders and indexes, and tensors in several types.

import Foundation
import Synchronization
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct TorchFolderTests {
  /// Writes a file with a tensor of two values.
  private func write(_ name: String, _ tensor: String, _ values: [Float], to folder: URL) throws {
    let zip = ZipBuilder(
      pickle: PickledValue.dictionary([(tensor, .tensor("0", [2]))]).pickle,
      storages: [("0", bytes(of: values))])
    try Data(zip.bytes).write(to: folder.appendingPathComponent(name))
  }

  @Test func `a model in several files is opened by its index or its folder`() throws {
    try withTemporaryFolder { folder in
      let files = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]
      try write(files[0], "a", [1, 2], to: folder)
      try write(files[1], "b", [3, 4], to: folder)
      let index = folder.appendingPathComponent("pytorch_model.bin.index.json")
      try Data(#"{"weight_map": {"a": "\#(files[0])", "b": "\#(files[1])"}}"#.utf8).write(to: index)
      for path in [index.path, folder.path] {
        let archive = try TensorArchive(path)
        #expect(archive.tensors.map(\.name) == ["a", "b"])
        #expect(try archive["b"]?.named().values == [3, 4])
      }
      try Data("{}".utf8).write(to: index)
      #expect {
        _ = try TensorArchive(index.path)
      } throws: {
        ($0 as? TensorFileError)?.description.contains("not a valid PyTorch index file") == true
      }
    }
  }

  @Test(arguments: ["pytorch_model.bin", "model_000500.pt", "epoch=0-step=10.ckpt"])
  func `the model of a folder is found beside a trainer's state`(name: String) throws {
    try withTemporaryFolder { folder in
      for other in [
        "optimizer.pt", "scheduler.pt", "training_args.bin", "rng_state_0.pth", "scaler.pt",
        "zero_pp_rank_0_mp_rank_00_optim_states.pt",
      ] { try write(other, "x", [0, 0], to: folder) }
      try write(name, "w", [1, 2], to: folder)
      #expect(try TensorArchive(folder.path).tensors.map(\.name) == ["w"])
      // A model of safetensors comes first.
      let tensor = NamedTensor(name: "s", shape: [1], values: [1])
      try Data(Safetensors.encode([tensor])).write(
        to: folder.appendingPathComponent("model.safetensors"))
      #expect(try TensorArchive(folder.path).tensors.map(\.name) == ["s"])
    }
  }

  @Test func `the error for several models names them`() throws {
    try withTemporaryFolder { folder in
      try write("a.pt", "w", [1, 2], to: folder)
      try write("b.pt", "w", [1, 2], to: folder)
      #expect(throws: TensorFileError.noModel(path: folder.path, others: ["a.pt", "b.pt"])) {
        try TensorArchive(folder.path)
      }
    }
  }

  @Test func `values of other types are named and not read`() throws {
    let types: [(PickledValue, String)] = [
      (.tensor(.storage("0", "Long", count: 2), [2]), "I64"),
      (.tensor(.storage("0", "ComplexFloat", count: 2), [2]), "C64"),
      (.tensor(.storage("0", "Bool", count: 16), [16]), "BOOL"),
      (rebuilt("float8_e4m3fnuz"), "F8_E4M3FNUZ"), (rebuilt("float8_e5m2fnuz"), "F8_E5M2FNUZ"),
      (rebuilt("uint16"), "U16"),
    ]
    for (value, type) in types {
      try withTemporaryFolder { folder in
        let url = folder.appendingPathComponent("m.pt")
        try Data(ZipBuilder(pickle: value.pickle, storages: [("0", [UInt8](0..<16))]).bytes)
          .write(to: url)
        let tensor = try TensorArchive(url.path).tensors[0]
        #expect(tensor.type == type && tensor.format == nil)
        #expect(throws: TensorFileError.self) { try tensor.named() }
        #expect(try tensor.storedBytes() == [UInt8](0..<16))
      }
    }
  }

  /// A tensor of a type without a storage class, of all 16 bytes.
  private func rebuilt(_ type: String) -> PickledValue {
    let count = type.contains("8") ? 16 : 8
    return .call(
      .global(module: "torch._utils", name: "_rebuild_tensor_v3"),
      [
        .storage("0", "Untyped", count: 16), 0, .tuple([.integer(count)]), .tuple([1]),
        .bool(false), .none, .global(module: "torch", name: type),
      ])
  }

  @Test func `big-endian values are read, and written little-endian`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let big = bytes(of: [1.5, -2]).indices.map { bytes(of: [1.5, -2])[$0 / 4 * 4 + 3 - $0 % 4] }
      let value = PickledValue.dictionary([("w", .tensor("0", [2]))])
      var zip = ZipBuilder(pickle: value.pickle, storages: [("0", big)])
      zip.change("archive/byteorder") { $0.bytes = Array("big".utf8) }
      try Data(zip.bytes).write(to: url)
      let archive = try TensorArchive(url.path)
      #expect(try archive["w"]?.named().values == [1.5, -2])
      let output = folder.appendingPathComponent("m.safetensors").path
      var writer = try ModelWriter(output, as: .safetensors, like: archive.tensors, metadata: [:])
      try writer.appendStored()
      try writer.finish()
      #expect(try TensorArchive(output)["w"]?.named().values == [1.5, -2])
    }
  }

  @Test func `a copy of tensors that are not contiguous is contiguous`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let storage = PickledValue.storage("0", count: 6)
      let value = PickledValue.dictionary([
        ("turned", .tensor(storage, [3, 2], strides: [1, 3])),
        ("column", .tensor(storage, offset: 1, [2], strides: [3])),
        ("repeated", .tensor(storage, [2, 3], strides: [0, 1])),
        ("steps", .tensor(.storage("1", "Long", count: 2), [2, 2], strides: [1, 0])),
      ])
      let zip = ZipBuilder(
        pickle: value.pickle,
        storages: [
          ("0", bytes(of: [0, 1, 2, 3, 4, 5])), ("1", littleEndian(7, 8) + littleEndian(9, 8)),
        ])
      try Data(zip.bytes).write(to: url)
      let archive = try TensorArchive(url.path)
      let output = folder.appendingPathComponent("m.safetensors").path
      var writer = try ModelWriter(output, as: .safetensors, like: archive.tensors, metadata: [:])
      while writer.next != nil { try writer.appendStored() }
      try writer.finish()
      let copy = try TensorArchive(output)
      #expect(try copy["turned"]?.named().values == [0, 3, 1, 4, 2, 5])
      #expect(try copy["column"]?.named().values == [1, 4])
      #expect(try copy["repeated"]?.named().values == [0, 1, 2, 0, 1, 2])
      #expect(
        try copy["steps"]?.storedBytes() == [7, 7, 9, 9].flatMap { littleEndian($0, 8) })
      for tensor in archive.tensors {
        let other = try #require(copy[tensor.name])
        #expect(try tensor.isBitEqual(to: other) && other.isBitEqual(to: tensor))
      }
      let turned = try #require(archive["turned"])
      let repeated = try #require(copy["repeated"])
      #expect(try !turned.isBitEqual(to: repeated))
    }
  }

  @Test func `all threads read a storage, and compare its checksum once`() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let values = (0..<1300 * 101).map { Float($0) }
      let value = PickledValue.dictionary([("w", .tensor("0", [1300, 101]))])
      var zip = ZipBuilder(pickle: value.pickle, storages: [("0", bytes(of: values))])
      for isDamaged in [false, true] {
        if isDamaged { zip.change("archive/data/0") { $0.checksum = 1 } }
        try Data(zip.bytes).write(to: url)
        let tensor = try #require(try TensorArchive(url.path)["w"])
        #expect(!tensor.isReadWhole)
        let result = Mutex<Result<Matrix<Double>, any Error>?>(nil)
        try await WorkerPool(threads: 4).run([
          { team in
            let read = Result {
              try tensor.matrix(rows: 1300, columns: 101, as: Double.self, team: team)
            }
            result.withLock { $0 = read }
          }
        ])
        let read = try #require(result.withLock { $0 })
        if isDamaged {
          #expect(throws: TensorFileError.self) { try read.get() }
        } else {
          #expect(try read.get().elements == ContiguousArray(values.map(Double.init)))
        }
      }
    }
  }
}
