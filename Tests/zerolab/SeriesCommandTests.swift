// zerolab rank --over-steps from the command line.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct SeriesCommandTests {
  /// Writes a run of three checkpoints; `w` changes by one more column in each.
  private func writeRun(_ folder: URL) throws {
    for (step, rank) in [(0, 0), (500, 1), (1000, 2)] {
      var values = ContiguousArray((0..<16).map { Float($0 % 5 == 0 ? 1 : 0) })
      for column in 0..<rank { values[5 * column] += 0.5 }
      let place = folder.appendingPathComponent("run/checkpoint-\(step)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let file = place.appendingPathComponent("model.safetensors")
      let tensors = [
        NamedTensor(name: "w", shape: [4, 4], values: values), NamedTensor(name: "b", vector: [1]),
      ]
      try Data(Safetensors.encode(tensors)).write(to: file)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: file.path)
    }
  }

  @Test func `a run is ranked over its steps`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let outcome = try zerolab(
        [
          "rank", "run", "--over-steps", "--minus", "first", "--tol", "1e-4", "--fail-below", "0.1",
        ],
        in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n").map(String.init)
      #expect(
        lines[0] == "run: ranks of Wₜ − W₀ in 3 checkpoints, steps 0 to 1000, tol = 0.0001")
      #expect(lines[1] == "steps 500 → 1000; moved: ‖Wₜ − W₀‖/‖W₀‖ at the last step")
      #expect(lines.contains("W₀ is checkpoint-0/model.safetensors"))
      #expect(lines.contains { $0.hasPrefix("results: ") && $0.hasSuffix("ranks/run-minus-first") })
      for name in ["ranks.jsonl", "settings.json", "ranks.csv", "figure.svg", "report.html"] {
        #expect(
          FileManager.default.fileExists(atPath: folder.path + "/ranks/run-minus-first/" + name),
          "\(name)")
      }
    }
  }

  @Test func `JSON lines and CSV have the steps in order`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let arguments = [
        "rank", "run", "--over-steps", "--minus", "first", "--tol", "1e-4", "--quiet",
      ]
      let json = try zerolab(arguments + ["--json"], in: folder)
      let objects = try json.output.split(separator: "\n").map { line in
        try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
      #expect(objects.map { $0["step"] as? Int } == [0, 500, 1000])
      #expect(objects.map { $0["rank"] as? Double } == [0, 1, 2])
      #expect(objects.map { ($0["singular_values"] as? [Double])?.count } == [4, 4, 4])
      #expect(json.errors == "note: W₀ is checkpoint-0/model.safetensors\n")
      #expect(
        json.output
          == (try String(
            contentsOf: folder.appendingPathComponent("ranks/run-minus-first/ranks.jsonl"),
            encoding: .utf8)))
      let csv = try zerolab(arguments + ["--csv", "--only-steps", "500-1000"], in: folder)
      let rows = csv.output.split(separator: "\n")
      #expect(rows.count == 3 && rows[0].hasPrefix("step,") && rows[1].hasPrefix("500,"))
    }
  }

  @Test func `a quantity that was not computed is an error`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let arguments = ["rank", "run", "--over-steps", "--quantity", "overlap_with_start"]
      let outcome = try zerolab(arguments, in: folder)
      #expect(outcome.code == 64 && outcome.errors.contains("needs --overlap"))
      #expect(try zerolab(arguments + ["--overlap", "1"], in: folder).code == 0)
    }
  }

  @Test func `runs in folders of the same name are not mixed`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let other = folder.appendingPathComponent("other")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("run"), to: other.appendingPathComponent("run"))
      #expect(try zerolab(["rank", "run", "--over-steps"], in: folder).code == 0)
      // The same run by another path.
      #expect(try zerolab(["rank", "other/../run/", "--over-steps"], in: folder).code == 0)
      let outcome = try zerolab(["rank", "other/run", "--over-steps"], in: folder)
      #expect(
        outcome.code == 73
          && outcome.errors.contains("contains results with another setting (run: "))
      #expect(outcome.errors.contains("give another --out"))
    }
  }

  @Test func `fused weights and adapters are ranked over steps`() throws {
    try withTemporaryFolder { folder in
      for (step, value) in [(0, Float(0)), (10, 1)] {
        let place = folder.appendingPathComponent("run/checkpoint-\(step)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let factors = [("lora_A", [1, 2], Float(1)), ("lora_B", [6, 1], value)].map {
          name, shape, value in
          NamedTensor(
            name: "base_model.model.qkv.\(name).weight", shape: shape,
            values: ContiguousArray(repeating: value, count: shape[0] * shape[1]))
        }
        try Data(Safetensors.encode(factors)).write(
          to: place.appendingPathComponent("adapter_model.safetensors"))
        try Data(#"{"peft_type":"LORA","r":1,"lora_alpha":4}"#.utf8).write(
          to: place.appendingPathComponent("adapter_config.json"))
      }
      let arguments = ["rank", "run", "--over-steps", "--minus", "first", "--csv", "--quiet"]
      let rows = try zerolab(arguments, in: folder).output.split(separator: "\n")
      #expect(rows.count == 7)
      for part in ["q", "k", "v"] {
        #expect(rows.contains { $0.contains("qkv.weight[\(part)]") }, "\(part)")
      }
      let whole = try zerolab(
        arguments + ["--whole", "--out", "whole"], in: folder
      ).output.split(separator: "\n")
      #expect(whole.count == 3 && !whole.contains { $0.contains("[q]") })
      #expect(try zerolab(arguments + ["--whole"], in: folder).code == 73)
      let plus = try zerolab(arguments + ["--plus", "run/checkpoint-0"], in: folder)
      #expect(plus.code == 64)
      #expect(plus.errors.contains("--plus and --over-steps cannot be combined"))
    }
  }

  @Test func `a truncated checkpoint is named, skipped and counted, and the code is 1`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let file = folder.appendingPathComponent("run/checkpoint-500/model.safetensors")
      let whole = try Data(contentsOf: file)
      try whole.dropLast(3).write(to: file)
      let outcome = try zerolab(["rank", "run", "--over-steps"], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.errors.contains("skipped: run/checkpoint-500/model.safetensors: not a valid"))
      #expect(outcome.errors.contains("run: 1 of 3 checkpoints could not be read"))
      #expect(outcome.output.hasPrefix("run: ranks of Wₜ in 2 checkpoints, steps 0 to 1000"))
      try whole.write(to: file)
      let again = try zerolab(["rank", "run", "--over-steps"], in: folder)
      #expect(again.code == 0 && again.errors.isEmpty)
      #expect(again.output.hasPrefix("run: ranks of Wₜ in 3 checkpoints"))
    }
  }

  @Test func `a low rank fails, but not that of the start minus itself`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let outcome = try zerolab(
        [
          "rank", "run", "--over-steps", "--minus", "first", "--tol", "1e-4", "--fail-below", "0.5",
        ],
        in: folder)
      #expect(outcome.code == 1)
      #expect(
        outcome.errors
          == "checkpoint-500/model.safetensors: the rank of 'w' is 1 of 4 at tolerance 0.0001, below 0.5\n"
      )
    }
  }

  @Test func `wrong usage is explained`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let name = "run/checkpoint-500/model.safetensors"
      try FileManager.default.copyItem(
        atPath: folder.path + "/" + name, toPath: folder.path + "/run/other.safetensors")
      let cases: [(arguments: [String], code: Int32, text: String)] = [
        (["--watch"], 64, "--watch needs --over-steps"),
        (["--steps", "1"], 64, "--steps needs --over-steps"),
        (["--over-steps", "--steps", "1-3"], 64, "it must be numbers"),
        (["--over-steps", "--only-steps", "a"], 64, "only-steps"),
        (["--over-steps", "--only-steps", "100-50"], 64, "ascending ranges"),
        (["--over-steps", "--overlap", "0"], 64, "it must be at least 1"),
        (["--over-steps", "--quantity", "size"], 64, "it must be one of rank, effective_rank"),
        (["--over-steps", "--html", "a.html"], 64, "omit --html"),
        (["--over-steps"], 64, "other.safetensors: no step in name or contents"),
        (["--over-steps", "--steps", "1,2"], 64, "--steps has 2 steps for 4 checkpoints"),
      ]
      for (arguments, code, text) in cases {
        let outcome = try zerolab(["rank", "run"] + arguments, in: folder)
        #expect(outcome.code == code && outcome.errors.contains(text), "\(arguments): \(outcome)")
      }
      let missing = try zerolab(["rank", "nosuch", "--over-steps"], in: folder)
      #expect(missing.errors.contains("nosuch: can't be read (No such file or directory)"))
      let alone = try zerolab(["rank", "run/checkpoint-0", "--minus", "first"], in: folder)
      #expect(alone.code == 64 && alone.errors.contains("--minus first needs --over-steps"))
      let empty = try zerolab(["rank", ".", "--over-steps", "--steps", "1"], in: folder)
      #expect(empty.code == 64)
    }
  }

  @Test func `results relative to a checkpoint that no longer exists are kept`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let arguments = ["rank", "run", "--over-steps", "--minus", "first"]
      #expect(try zerolab(arguments, in: folder).code == 0)
      let rows = folder.appendingPathComponent("ranks/run-minus-first/ranks.jsonl")
      let before = try Data(contentsOf: rows)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("run/checkpoint-0"))
      let outcome = try zerolab(arguments, in: folder)
      #expect(outcome.code == 73 && outcome.errors.contains("differences from checkpoint-0/"))
      #expect(try Data(contentsOf: rows) == before)
      let other = try zerolab(arguments + ["--out", "other"], in: folder)
      #expect(other.code == 0 && other.output.contains("W₀ is checkpoint-500/"))
    }
  }

  @Test func `all checkpoints of a run have the initial values that the first one records`() throws
  {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let start = "run/checkpoint-0/model.safetensors"
      let made = try zerolab(
        ["init", "--like", start, "--init", "ZerO", "--out", "zero.safetensors"], in: folder)
      #expect(made.code == 0, "\(made.errors)")
      let archive = try TensorArchive(folder.appendingPathComponent("zero.safetensors").path)
      let record = try #require(archive.metadata[InitializationRecord.metadataKey])
      // The record says that w was zeros, so W - W_0 is W itself in every checkpoint.
      let zeros = record.replacing("\"matrix\"", with: "\"zeros\"")
      #expect(zeros != record)
      let tensors = [
        NamedTensor(name: "w", shape: [4, 4], values: ContiguousArray(repeating: 0, count: 16)),
        NamedTensor(name: "b", vector: [1]),
      ]
      try Data(
        Safetensors.encode(tensors, metadata: [InitializationRecord.metadataKey: zeros])
      ).write(to: folder.appendingPathComponent(start))
      let arguments = ["rank", "run", "--over-steps", "--minus", "ZerO", "--csv", "--quiet"]
      func ranks() throws -> [Substring] {
        let rows = try zerolab(arguments, in: folder).output.split(separator: "\n")
        let column = try #require(rows[0].split(separator: ",").firstIndex(of: "rank"))
        return rows.dropFirst().map {
          $0.split(separator: ",", omittingEmptySubsequences: false)[column]
        }
      }
      #expect(try ranks() == ["0", "4", "4"])
      // Without the record, ZerO itself is subtracted, which for a square matrix is the identity.
      try Data(Safetensors.encode(tensors)).write(to: folder.appendingPathComponent(start))
      #expect(try ranks() == ["4", "1", "2"])
    }
  }

  @Test func `several files of a series get a note`() throws {
    try withTemporaryFolder { folder in
      try writeRun(folder)
      let names = [1000, 0].map { "run/checkpoint-\($0)" }
      let whole = try zerolab(["rank", "run"], in: folder)
      #expect(whole.code != 0 && whole.errors.contains("note: run: with --over-steps"))
      let outcome = try zerolab(["rank"] + names, in: folder)
      #expect(outcome.code == 0 && outcome.errors.contains("--over-steps ranks the files in order"))
      #expect(!(try zerolab(["rank", names[0]], in: folder)).errors.contains("--over-steps"))
    }
  }

  @Test func `Ctrl-C ends a watched run with its results`() async throws {
    try await withTemporaryFolder { folder in
      try writeRun(folder)
      let process = Process()
      process.executableURL = Bundle.main.bundleURL.appendingPathComponent("zerolab")
      process.arguments = ["rank", "run", "--over-steps", "--watch"]
      process.currentDirectoryURL = folder
      let (output, errors) = (Pipe(), Pipe())
      (process.standardOutput, process.standardError) = (output, errors)
      try process.run()
      let rows = folder.appendingPathComponent("ranks/run/report.html")
      for _ in 0..<600 where !FileManager.default.fileExists(atPath: rows.path) {
        try await Task.sleep(for: .milliseconds(50))
      }
      process.interrupt()
      process.waitUntilExit()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(process.terminationStatus == 0, "\(text)")
      #expect(text.hasPrefix("run: ranks of Wₜ in 3 checkpoints, steps 0 to 1000"))
    }
  }
}
