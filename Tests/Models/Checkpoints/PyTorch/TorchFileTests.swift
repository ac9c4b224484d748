// Files that PyTorch has written, against the values that torch.load gives.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

/// A file of PyTorch and the values of its tensors.
struct GoldenTorchFile: Decodable, CustomTestStringConvertible {
  struct Tensor: Decodable {
    let name: String
    let type: String
    let shape: [Int]
    let values: [Float]
  }

  let name: String
  let contents: String
  let tensors: [Tensor]

  var testDescription: String { name }

  static let all: [GoldenTorchFile] = (try? golden("torch_files")) ?? []

  /// Writes the file to a folder.
  func write(to folder: URL) throws -> URL {
    let url = folder.appendingPathComponent(name)
    try #require(Data(base64Encoded: contents)).write(to: url)
    return url
  }
}

@Suite struct TorchFileTests {
  private static let types = [
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
  ]

  @Test func `there is a file of every form`() {
    #expect(GoldenTorchFile.all.count == 15)
  }

  @Test(arguments: GoldenTorchFile.all)
  func `names, types, shapes and values are those of torch.load`(file: GoldenTorchFile) throws {
    try withTemporaryFolder { folder in
      let archive = try TensorArchive(file.write(to: folder).path)
      #expect(archive.tensors.map(\.name) == file.tensors.map(\.name))
      for (tensor, expected) in zip(archive.tensors, file.tensors) {
        #expect(tensor.type == Self.types[expected.type])
        #expect(tensor.shape == expected.shape)
        #expect(try tensor.named().values == ContiguousArray(expected.values), "\(tensor.name)")
      }
    }
  }

  @Test func `the model of a trainer's file is chosen, and the rest is passed over and named`()
    throws
  {
    let file = try #require(GoldenTorchFile.all.first { $0.name == "ckpt.pt" })
    try withTemporaryFolder { folder in
      let path = try file.write(to: folder).path
      let archive = try TensorArchive(path)
      #expect(
        archive.notes == [
          "read from 'model', the model's key; --key chooses another one",
          "passed over: 'optimizer' (24 tensors, an optimizer), 'best_val_loss' (1 tensor), 'iter_num' = 500 and 1 more",
        ])
      #expect(archive.scalars == ["iter_num": 500])
      let moments = try TensorArchive(path, key: "optimizer.state.0")
      #expect(moments.tensors.map(\.name) == ["step", "exp_avg", "exp_avg_sq"])
      #expect(moments.notes.first == "read from 'optimizer.state.0'")
    }
  }

  @Test func `a file is recognized by its contents, whatever its extension`() throws {
    for name in ["ckpt.pt", "legacy.pth", "old.pth.tar"] {
      let file = try #require(GoldenTorchFile.all.first { $0.name == name })
      try withTemporaryFolder { folder in
        let url = folder.appendingPathComponent("checkpoint_last")
        try FileManager.default.moveItem(at: file.write(to: folder), to: url)
        #expect(try TensorArchive(url.path).tensors.count == 8)
      }
    }
  }

  @Test func `a truncated checkpoint is refused, or its damaged tensors`() throws {
    for file in GoldenTorchFile.all {
      try withTemporaryFolder { folder in
        let url = try file.write(to: folder)
        let whole = try Data(contentsOf: url)
        // A tar archive ends with a block of zeros.
        for part in [0.02, 0.3, 0.6, 0.9] where part < 0.5 || !file.name.hasSuffix("tar") {
          try whole.prefix(Int(Double(whole.count) * part)).write(to: url)
          #expect(throws: TensorFileError.self, "\(file.name), \(part)") {
            for tensor in try TensorArchive(url.path).tensors { _ = try tensor.named() }
          }
        }
      }
    }
  }
}
