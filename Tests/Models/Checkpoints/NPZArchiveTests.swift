// Archives of arrays, as NumPy writes them.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra

@Suite struct NPZArchiveTests {
  private let first = NamedTensor(name: "a", shape: [2, 2], values: [1, 2, 3, 4])
  private let second = NamedTensor(name: "b", shape: [3], values: [5, 6, 7])

  private func values(_ tensor: StoredTensor?) throws -> ContiguousArray<Float>? {
    try tensor?.named().values
  }

  /// Writes a zip archive with Python's own module.
  private func zip(_ members: [(name: String, bytes: [UInt8])], compressed: Bool, to url: URL)
    throws
  {
    let contents = members.map { "(\"\($0.name)\", bytes(\($0.bytes)))" }.joined(separator: ", ")
    let program = """
      import zipfile, warnings
      warnings.simplefilter("ignore")
      with zipfile.ZipFile("\(url.path)", "w", zipfile.\(compressed ? "ZIP_DEFLATED" : "ZIP_STORED")) as z:
          for name, contents in [\(contents)]:
              z.writestr(name, contents)
      """
    let script = url.appendingPathExtension("py")
    try Data(program.utf8).write(to: script)
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = ["python3", script.path]
    try python.run()
    python.waitUntilExit()
    #expect(python.terminationStatus == 0)
  }

  @Test(arguments: [false, true])
  func `an NPZ archive is read, compressed or not`(compressed: Bool) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      // Several pieces long, without repetition.
      let large = ContiguousArray((0..<100_000).map { Float($0 * 7919 % 100_003) })
      try zip(
        [
          ("w.npy", NPYFile.encode(shape: [400, 250], values: large)),
          ("sub/b.npy", NPYFile.encode(shape: [3], values: second.values)),
        ], compressed: compressed, to: url)
      let archive = try TensorArchive(url.path)
      #expect(archive.tensors.map(\.name) == ["w", "sub/b"])
      #expect(archive.tensors.map(\.shape) == [[400, 250], [3]])
      #expect(try values(archive["w"]) == large)
      #expect(try values(archive["sub/b"]) == second.values)
    }
  }

  @Test func `members other than arrays are ignored, as by NumPy`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      let array = NPYFile.encode(shape: [3], values: second.values)
      try zip(
        [("readme.txt", Array("hello".utf8)), ("b.npy", array), ("b", [1])], compressed: true,
        to: url)
      let archive = try TensorArchive(url.path)
      #expect(archive.tensors.map(\.name) == ["b"])
      #expect(try values(archive["b"]) == second.values)
    }
  }

  @Test func `an open archive is unaffected by a new file with its name`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      let members = (0..<20).map {
        (name: "\($0).npy", bytes: NPYFile.encode(shape: [1], values: [Float($0)]))
      }
      try zip(members, compressed: true, to: url)
      let archive = try TensorArchive(url.path)
      try FileManager.default.removeItem(at: url)
      for (index, tensor) in archive.tensors.enumerated() {
        #expect(try values(tensor) == [Float(index)])
      }
    }
  }

  @Test func `a checksum reveals a damaged archive`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      let bytes = NPYFile.encode(shape: [4], values: [1, 2, 3, 4])
      try zip([("w.npy", bytes)], compressed: false, to: url)
      var file = [UInt8](try Data(contentsOf: url))
      let place = try #require(file.firstRange(of: bytes)).upperBound - 1
      file[place] ^= 1
      try Data(file).write(to: url)
      let archive = try TensorArchive(url.path)
      #expect {
        _ = try archive.tensors[0].named()
      } throws: {
        ($0 as? TensorFileError)?.description.contains("'w.npy': CRC error") == true
      }
    }
  }

  @Test func `damage in one matrix of a stack fails the others as well`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      let bytes = NPYFile.encode(shape: [3, 1, 2], values: [1, 2, 3, 4, 5, 6])
      try zip([("w.npy", bytes)], compressed: false, to: url)
      #expect(
        try TensorArchive(url.path).tensors[0].matrices.map { try $0.named().values[1] } == [
          2, 4, 6,
        ])
      var file = [UInt8](try Data(contentsOf: url))
      let place = try #require(file.firstRange(of: bytes)).upperBound - 24
      file[place] ^= 1
      try Data(file).write(to: url)
      for matrix in try TensorArchive(url.path).tensors[0].matrices {
        #expect {
          _ = try matrix.named()
        } throws: {
          ($0 as? TensorFileError)?.description.contains("'w.npy': CRC error") == true
        }
      }
    }
  }

  @Test func `files other than NPZ archives are rejected`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      func expectRefusal(_ reason: String) {
        #expect {
          _ = try TensorArchive(url.path)
        } throws: {
          ($0 as? TensorFileError)?.description.contains(reason) == true
        }
      }
      try Data("no archive".utf8).write(to: url)
      expectRefusal("not a valid zip file")
      try zip([("w.npy", [1, 2, 3])], compressed: false, to: url)
      expectRefusal("not a valid NPY file")
      let array = NPYFile.encode(shape: [1], values: [1])
      try zip([("w.npy", array), ("w.npy", array)], compressed: false, to: url)
      expectRefusal("'w' occurs twice")
      try zip([("w.npy", array)], compressed: false, to: url)
      // The directory declares an impossible size.
      var file = [UInt8](try Data(contentsOf: url))
      let directory = try #require(file.firstRange(of: [0x50, 0x4b, 1, 2])).lowerBound
      file.replaceSubrange(directory + 24..<directory + 28, with: [0, 0, 0, 0x70])
      try Data(file).write(to: url)
      expectRefusal("m.npz")
    }
  }

  @Test func `an archive without checksums is read with a note`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      for compressed in [false, true] {
        try zip(
          [("w.npy", NPYFile.encode(shape: [3], values: second.values))],
          compressed: compressed, to: url)
        var file = [UInt8](try Data(contentsOf: url))
        for (signature, offset) in [("PK\u{3}\u{4}", 14), ("PK\u{1}\u{2}", 16)] {
          let place = try #require(file.firstRange(of: signature.utf8)).lowerBound + offset
          file.replaceSubrange(place..<place + 4, with: [0, 0, 0, 0])
        }
        try Data(file).write(to: url)
        let archive = try TensorArchive(url.path)
        #expect(try values(archive["w"]) == second.values)
        #expect(
          archive.notes == [
            "w: the archive has no checksum, so damaged values can't be detected"
          ])
      }
    }
  }

  @Test func `a structured array does not prevent reading a weight`() throws {
    try withTemporaryFolder { folder in
      let header =
        "{'descr': [('step', '<i4'), (\"it's\", '<f4', (2,)), ('}', [(',', '|O')])], "
        + "'fortran_order': False, 'shape': (3,), }\n"
      let structured =
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      let url = folder.appendingPathComponent("m.npz")
      try zip(
        [("w.npy", NPYFile.encode(shape: [3], values: second.values)), ("log.npy", structured)],
        compressed: true, to: url)
      let archive = try TensorArchive(url.path)
      #expect(archive.tensors.map(\.type) == ["<f4", "structured"])
      #expect(archive.tensors.map(\.shape) == [[3], [3]])
      #expect(try values(archive["w"]) == second.values)
      #expect {
        _ = try archive["log"]?.named()
      } throws: {
        ($0 as? TensorFileError)?.description.contains("the type structured") == true
      }
    }
  }
}
