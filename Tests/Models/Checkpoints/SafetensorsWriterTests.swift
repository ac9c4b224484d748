// Copies of a file with new values, written tensor by tensor.

import Foundation
import TestSupport
import Testing

@testable import Checkpoints

@Suite struct SafetensorsWriterTests {
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
      var writer = try SafetensorsWriter(url.path, like: file.tensors, metadata: file.metadata)
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
      var writer = try SafetensorsWriter(url.path, like: file.tensors, metadata: file.metadata)
      while writer.next != nil { try writer.appendStored() }
      try writer.finish()
      #expect(try [UInt8](Data(contentsOf: url)) == bytes)
    }
  }

  @Test func `new values are rounded to the type, and zeros are zeros`() throws {
    try withTemporaryFolder { folder in
      let file = try original().file
      let url = folder.appendingPathComponent("m.safetensors")
      var writer = try SafetensorsWriter(url.path, like: file.tensors, metadata: [:])
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
      var writer = try SafetensorsWriter(url.path, like: like.tensors, metadata: [:])
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
        var writer = try SafetensorsWriter(url.path, like: file.tensors, metadata: [:])
        try writer.appendStored()
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.safetensors"])
      let below = url.appendingPathComponent("n.safetensors").path
      #expect(throws: TensorFileError.unwritable(path: below, reason: "Not a directory")) {
        _ = try SafetensorsWriter(below, like: file.tensors, metadata: [:])
      }
    }
  }
}
