// Copies of a file with new values, written tensor by tensor.

import Foundation
import TestSupport
import Testing
import ZerOArrayFiles

@testable import ZerOCheckpoints

@Suite struct ModelWriterTests {
  /// A file with tensors of many types, not in the order of their names.
  private func original() throws -> (file: SafetensorsFile, bytes: [UInt8]) {
    let header = #"""
      {"__metadata__":{"a":"1","format":"p\"t/ü"},"z":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"i":{"dtype":"I64","shape":[],"data_offsets":[16,24]},"a/\"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[24,28]},"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[28,28]},"f4":{"dtype":"F4","shape":[2],"data_offsets":[28,29]}}
      """#
    let text = [UInt8](header.utf8)
    let padded = text + [UInt8](repeating: 32, count: (8 - text.count % 8) % 8)
    let values = (0..<29).map { UInt8($0 * 37 % 251) }
    let bytes =
      (0..<8).map { UInt8(truncatingIfNeeded: padded.count >> (8 * $0)) } + padded + values
    return (try SafetensorsFile(bytes, path: "m"), bytes)
  }

  @Test func `names, types, shapes, order and metadata are copied`() throws {
    try withTemporaryFolder { folder in
      let (file, bytes) = try original()
      let url = folder.appendingPathComponent("new/m.safetensors")
      var writer = try ModelWriter(
        url.path, as: .safetensors, like: file.tensors, metadata: file.metadata)
      while writer.next != nil { try writer.appendStored() }
      try writer.finish()
      let copy = try SafetensorsFile(path: url.path)
      #expect(copy.metadata == file.metadata)
      #expect(copy.tensors.map(\.name) == ["z", "i", "a/\"b", "empty", "f4"])
      #expect(copy.tensors.map(\.type) == file.tensors.map(\.type))
      #expect(copy.tensors.map(\.shape) == file.tensors.map(\.shape))
      #expect([UInt8](try Data(contentsOf: url)).suffix(29) == bytes.suffix(29))
    }
  }

  @Test func `a copy of a file of this package has the same bytes`() throws {
    try withTemporaryFolder { folder in
      let tensors = ["A.weight", "b", "é"].map { NamedTensor(name: $0, vector: [1, -0.5]) }
      let bytes = try Safetensors.encode(tensors, metadata: ["z": "1", "a": "2"])
      let file = try SafetensorsFile(bytes, path: "m")
      let url = folder.appendingPathComponent("m.safetensors")
      var writer = try ModelWriter(
        url.path, as: .safetensors, like: file.tensors, metadata: file.metadata)
      while writer.next != nil { try writer.appendStored() }
      try writer.finish()
      #expect(try [UInt8](Data(contentsOf: url)) == bytes)
    }
  }

  @Test func `an empty tensor of any shape is written`() throws {
    try withTemporaryFolder { folder in
      let header = #"{"e":{"dtype":"F32","shape":[0,4611686018427387904,8],"data_offsets":[0,0]}}"#
      let file = try SafetensorsFile(
        littleEndian(header.utf8.count, 8) + Array(header.utf8), path: "m")
      let url = folder.appendingPathComponent("m.pt")
      var writer = try ModelWriter(url.path, as: .pyTorch, like: file.tensors, metadata: [:])
      try writer.appendStored()
      try writer.finish()
      // The reader accepts no dimensions whose product overflows.
      #expect(throws: TensorFileError.self) { try TensorArchive(url.path) }
    }
  }

  @Test func `new values are rounded to the type, and zeros are zeros`() throws {
    try withTemporaryFolder { folder in
      let file = try original().file
      let url = folder.appendingPathComponent("m.safetensors")
      var writer = try ModelWriter(url.path, as: .safetensors, like: file.tensors, metadata: [:])
      try writer.append([1, -0.1])
      try writer.appendZeros()
      try writer.append([1 + 0x1p-8, 1 + 0x1p-7])
      try writer.append([])
      try writer.appendStored()
      try writer.finish()
      let copy = try SafetensorsFile(path: url.path)
      #expect(copy.metadata.isEmpty)
      #expect(try copy.tensors[0].named().values == [1, -0.1])
      #expect(try copy.tensors[1].storedBytes() == [UInt8](repeating: 0, count: 8))
      #expect(try copy.tensors[2].named().values == [1, 1 + 0x1p-7])
      #expect(try copy.tensors[4].storedBytes() == file.tensors[4].storedBytes())
    }
  }

  @Test func `tensors larger than a piece are complete`() throws {
    try withTemporaryFolder { folder in
      let count = 2 * pieceSize / 4 + 3
      let values = ContiguousArray((0..<count).map { Float($0) })
      let like = try SafetensorsFile(
        Safetensors.encode([
          NamedTensor(name: "a", vector: values), NamedTensor(name: "b", vector: values),
          NamedTensor(name: "c", vector: values),
        ]), path: "m")
      let url = folder.appendingPathComponent("m.safetensors")
      var writer = try ModelWriter(url.path, as: .safetensors, like: like.tensors, metadata: [:])
      try writer.appendStored()
      try writer.append(ContiguousArray(values.reversed()))
      try writer.appendZeros()
      try writer.finish()
      let copy = try SafetensorsFile(path: url.path)
      #expect(try copy.tensors[0].named().values == values)
      #expect(try copy.tensors[1].named().values == ContiguousArray(values.reversed()))
      #expect(try copy.tensors[2].named().values.allSatisfy { $0 == 0 })
    }
  }

  @Test func `an unfinished or unwritable file leaves the old one unchanged`() throws {
    try withTemporaryFolder { folder in
      let file = try original().file
      let url = folder.appendingPathComponent("m.safetensors")
      try Data("old".utf8).write(to: url)
      do {
        var writer = try ModelWriter(url.path, as: .safetensors, like: file.tensors, metadata: [:])
        try writer.appendStored()
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.safetensors"])
      let below = url.appendingPathComponent("n.safetensors").path
      #expect(throws: TensorFileError.unwritable(path: below, reason: "Not a directory")) {
        _ = try ModelWriter(below, as: .safetensors, like: file.tensors, metadata: [:])
      }
    }
  }

  // MARK: PyTorch's format

  /// A file of one tensor for each way in which PyTorch stores types.
  private func forPyTorch() throws -> SafetensorsFile {
    let header = #"""
      {"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"é":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[24,26]},"n":{"dtype":"I64","shape":[],"data_offsets":[26,34]},"e":{"dtype":"BF16","shape":[0,300],"data_offsets":[34,34]}}
      """#
    let text = [UInt8](header.utf8)
    return try SafetensorsFile(
      (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
        + (0..<34).map { UInt8($0 * 37 % 251) }, path: "m")
  }

  private func writePyTorch(_ metadata: [String: String], to url: URL) throws -> SafetensorsFile {
    let file = try forPyTorch()
    var writer = try ModelWriter(url.path, as: .pyTorch, like: file.tensors, metadata: metadata)
    while writer.next != nil { try writer.appendStored() }
    try writer.finish()
    return file
  }

  @Test func `a PyTorch file has these members, and its pickle exactly these bytes`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let file = try writePyTorch([:], to: url)
      let archive = try ZipArchive(url.path)
      #expect(
        archive.members.map(\.name)
          == ["archive/data.pkl", "archive/byteorder"] + (0..<4).map { "archive/data/\($0)" }
          + ["archive/version"])
      func contents(_ name: String) throws -> [UInt8] {
        let member = try #require(archive.members.first { $0.name == "archive/" + name })
        return try archive.bytes(of: member).bytes(0..<member.size)
      }
      #expect(try contents("byteorder") == Array("little".utf8))
      #expect(try contents("version") == Array("3\n".utf8))
      for (place, tensor) in file.tensors.enumerated() {
        #expect(try contents("data/\(place)") == tensor.storedBytes())
      }

      // Operations of Python's pickle format; `pickletools.dis` prints them.
      func text(_ text: String) -> [UInt8] {
        [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8)
      }
      let dictionary = Array("ccollections\nOrderedDict\n(tR".utf8)
      func tensor(
        _ function: String, _ storage: String, _ place: Int, _ count: UInt8, _ shape: [UInt8],
        _ strides: [UInt8], type: String = ""
      ) -> [UInt8] {
        var bytes = Array("ctorch._utils\n\(function)\n((".utf8) + text("storage")
        bytes += Array("c\(storage)\n".utf8) + text("\(place)") + text("cpu")
        bytes += [0x4b, count] + Array("tQ".utf8) + [0x4b, 0, 0x28] + shape + Array("t(".utf8)
        return bytes + strides + Array("t".utf8) + [0x89] + dictionary + Array("\(type)tR".utf8)
      }
      let (v2, v3) = ("_rebuild_tensor_v2", "_rebuild_tensor_v3")
      var expected: [UInt8] = [0x80, 2] + dictionary + [0x28]
      expected += text("a")
      expected += tensor(v2, "torch\nFloatStorage", 0, 6, [0x4b, 2, 0x4b, 3], [0x4b, 3, 0x4b, 1])
      expected += text("é")
      expected += tensor(
        v3, "torch.storage\nUntypedStorage", 1, 2, [0x4b, 2], [0x4b, 1],
        type: "ctorch\nfloat8_e4m3fn\n")
      expected += text("n") + tensor(v2, "torch\nLongStorage", 2, 1, [], [])
      // 300 needs two bytes.
      let long: [UInt8] = [0x4d, 0x2c, 1]
      expected += text("e")
      expected += tensor(
        v2, "torch\nBFloat16Storage", 3, 0, [0x4b, 0] + long, long + [0x4b, 1])
      expected += Array("u.".utf8)
      #expect(try contents("data.pkl") == expected)
    }
  }

  @Test func `tensors and metadata are read again`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let file = try writePyTorch(["b": "2", "a": "ü"], to: url)
      let archive = try TensorArchive(url.path)
      #expect(archive.metadata == ["b": "2", "a": "ü"])
      #expect(archive.notes.isEmpty)
      #expect(archive.tensors.map(\.name) == ["a", "é", "n", "e"])
      for (copy, tensor) in zip(archive.tensors, file.tensors) {
        #expect(try copy.isBitEqual(to: tensor), "\(copy.name)")
      }
    }
  }

  @Test(arguments: [ModelFormat.safetensors, .pyTorch])
  func `tensors that share a storage, and strided ones, get their own values`(format: ModelFormat)
    throws
  {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("shared.pt")
      let values = (0..<24).map { Float($0) }
      let bytes = values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
      func stored(_ name: String, _ offset: Int, _ shape: [Int], _ steps: [Int]) -> StoredTensor {
        StoredTensor(
          name: name, type: "F32", format: .float32, shape: shape,
          strides: Strides(steps, shape: shape, valueSize: 4), source: BytesInMemory(bytes: bytes),
          range: 4 * offset..<bytes.count, path: "m")
      }
      let tensors = [
        stored("transposed", 0, [4, 6], [1, 4]), stored("sliced", 2, [2, 3], [12, 2]),
        stored("repeated", 5, [2, 2], [0, 1]),
      ]
      var writer = try ModelWriter(url.path, as: format, like: tensors, metadata: [:])
      while writer.next != nil { try writer.appendStored() }
      try writer.finish()
      let copies =
        format == .pyTorch
        ? try TensorArchive(url.path).tensors : try SafetensorsFile(path: url.path).tensors
      #expect(copies.map(\.shape) == [[4, 6], [2, 3], [2, 2]])
      #expect(copies.allSatisfy { $0.strides == nil })
      let expected: [[Int]] = [
        (0..<4).flatMap { row in (0..<6).map { row + 4 * $0 } }, [2, 4, 6, 14, 16, 18],
        [5, 6, 5, 6],
      ]
      for (copy, indices) in zip(copies, expected) {
        #expect(try copy.named().values.elementsEqual(indices.map { values[$0] }), "\(copy.name)")
      }
    }
  }

  @Test func `the metadata are in a member of their own`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      _ = try writePyTorch(["b": "2", "a": "ü\"/"], to: url)
      let archive = try ZipArchive(url.path)
      let member = try #require(
        archive.members.first { $0.name == "archive/zerolab/metadata.json" })
      #expect(
        try archive.bytes(of: member).bytes(0..<member.size)
          == Array(#"{"a":"ü\"/","b":"2"}"#.utf8))
    }
  }

  @Test func `a type that PyTorch lacks is an error before anything is written`() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("m.pt").path
      #expect(throws: TensorFileError.noTypeInPyTorch(path: path, tensor: "f4", type: "F4")) {
        _ = try ModelWriter(path, as: .pyTorch, like: try original().file.tensors, metadata: [:])
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.isEmpty)
    }
  }

  @Test func `large numbers have eight bytes in a pickle`() {
    var writer = PickleWriter()
    writer.tuple([255, 256, 65535, 65536, 1 << 31 - 1, 1 << 31])
    #expect(
      writer.bytes.dropFirst(2).elementsEqual(
        [0x28, 0x4b, 255, 0x4d, 0, 1, 0x4d, 255, 255, 0x4a, 0, 0, 1, 0, 0x4a, 255, 255, 255, 127]
          + [0x8a, 8, 0, 0, 0, 128, 0, 0, 0, 0] + Array("t".utf8)))
  }
}
