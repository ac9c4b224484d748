// zerolab rank from the command line, on valid and invalid files.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct RankCommandTests {
  private func write(_ bytes: [UInt8], _ name: String, _ folder: URL) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  /// A model with three matrices, one of half rank, and tensors that are not matrices.
  private func writeModel(_ folder: URL) throws {
    let identity = ContiguousArray((0..<16).map { Float($0 % 5 == 0 ? 1 : 0) })
    let half = ContiguousArray((0..<16).map { Float($0 == 0 || $0 == 5 ? 2 : 0) })
    try write(
      Safetensors.encode([
        NamedTensor(name: "a.weight", shape: [4, 4], values: identity),
        NamedTensor(name: "a.bias", vector: [1, 2, 3, 4]),
        NamedTensor(name: "b.weight", shape: [4, 4], values: half),
        NamedTensor(name: "conv.weight", shape: [2, 2, 2, 2], values: identity),
        NamedTensor(name: "number", shape: [], values: [1]),
        NamedTensor(name: "empty", shape: [0, 3], values: []),
      ]), "m.safetensors", folder)
  }

  @Test func `every matrix has a row, and other tensors a reason`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let outcome = try zerolab(["rank", "m.safetensors"], in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
      let lines = outcome.output.split(separator: "\n").map(String.init)
      #expect(lines[0] == "m.safetensors: ranks of W, tol = σ₁·max(m, n)·ε (NumPy's default)")
      #expect(lines.contains { $0.hasPrefix("a.weight") && $0.contains(" 4x4 ") })
      #expect(lines.contains { $0.hasPrefix("conv.weight  2x2x2x2") })
      #expect(lines.contains("left out, a vector: a.bias"))
      #expect(lines.contains("left out, a scalar: number"))
      #expect(lines.contains("left out, empty: empty"))
    }
  }

  @Test func `a checkpoint with symmetry reduction is told from a model`() throws {
    try withTemporaryFolder { folder in
      let tensors = [NamedTensor(name: "l3.weight", shape: [1, 1], values: [2])]
      try write(
        Safetensors.encode(tensors, metadata: ["ties": "exact"]), "c.safetensors", folder)
      let outcome = try zerolab(["rank", "c.safetensors"], in: folder)
      #expect(outcome.output.contains("\none unit represents a class of identical units, since"))
      try writeModel(folder)
      let other = try zerolab(["rank", "m.safetensors"], in: folder)
      #expect(!other.output.contains("class of identical units"))
    }
  }

  @Test func `JSON, CSV and page agree`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let json = try zerolab(["rank", "m.safetensors", "--json", "--html", "m.html"], in: folder)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      let tensors = try #require((object as? [String: Any])?["tensors"] as? [[String: Any]])
      let half = try #require(tensors.first { $0["name"] as? String == "b.weight" })
      let matrix = try #require(half["matrix"] as? [String: Any])
      #expect(matrix["rank"] as? Int == 2 && matrix["condition"] == nil)
      #expect(matrix["singular_values"] as? [Double] == [2, 2, 0, 0])
      #expect(matrix["stable_rank"] as? Double == 2 && matrix["zero_fraction"] as? Double == 0.875)
      let csv = try zerolab(["rank", "m.safetensors", "--csv"], in: folder)
      #expect(csv.output.contains("\nb.weight,4x4,F32,matrix,4,4,2,"))
      #expect(csv.output.contains("\na.bias,4,F32,left out: a vector,"))
      let page = try String(
        contentsOf: folder.appendingPathComponent("m.html"), encoding: .utf8)
      #expect(page.contains("2 of 3 matrices have full rank at the tolerance"))
    }
  }

  @Test func `a rank below --fail-below is printed, and the exit code is 1`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let failing = try zerolab(["rank", "m.safetensors", "--fail-below", "0.9"], in: folder)
      #expect(failing.code == 1)
      #expect(
        failing.errors.hasPrefix(
          "m.safetensors: the rank of 'b.weight' is 2 of 4 (0.5) at tolerance "))
      #expect(failing.errors.hasSuffix(", below 0.9\n"))
      let passing = try zerolab(
        ["rank", "m.safetensors", "--fail-below", "0.9", "--skip", "b.*"], in: folder)
      #expect(passing.code == 0 && passing.errors.isEmpty)
    }
  }

  @Test func `a baseline has a name or is a file`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      func rank(_ minus: String) throws -> String {
        let outcome = try zerolab(
          ["rank", "m.safetensors", "--select", "a.weight", "--csv", "--minus", minus], in: folder)
        return outcome.output.split(separator: "\n").last.map {
          String($0.split(separator: ",", omittingEmptySubsequences: false)[6])
        } ?? outcome.errors
      }
      #expect(try rank("identity") == "0" && rank("ZerO") == "0" && rank("Zeros") == "4")
      #expect(try rank("m.safetensors") == "0" && rank("./m.safetensors") == "0")
      let random = try zerolab(["rank", "m.safetensors", "--minus", "Random"], in: folder)
      #expect(random.code == 64 && random.errors.contains("Random draws random weights"))
      let unknown = try zerolab(["rank", "m.safetensors", "--minus", "Zero"], in: folder)
      #expect(unknown.code == 64 && unknown.errors.contains("did you mean 'ZerO'?"))
    }
  }

  @Test func `a NaN is reported, and the others are ranked`() throws {
    try withTemporaryFolder { folder in
      try write(
        Safetensors.encode([
          NamedTensor(name: "bad", shape: [1, 2], values: [.nan, 1]),
          NamedTensor(name: "good", shape: [1, 2], values: [1, 1]),
        ]), "m.safetensors", folder)
      let outcome = try zerolab(["rank", "m.safetensors", "--html", "m.html"], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.output.contains("bad: 1 NaN and 0 infinite values of 2; no rank"))
      #expect(outcome.output.contains("\ngood "))
      let page = try String(
        contentsOf: folder.appendingPathComponent("m.html"), encoding: .utf8)
      #expect(
        page.contains(
          "<h1>1 of 1 matrices have full rank at the tolerance, 1 more could not be ranked</h1>"))
      #expect(page.contains("<strong>could not be ranked</strong> bad: 1 NaN"))
      #expect(page.contains(#"<th scope="col" class="number">rank</th>"#))
      #expect(page.contains(#"<tr><td>good</td><td class="number">1x2</td><td>F32</td>"#))
    }
  }

  @Test(arguments: [
    ("gone.safetensors", 74, "gone.safetensors: can't be read (No such file or directory)"),
    (
      "cut.safetensors", 65, "cut.safetensors: not a valid safetensors file (3 bytes, fewer than 8)"
    ),
    ("notes.txt", 65, "notes.txt: unknown format; give a file of safetensors, PyTorch"),
    ("cut.npz", 65, "cut.npz: not a valid zip file"),
    (
      ".", 65,
      ".: contains no model.safetensors and no pytorch_model.bin; give one of its files: cut.npz, cut.safetensors"
    ),
    ("odd.safetensors", 65, "'a' has the unknown type 'F33'"),
  ])
  func `an unreadable file gives one line`(name: String, code: Int, message: String)
    throws
  {
    try withTemporaryFolder { folder in
      try write([1, 2, 3], "cut.safetensors", folder)
      try write([1, 2, 3], "cut.npz", folder)
      try write([1, 2, 3], "notes.txt", folder)
      let header = Array(#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#.utf8)
      try write(
        [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [0, 0, 0, 0], "odd.safetensors",
        folder)
      let outcome = try zerolab(["rank", name], in: folder)
      #expect(outcome.code == code && outcome.output.isEmpty)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func `a matrix without a rank is named on standard error in every format`() throws {
    try withTemporaryFolder { folder in
      let tensors = [
        NamedTensor(name: "bad.weight", shape: [2, 2], values: [1, .nan, 0, 1]),
        NamedTensor(name: "good.weight", shape: [2, 2], values: [1, 0, 0, 1]),
      ]
      try Data(Safetensors.encode(tensors)).write(
        to: folder.appendingPathComponent("m.safetensors"))
      for format in ["--json", "--csv"] {
        let outcome = try zerolab(["rank", "m.safetensors", "--quiet", format], in: folder)
        #expect(outcome.code == 1)
        #expect(outcome.errors.hasPrefix("m.safetensors: 'bad.weight': 1 NaN"))
        #expect(!outcome.errors.contains("good.weight"))
      }
    }
  }

  @Test func `invalid patterns and options are rejected`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      func refusal(_ options: String...) throws -> String {
        let outcome = try zerolab(["rank", "m.safetensors"] + options, in: folder)
        #expect(outcome.code == 64 || outcome.code == 65)
        return outcome.errors
      }
      #expect(
        try refusal("--select", "a.wieght").contains(
          "m.safetensors: no tensor is named 'a.wieght'; did you mean 'a.weight'?"))
      #expect(try refusal("--skip", "x*").contains("no tensor is named 'x*'"))
      for value in ["-1", "inf", "abc"] {
        #expect(
          try refusal("--tol", value).contains(
            "The value '\(value)' is invalid for '--tol <tol>': it must be a finite number"))
      }
      for option in ["--rtol", "--fail-below"] {
        for (value, text) in [("1.5", "1.5"), ("-1", "-1.0"), ("nan", "nan")] {
          #expect(
            try refusal(option, value).contains(
              "\(option) is \(text); it must be a fraction, 0 to 1"))
        }
      }
      #expect(try refusal("--tol", "1", "--rtol", "1").contains("cannot be combined"))
      #expect(try refusal("--json", "--csv").contains("cannot be combined"))
      #expect(try refusal("--layout", "tensorflow").contains("torch"))
    }
  }

  @Test func `a page never overwrites a checkpoint`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let files = FileManager.default
      func path(_ name: String) -> URL { folder.appendingPathComponent(name) }
      let before = try Data(contentsOf: path("m.safetensors"))
      func refusal(_ arguments: String...) throws -> String {
        let outcome = try zerolab(["rank"] + arguments, in: folder)
        #expect(outcome.code == 64 && outcome.output.isEmpty)
        return outcome.errors
      }
      let name = try refusal("m.safetensors", "--html", "m.safetensors")
      #expect(name.contains("--html is 'm.safetensors'; its extension must be .html"))
      #expect(try refusal("m.safetensors", "--html", ".").contains("its extension must be .html"))

      // Through a link, as a file of an index, and as the baseline.
      try files.createSymbolicLink(
        at: path("link.html"), withDestinationURL: path("m.safetensors"))
      try files.copyItem(at: path("m.safetensors"), to: path("part.html"))
      try Data(#"{"weight_map": {"a.weight": "part.html"}}"#.utf8)
        .write(to: path("i.safetensors.index.json"))
      try files.copyItem(at: path("m.safetensors"), to: path("other.safetensors"))
      let cases = [
        ["m.safetensors", "--html", "link.html"],
        ["i.safetensors.index.json", "--html", "./part.html"],
        ["other.safetensors", "--minus", "./m.safetensors", "--html", "link.html"],
      ]
      for arguments in cases {
        let outcome = try zerolab(["rank"] + arguments, in: folder)
        #expect(outcome.code == 64 && outcome.output.isEmpty)
        #expect(
          outcome.errors
            == "zerolab: \(arguments.last ?? ""): the page would overwrite a file of the checkpoint; "
            + "give --html another name\n")
      }
      #expect(try Data(contentsOf: path("m.safetensors")) == before)
      #expect(try Data(contentsOf: path("part.html")) == before)

      let good = try zerolab(["rank", "m.safetensors", "--html", "new/p.html"], in: folder)
      #expect(good.code == 0 && good.errors == "new/p.html: a page with all spectra\n")
      #expect(files.fileExists(atPath: path("new/p.html").path))
      try files.createDirectory(at: path("f.html"), withIntermediateDirectories: false)
      let full = try zerolab(["rank", "m.safetensors", "--html", "f.html"], in: folder)
      #expect(full.code == 73 && full.errors.contains("f.html: can't be written ("))
      #expect(!full.errors.contains("--out"))
    }
  }

  @Test func `a check without a ranked matrix fails`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      func rank(_ options: String...) throws -> String {
        let outcome = try zerolab(["rank", "m.safetensors"] + options, in: folder)
        #expect(outcome.code == 1)
        return outcome.errors
      }
      #expect(
        try rank("--select", "empty", "--select", "a.bias", "--fail-below", "0.5")
          == "m.safetensors: no matrix was ranked: 1 left out, a vector; 1 left out, empty\n")
      #expect(
        try rank("--skip", "*") == "m.safetensors: no matrix was ranked: no tensor was selected\n")
    }
  }

  @Test func `each readable file of several is ranked`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("m.safetensors"),
        to: folder.appendingPathComponent("n.safetensors"))
      let files = ["gone.safetensors", "m.safetensors", "n.safetensors"]
      let csv = try zerolab(["rank"] + files + ["--csv", "--select", "?.weight"], in: folder)
      #expect(csv.code == 74)
      #expect(csv.errors.hasPrefix("zerolab: gone.safetensors: can't be read"))
      let lines = csv.output.split(separator: "\n").map { $0.split(separator: ",").prefix(2) }
      #expect(
        lines == [
          ["file", "tensor"], ["m.safetensors", "a.weight"], ["m.safetensors", "b.weight"],
          ["n.safetensors", "a.weight"], ["n.safetensors", "b.weight"],
        ])
      let json = try zerolab(
        [
          "rank", "m.safetensors", "gone.safetensors", "n.safetensors", "--json", "--fail-below",
          "1",
        ],
        in: folder)
      #expect(json.code == 74 && json.output.split(separator: "\n").count == 2)
    }
  }

  @Test func `a folder may be a baseline, whatever its name`() throws {
    try withTemporaryFolder { folder in
      try writeModel(folder)
      let model = folder.appendingPathComponent("start")
      try FileManager.default.createDirectory(at: model, withIntermediateDirectories: false)
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("m.safetensors"),
        to: model.appendingPathComponent("model.safetensors"))
      let outcome = try zerolab(["rank", "m.safetensors", "--minus", "start"], in: folder)
      #expect(outcome.code == 0)
      #expect(
        outcome.output.contains(
          "below full rank at the tolerance: a.weight (0 of 4), b.weight (0 of 4)"))
    }
  }

  @Test func `the layout comes from names or from the option`() throws {
    try withTemporaryFolder { folder in
      // Two matrices of GPT-2, in × out; the parts of attention for keys and values are 0.
      let shape = [4, 12]
      let start = ContiguousArray((0..<48).map { Float($0 / 12 == $0 % 12 ? 1 : 0) })
      let wide = folder.appendingPathComponent("wide.npy")
      let made = try zerolab(
        ["init", "--init", "ZerO", "--shape", "12x4", "--out", wide.path], in: folder)
      #expect(made.code == 0)
      let weight = try NPYFile.decode([UInt8](Data(contentsOf: wide)), path: "wide").values
      let turned = ContiguousArray((0..<48).map { weight[$0 % 12 * 4 + $0 / 12] })
      try write(
        Safetensors.encode([
          NamedTensor(name: "h.0.attn.c_attn.weight", shape: shape, values: start),
          NamedTensor(name: "h.0.mlp.c_fc.weight", shape: shape, values: turned),
          NamedTensor(
            name: "wte.weight", shape: [5, 4], values: ContiguousArray(start.prefix(20))),
        ]), "m.safetensors", folder)
      func rank(_ options: String...) throws -> Outcome {
        try zerolab(
          ["rank", "m.safetensors", "--minus", "ZerO", "--select", "*c_fc*"] + options, in: folder)
      }
      let told = try rank()
      #expect(
        told.output.contains("(NumPy's default), 1 of them read as in x out, by their names\n"))
      #expect(told.output.contains("c_fc.weight (0 of 4)"))
      let said = try rank("--layout", "torch")
      #expect(!said.output.contains("by their names") && !said.output.contains("(0 of 4)"))
    }
  }

  @Test func `kernels of unknown layout cause a remark`() throws {
    try withTemporaryFolder { folder in
      try write(
        Safetensors.encode([
          NamedTensor(name: "Conv_0/kernel", shape: [1, 1, 2, 2], values: [1, 0, 0, 1]),
          NamedTensor(name: "Dense_0/kernel", shape: [2, 2], values: [1, 0, 0, 1]),
        ]), "m.safetensors", folder)
      func remark(_ options: String...) throws -> String? {
        try zerolab(["rank", "m.safetensors"] + options, in: folder).output
          .split(separator: "\n").first { $0.hasPrefix("outputs are probably") }.map(String.init)
      }
      let text = " as in kernels of Flax and Keras; give --layout jax, or --layout torch"
      #expect(try remark()?.contains("the last dimension of Conv_0/kernel,\(text)") == true)
      #expect(
        try remark("--minus", "ZerO")?.contains("of Conv_0/kernel, Dense_0/kernel,\(text)") == true)
      #expect(try remark("--layout", "torch") == nil && remark("--layout", "jax") == nil)
    }
  }

  @Test func `JSON and CSV also report how a file was read`() throws {
    try withTemporaryFolder { folder in
      let values = ContiguousArray((0..<16).map { Float($0 % 5 == 0 ? 1 : 0) })
      let tensors = ["=cmd()", "layers[0].w", "layers0.w", "a\r\nb.w"].map {
        NamedTensor(name: $0, shape: [4, 4], values: values)
      }
      try write(Safetensors.encode(tensors, metadata: ["format": "mlx"]), "m.safetensors", folder)
      let note = "layout mlx, from the file's metadata (format: mlx); --layout overrides it"

      let json = try zerolab(["rank", "m.safetensors", "--json"], in: folder)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      #expect((object as? [String: Any])?["notes"] as? [String] == [note] && json.errors.isEmpty)

      let csv = try zerolab(["rank", "m.safetensors", "--csv"], in: folder)
      #expect(csv.output.contains("\n=cmd(),4x4,F32,matrix,"))
      #expect(csv.errors.hasPrefix("note: m.safetensors: \(note)\n"))
      #expect(
        csv.errors.contains("note: m.safetensors: =cmd(): a spreadsheet may interpret a name"))

      // A name with brackets, and one with a line break.
      let chosen = try zerolab(
        ["rank", "m.safetensors", "--select", "layers[0].w", "--select", "a*"], in: folder)
      let lines = chosen.output.split(separator: "\n").map(String.init)
      #expect(lines[2].hasPrefix("a  b.w "))
      #expect(lines[3].hasPrefix("layers[0].w ") && !chosen.output.contains("layers0"))
      #expect(lines.contains(note))
    }
  }

  @Test func `the tolerance can be the noise of the stored type`() throws {
    try withTemporaryFolder { folder in
      // The values 64 and 0.064: BF16 rounds the smaller one away, F32 keeps it.
      let values = ContiguousArray(
        (0..<4096).map { ($0 / 64 + $0) % 2 == 0 ? Float(1.001) : 0.999 })
      try write(
        Safetensors.encode([NamedTensor(name: "w", shape: [64, 64], values: values)]),
        "w.safetensors", folder)
      let table = try zerolab(["rank", "w.safetensors", "--tol", "noise"], in: folder)
      #expect(table.code == 0 && table.errors.isEmpty)
      #expect(
        table.output.hasPrefix(
          "w.safetensors: ranks of W, tol = noise of rounding to the stored type\n"))
      let csv = try zerolab(["rank", "w.safetensors", "--tol", "noise", "--csv"], in: folder)
      let lines = csv.output.split(separator: "\n").map { $0.split(separator: ",") }
      let row = Dictionary(uniqueKeysWithValues: zip(lines[0], lines[1]))
      #expect(row["rank"] == "2" && row["rule"] == "tol = noise of rounding to the stored type")
      #expect(row["energy_rank_90"] == "1" && row["energy_rank_99"] == "1")
      #expect(row["spectral_norm"] == row["largest"])
      #expect(
        lines[0].suffix(5) == [
          "energy_rank_90", "energy_rank_99", "top_share", "spectral_norm", "frobenius_norm",
        ])
      let json = try zerolab(["rank", "w.safetensors", "--tol", "noise", "--json"], in: folder)
      #expect(
        json.output.contains(#""energy_rank_99":1,"#) && json.output.contains(#""top_share":1"#))
      let page = try zerolab(
        ["rank", "w.safetensors", "--tol", "noise", "--html", "w.html"], in: folder)
      #expect(page.code == 0)
      let html = try String(
        contentsOf: folder.appendingPathComponent("w.html"), encoding: .utf8)
      #expect(html.contains("tol = noise of rounding to the stored type"))
      let refused = try zerolab(["rank", "w.safetensors", "--tol", "noisy"], in: folder)
      #expect(refused.code == 64 && refused.errors.contains("'noisy' is invalid for '--tol <tol>'"))
    }
  }
}
