// zerolab init --like from the command line.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct ModelCommandTests {
  private func withModel(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let tensors = [
        NamedTensor(name: "l1.weight", shape: [3, 2], values: [1, 2, 3, 4, 5, 6]),
        NamedTensor(name: "l1.bias", vector: [1, 2, 3]),
      ]
      try Data(Safetensors.encode(tensors)).write(
        to: folder.appendingPathComponent("m.safetensors"))
      try body(folder)
    }
  }

  @Test func `a model gets new weights, and the rules are printed`() throws {
    try withModel { folder in
      let outcome = try zerolab(
        ["init", "--like", "m.safetensors", "--init", "ZerO", "--out", "n/new.safetensors"],
        in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(
        outcome.output == """
          n/new.safetensors: like m.safetensors, rules 'generic' (no known family)
          tensors  new values
                1  ZerO, matrix
                1  zeros

          """)
      let again = try zerolab(
        ["init", "--like", "m.safetensors", "--init", "ZerO", "--out", "n/new.safetensors"],
        in: folder)
      #expect(again.output.hasPrefix("n/new.safetensors, replaced: like m.safetensors"))
      let new = try TensorArchive(folder.appendingPathComponent("n/new.safetensors").path)
      #expect(try new["l1.weight"]?.named().values == [0.5, 0.5, 0.5, -0.5, 0.5, 0.5])
      #expect(try new["l1.bias"]?.named().values == [0, 0, 0])
    }
  }

  @Test func `explain prints the plan and writes nothing`() throws {
    try withModel { folder in
      let outcome = try zerolab(
        [
          "init", "--like", "m.safetensors", "--init", "ZerO", "--keep", "*.bias", "--explain",
          "--out", "new.safetensors",
        ], in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(
        outcome.output == """
          m.safetensors: rules 'generic' (no known family)
          tensor     shape  type  new values    rule
          l1.bias        3  F32   keep          your *.bias
          l1.weight    3x2  F32   ZerO, matrix  generic *

          """)
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("new.safetensors").path))
    }
  }

  @Test func `outputs that are probably last cause a note, and a stated layout is shown`()
    throws
  {
    try withTemporaryFolder { folder in
      let tensors = [
        NamedTensor(name: "Dense_0/kernel", shape: [3, 2], values: [1, 2, 3, 4, 5, 6]),
        NamedTensor(name: "Dense_0/bias", vector: [1, 2]),
      ]
      try Data(Safetensors.encode(tensors)).write(
        to: folder.appendingPathComponent("m.safetensors"))
      let arguments = ["init", "--like", "m.safetensors", "--init", "ZerO"]
      for end in [["--explain"], ["--out", "n.safetensors"]] {
        let outcome = try zerolab(arguments + end, in: folder)
        #expect(outcome.code == 0)
        #expect(
          outcome.errors.hasPrefix("note: outputs are read as the first"), "\(outcome.errors)")
        #expect(outcome.errors.contains("'Dense_0/kernel'"))
        #expect(!outcome.output.contains("outputs last"))
        for layout in ["jax", "torch"] {
          let stated = try zerolab(arguments + end + ["--layout", layout], in: folder)
          // The bias matches the number of outputs only in JAX's layout.
          #expect(
            stated.code == 0
              && stated.errors.contains("its bias has 2 values") == (layout == "torch"),
            "\(stated.errors)")
          #expect(
            stated.output.contains("ZerO, matrix, outputs last") == (layout == "jax"),
            "\(stated.output)")
        }
      }
    }
  }

  @Test func `a random model without a seed prints the chosen one`() throws {
    try withModel { folder in
      let outcome = try zerolab(
        ["init", "--like", "m.safetensors", "--init", "Random", "--out", "new.safetensors"],
        in: folder)
      #expect(outcome.code == 0 && outcome.errors.contains("seed"), "\(outcome.errors)")
    }
  }

  @Test(arguments: [
    (["--like", "m.safetensors"], 64, "give --out"),
    (["--like", "m.safetensors", "--shape", "3x2", "--out", "w.npy"], 64, "give either --shape"),
    (["--out", "w.npy"], 64, "give either --shape"),
    (["--shape", "3x2", "--out", "w.npy", "--keep", "a"], 64, "require --like"),
    (["--like", "m.safetensors", "--out", "w.npy"], 64, "its extension must be .safetensors"),
    (
      ["--like", "m.safetensors", "--out", "./m.safetensors"], 64,
      "the output would overwrite the model"
    ),
    (
      ["--like", "m.safetensors", "--out", "n.safetensors", "--rules", "restnet"], 64,
      "did you mean 'resnet'?"
    ),
    (
      ["--like", "m.safetensors", "--out", "n.safetensors", "--rules", "resnet"], 65,
      "rules 'resnet' do not fit"
    ),
    (
      ["--like", "m.safetensors", "--out", "n.safetensors", "--zero", "l1.wieght"], 65,
      "did you mean 'l1.weight'?"
    ),
    (
      ["--like", "m.safetensors", "--out", "n.safetensors", "--attention", "l1.weight"], 65,
      "3 times as many outputs as inputs"
    ),
    (["--shape", "3x2", "--out", "w.npy", "--plain"], 64, "require --like"),
    (["--like", "gone.safetensors", "--out", "n.safetensors"], 74, "No such file"),
    (["--like", "m.safetensors", "--out", "m.safetensors/n.safetensors"], 73, "Not a directory"),
  ])
  func `invalid input gives one line and an exit code`(
    arguments: [String], code: Int32, text: String
  )
    throws
  {
    try withModel { folder in
      let outcome = try zerolab(["init", "--init", "ZerO"] + arguments, in: folder)
      #expect(outcome.code == code, "\(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("n.safetensors").path))
    }
  }

  @Test func `weights go to standard output as safetensors`() throws {
    try withTemporaryFolder { folder in
      let arguments = ["init", "--init", "ZerO", "--shape", "4x2", "--out"]
      #expect(try zerolab(arguments + ["w.safetensors"], in: folder).code == 0)
      // `Outcome.output` is text, so the bytes are read from its file.
      for source in [arguments, ["init", "--init", "ZerO", "--like", "w.safetensors", "--out"]] {
        #expect(try zerolab(source + ["-"], in: folder).code == 0)
        let file = try SafetensorsFile(
          [UInt8](Data(contentsOf: folder.appendingPathComponent(".out"))), path: "standard output")
        let written = try TensorArchive(folder.appendingPathComponent("w.safetensors").path)
        #expect(
          try file.tensors.map { try $0.storedBytes() }
            == written.tensors.map { try $0.storedBytes() })
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("-").path))
    }
  }
}
