// Models in several files, archives and folders.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra

@Suite struct TensorArchiveTests {
  private let first = NamedTensor(name: "a", shape: [2, 2], values: [1, 2, 3, 4])
  private let second = NamedTensor(name: "b", shape: [3], values: [5, 6, 7])

  private func write(_ text: String, _ url: URL) throws {
    try Data(text.utf8).write(to: url)
  }

  private func values(_ tensor: StoredTensor?) throws -> ContiguousArray<Float>? {
    try tensor?.named().values
  }

  @Test func `a sharded model is opened by its index or its folder`() throws {
    try withTemporaryFolder { folder in
      let (one, two) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
      // The index assigns this tensor of the second file to the first file.
      let other = NamedTensor(name: "a", shape: [1], values: [9])
      try Data(Safetensors.encode([first])).write(to: folder.appendingPathComponent(one))
      try Data(Safetensors.encode([second, other])).write(to: folder.appendingPathComponent(two))
      let index = folder.appendingPathComponent("model.safetensors.index.json")
      try write(
        #"{"metadata": {"total_size": 28}, "weight_map": {"a": "\#(one)", "b": "\#(two)"}}"#, index)
      for path in [index.path, folder.path] {
        let archive = try TensorArchive(path)
        #expect(archive.tensors.map(\.name) == ["a", "b"])
        #expect(try values(archive["a"]) == first.values)
        #expect(try values(archive["b"]) == second.values)
      }
    }
  }

  @Test func `a file with an unknown name is read by its content`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("weights.dat")
      try Data(Safetensors.encode([first, second])).write(to: file)
      #expect(try values(TensorArchive(file.path)["b"]) == second.values)
      try Data(NPYFile.encode(shape: [2, 2], values: first.values)).write(to: file)
      #expect(try values(TensorArchive(file.path)["weights"]) == first.values)
      for other in ["", "{}", "12345678[", "text that is longer than nine bytes"] {
        try write(other, file)
        #expect(throws: TensorFileError.unknownFormat(path: file.path), "\(other)") {
          try TensorArchive(file.path)
        }
      }
    }
  }

  @Test func `the array of an NPY file is the counterpart of any tensor`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("start.npy")
      try Data(NPYFile.encode(shape: [2, 2], values: first.values)).write(to: file)
      #expect(try values(TensorArchive(file.path).counterpart(of: "trained")) == first.values)
      // Negative control: tensors of other files have names.
      let named = folder.appendingPathComponent("start.safetensors")
      try Data(Safetensors.encode([first])).write(to: named)
      #expect(try TensorArchive(named.path).counterpart(of: "trained") == nil)
    }
  }

  @Test func `an unlisted tensor belongs to the model if only one file contains it`() throws {
    try withTemporaryFolder { folder in
      let files = ["0.safetensors", "1.safetensors"].map(folder.appendingPathComponent)
      let extra = NamedTensor(name: "extra", shape: [1], values: [9])
      try Data(Safetensors.encode([first, extra])).write(to: files[0])
      try Data(Safetensors.encode([second])).write(to: files[1])
      let index = folder.appendingPathComponent("m.safetensors.index.json")
      try write(#"{"weight_map": {"a": "0.safetensors", "b": "1.safetensors"}}"#, index)
      let archive = try TensorArchive(index.path)
      #expect(Set(archive.tensors.map(\.name)) == ["a", "b", "extra"])
      #expect(try values(archive["extra"]) == [9])

      try Data(Safetensors.encode([second, extra])).write(to: files[1])
      #expect {
        _ = try TensorArchive(index.path)
      } throws: { error in
        (error as? TensorFileError)?.description.contains("'extra' is in several files") == true
      }
    }
  }

  @Test func `metadata common to all files of a sharded model belong to the model`() throws {
    try withTemporaryFolder { folder in
      let texts = [["format": "pt", "part": "1"], ["format": "pt", "part": "2"]]
      for (number, (tensor, metadata)) in Swift.zip([first, second], texts).enumerated() {
        let file = folder.appendingPathComponent("\(number).safetensors")
        try Data(Safetensors.encode([tensor], metadata: metadata)).write(to: file)
      }
      let index = folder.appendingPathComponent("model.safetensors.index.json")
      try write(
        #"{"weight_map": {"\#(first.name)": "0.safetensors", "\#(second.name)": "1.safetensors"}}"#,
        index)
      #expect(try TensorArchive(index.path).metadata == ["format": "pt"])
    }
  }

  @Test(arguments: [
    ("[]", "weight_map"), ("{}", "weight_map"), (#"{"weight_map": {"a": 1}}"#, "weight_map"),
    (
      #"{"weight_map": {"a": "../model.safetensors"}}"#,
      "is not the name of a file in the same folder"
    ),
    (#"{"weight_map": {"a": "/etc/passwd"}}"#, "is not the name of a file in the same folder"),
    (#"{"weight_map": {"a": "m.safetensors", "a": "m.safetensors"}}"#, "'a' occurs twice"),
    (#"{"weight_map": {"c": "m.safetensors"}}"#, "'c' is not in m.safetensors"),
  ])
  func `an invalid index is rejected`(text: String, reason: String) throws {
    try withTemporaryFolder { folder in
      try Data(Safetensors.encode([first]))
        .write(to: folder.appendingPathComponent("m.safetensors"))
      let index = folder.appendingPathComponent("m.safetensors.index.json")
      try write(text, index)
      #expect {
        _ = try TensorArchive(index.path)
      } throws: { error in
        let text = (error as? TensorFileError)?.description ?? ""
        return text.hasPrefix("\(index.path): not a valid safetensors index")
          && text.contains(reason)
      }
    }
  }

  @Test func `the error names a missing file of an index`() throws {
    try withTemporaryFolder { folder in
      let index = folder.appendingPathComponent("m.safetensors.index.json")
      try write(#"{"weight_map": {"a": "gone.safetensors"}}"#, index)
      let path = folder.appendingPathComponent("gone.safetensors").path
      #expect(
        throws: TensorFileError.unreadable(path: path, reason: "No such file or directory")
      ) { try TensorArchive(index.path) }
    }
  }

  @Test func `a path without a supported format is rejected`() throws {
    try withTemporaryFolder { folder in
      let text = folder.appendingPathComponent("notes.txt")
      try write("hello", text)
      #expect(throws: TensorFileError.unknownFormat(path: text.path)) {
        try TensorArchive(text.path)
      }
      #expect(throws: TensorFileError.noModel(path: folder.path, others: [])) {
        try TensorArchive(folder.path)
      }
      let gone = folder.appendingPathComponent("gone.safetensors").path
      #expect(
        throws: TensorFileError.unreadable(path: gone, reason: "No such file or directory")
      ) { try TensorArchive(gone) }
      let pipe = folder.appendingPathComponent("pipe.safetensors").path
      #expect(unsafe mkfifo(pipe, 0o600) == 0)
      #expect(throws: TensorFileError.unreadable(path: pipe, reason: "not a regular file")) {
        try TensorArchive(pipe)
      }
    }
  }

  @Test(arguments: ["m.pt", "m.pth", "pytorch_model.bin", "m.ckpt"])
  func `a file that only has a name of PyTorch is refused`(name: String) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(name)
      try write("PK", url)
      #expect {
        _ = try TensorArchive(url.path)
      } throws: {
        ($0 as? TensorFileError)?.description.contains("begins neither like a zip archive nor")
          == true
      }
    }
  }

  @Test func `the error for a folder without a model lists its files`() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "a", "d", "c", "m-00001-of-00002"] {
        try write("", folder.appendingPathComponent("\(name).safetensors"))
      }
      #expect {
        _ = try TensorArchive(folder.path)
      } throws: {
        ($0 as? TensorFileError)?.description
          == "\(folder.path): contains no model.safetensors and no pytorch_model.bin; give one of its files: "
          + "a.safetensors, b.safetensors, c.safetensors and 1 more"
      }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `an unreadable folder is reported`() throws {
    try withTemporaryFolder { folder in
      let inner = folder.appendingPathComponent("model")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
      #expect(unsafe chmod(inner.path, 0) == 0)
      defer { _ = unsafe chmod(inner.path, 0o700) }
      #expect(
        throws: TensorFileError.unreadable(path: inner.path, reason: "Permission denied")
      ) { try TensorArchive(inner.path) }
    }
  }

  @Test func `files of an archive are recognized under any spelling of their paths`() throws {
    try withTemporaryFolder { folder in
      let index = folder.appendingPathComponent("m.safetensors.index.json")
      try Data(Safetensors.encode([first])).write(to: folder.appendingPathComponent("1.html"))
      try write(#"{"weight_map": {"a": "1.html"}}"#, index)
      let link = folder.appendingPathComponent("link.html")
      try FileManager.default.createSymbolicLink(
        at: link, withDestinationURL: folder.appendingPathComponent("1.html"))
      let archive = try TensorArchive(index.path)
      for name in ["m.safetensors.index.json", "1.html", "link.html", "x/../1.html", "./1.html"] {
        #expect(archive.isRead(from: folder.path + "/" + name), "\(name)")
      }
      #expect(!archive.isRead(from: folder.path + "/2.html"))
    }
  }

  @Test func `truncating an open file gives an error, not a signal`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      let values = ContiguousArray<Float>(repeating: 1, count: 100_000)
      try Data(Safetensors.encode([NamedTensor(name: "w", shape: [100_000], values: values)]))
        .write(to: url)
      let archive = try TensorArchive(url.path)
      let handle = try FileHandle(forWritingTo: url)
      try handle.truncate(atOffset: 1000)
      #expect(
        throws: TensorFileError.unreadable(
          path: url.path, reason: "truncated while it was read")
      ) { try archive.tensors[0].named() }
    }
  }

  @Test func `the only model in a folder is opened, whatever its name`() throws {
    try withTemporaryFolder { folder in
      let model = folder.appendingPathComponent("adapter_model.safetensors")
      try Data(Safetensors.encode([first])).write(to: model)
      try write("{}", folder.appendingPathComponent("adapter_config.json"))
      #expect(try TensorArchive(folder.path).path == model.path)
    }
    // An index and its files are one model.
    try withTemporaryFolder { folder in
      let part = "diffusion_pytorch_model.fp16-00001-of-00001.safetensors"
      try Data(Safetensors.encode([first])).write(to: folder.appendingPathComponent(part))
      let index = folder.appendingPathComponent(
        "diffusion_pytorch_model.safetensors.index.fp16.json")
      try write(#"{"weight_map": {"a": "\#(part)"}}"#, index)
      let archive = try TensorArchive(folder.path)
      #expect(archive.path == index.path && archive.tensors.map(\.name) == ["a"])
    }
  }

  @Test func `a dangling link is reported`() throws {
    try withTemporaryFolder { folder in
      let link = folder.appendingPathComponent("model.safetensors")
      try FileManager.default.createSymbolicLink(
        atPath: link.path, withDestinationPath: "../../blobs/abc")
      for path in [folder.path, link.path] {
        #expect(
          throws: TensorFileError.unreadable(
            path: link.path, reason: "a link to '../../blobs/abc', which does not exist")
        ) { try TensorArchive(path) }
      }
    }
  }

  @Test(arguments: [false, true])
  func `the matrices of a stack are separate tensors, row-major or column-major`(isFortran: Bool)
    throws
  {
    try withTemporaryFolder { folder in
      // 2 × 3 × 2 × 2; each value is its index.
      let shape = [2, 3, 2, 2]
      let places = (0..<24).map { place -> Int in
        guard isFortran else { return place }
        let (i, j, k, l) = (place % 2, place / 2 % 3, place / 6 % 2, place / 12)
        return ((i * 3 + j) * 2 + k) * 2 + l
      }
      var bytes = NPYFile.encode(
        shape: shape, values: ContiguousArray(places.map { Float($0) }))
      if isFortran, let range = bytes.firstRange(of: Array("False".utf8)) {
        bytes.replaceSubrange(range, with: Array("True ".utf8))
      }
      let url = folder.appendingPathComponent("w.npy")
      try Data(bytes).write(to: url)
      let matrices = try TensorArchive(url.path).tensors[0].matrices
      #expect(matrices.map(\.name) == ["w[0,0]", "w[0,1]", "w[0,2]", "w[1,0]", "w[1,1]", "w[1,2]"])
      for (place, matrix) in matrices.enumerated() {
        #expect(matrix.shape == [2, 2] && matrix.origin?.shape == shape)
        #expect(
          try matrix.named().values == ContiguousArray((0..<4).map { Float(4 * place + $0) }))
      }
      let whole = try TensorArchive(url.path).tensors[0].inMemory()
      #expect(!whole.isReadWhole && matrices.allSatisfy { $0.isReadWhole == isFortran })
      #expect(try whole.named().values == ContiguousArray((0..<24).map { Float($0) }))
      #expect(try whole.matrix(at: 4).named().values == [16, 17, 18, 19])
    }
  }

  @Test func `a tensor is found under names with affixes of training tools`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      let names = ["_orig_mod.a.weight", "module.a.bias", "b.w", "module.b.w", "c.w"]
      let tensors = names.map { NamedTensor(name: $0, shape: [1], values: [1]) }
      try Data(Safetensors.encode(tensors)).write(to: url)
      let archive = try TensorArchive(url.path)
      #expect(archive.counterpart(of: "a.weight")?.name == "_orig_mod.a.weight")
      #expect(archive.counterpart(of: "base_model.model.c.w")?.name == "c.w")
      // An exact match wins; two names that differ only in affixes are ambiguous.
      #expect(archive.counterpart(of: "module.b.w")?.name == "module.b.w")
      #expect(archive.counterpart(of: "_orig_mod.b.w") == nil)
      #expect(archive.counterpart(of: "d.w") == nil)
      #expect(archive["_orig_mod.a.weight"].flatMap(archive.bias)?.name == "module.a.bias")
      #expect(archive["c.w"].flatMap(archive.bias) == nil)
    }
  }
}
