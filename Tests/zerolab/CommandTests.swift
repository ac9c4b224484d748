// The built program, started as a user starts it.

import Foundation
import TestSupport
import Testing

@Suite struct CommandTests {
  /// What a run of the program left: its streams and its exit code.
  private struct Outcome {
    let output: String
    let errors: String
    let code: Int32
  }

  private func zerolab(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = Bundle.main.bundleURL.appendingPathComponent("zerolab")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files, not pipes: a pipe that nobody reads while waiting would fill up.
    let (output, errors) = (
      folder.appendingPathComponent(".out"), folder.appendingPathComponent(".err")
    )
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8), code: process.terminationStatus)
  }

  private func withImages(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let images = folder.appendingPathComponent("images")
      try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
      try writeSmallDataset(to: images)
      try body(folder)
    }
  }

  @Test func `list names everything`() throws {
    try withTemporaryFolder { folder in
      let outcome = try zerolab(["list"], in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
      for name in ["ZerO", "Spray", "rank_from_start", "figure_3_right_original", "fashion-mnist"] {
        #expect(outcome.output.contains(name))
      }
    }
  }

  @Test func `train prints the notebook's lines and leaves a record`() throws {
    try withImages { folder in
      let outcome = try zerolab(
        [
          "train", "--init", "ZerO", "--width", "16", "--data", "images", "--batch-size", "20",
          "--epochs", "2", "--log-interval", "2", "--no-bias", "--save-model", "--print-weights",
          "--name", "mine", "--out", "runs",
        ], in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.contains("Train Epoch: 1 [0/96 (0%)]\tLoss: "))
      #expect(outcome.output.contains("Train Epoch: 2 [80/96 (80%)]\tLoss: "))
      #expect(outcome.output.contains("\nTest set: Average loss: "))
      #expect(outcome.output.components(separatedBy: "l3.weight tensor([[").count == 3)
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("runs/mine").path)
      #expect(files.count { $0.hasPrefix("events.out.tfevents.") } == 1)
      #expect(
        files.filter { !$0.hasPrefix("events.") }.sorted() == [
          ".lock", "metrics.jsonl", "model.safetensors", "plan.json", "provenance.json",
          "status.json",
        ])
    }
  }

  @Test func `a random run without a seed says which it took, and can be repeated`() throws {
    try withImages { folder in
      let base = [
        "train", "--init", "Random", "--width", "8", "--data", "images", "--batch-size", "20",
      ]
      let first = try zerolab(base, in: folder)
      let seed = try #require(first.errors.split(separator: " ").last)
        .trimmingCharacters(in: .newlines)
      let second = try zerolab(base + ["--model-seed", seed], in: folder)
      func losses(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.contains("Loss") || $0.contains("loss") }.map(
          String.init)
      }
      #expect(losses(second.output) == losses(first.output) && !losses(first.output).isEmpty)
      #expect(second.errors.contains("the earlier run is now in"))
    }
  }

  @Test func `run draws its figures, states the verdict, and fails when a claim does`() throws {
    try withImages { folder in
      func experiment(_ bound: Int) -> String {
        """
        name: small
        question: Is it small?
        data: images
        training: {batch_size: 20}
        measure: {every: 2}
        runs: [{init: ZerO, width: [8, 16]}]
        figure: {quantity: rank, tensor: l3.weight, label: "{width}"}
        claims: [{runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: \(bound)}]
        """
      }
      let file = folder.appendingPathComponent("small.yaml")
      try Data(experiment(16).utf8).write(to: file)
      let held = try zerolab(["run", "small.yaml"], in: folder)
      #expect(held.code == 0, "\(held.errors)")
      #expect(held.output.contains("Held: rank(l3.weight - I) of ZerO never exceeds 16"))
      #expect(held.errors.contains("done after"))
      let results = folder.appendingPathComponent("results/small")
      for name in ["small.pdf", "small.svg", "small.png", "report.html"] {
        #expect(
          FileManager.default.fileExists(atPath: results.appendingPathComponent(name).path))
      }
      let page = try Data(contentsOf: results.appendingPathComponent("report.html"))
      let again = try zerolab(["report", "results"], in: folder)
      #expect(again.code == 0 && again.output.contains("Held: "), "\(again.errors)")
      #expect(again.output.contains("results/small/report.html"))
      #expect(try Data(contentsOf: results.appendingPathComponent("report.html")) == page)
      let nothing = try zerolab(["report", "images"], in: folder)
      #expect(nothing.code == 65 && nothing.errors.hasPrefix("zerolab: images: no experiment"))

      try Data(experiment(0).utf8).write(to: file)
      let broken = try zerolab(["run", "small.yaml", "--quiet"], in: folder)
      #expect(broken.code == 1 && broken.errors.isEmpty)
      #expect(broken.output.contains("Broken: "))

      let fresh = try zerolab(["run", "small.yaml", "--fresh", "--jobs", "1"], in: folder)
      #expect(fresh.errors.contains("earlier results are now in results/small.before-1"))

      let longer = try zerolab(["run", "small.yaml", "--epochs", "2", "--quiet"], in: folder)
      #expect(longer.code == 1, "\(longer.errors)")
      let runs = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("results/small/runs").path)
      #expect(runs.count == 4)
    }
  }

  /// Where runs are made, pictures of their weights are drawn before the figure, letters among them.
  @Test func `a figure has the same pixels whether its runs are made or kept`() throws {
    try withImages { folder in
      let text = """
        name: pixels
        data: images
        training: {batch_size: 20}
        measure: {every: 2}
        runs: [{init: [ZerO, Random], width: 16}]
        figure: {quantity: rank, tensor: l3.weight, label: "{init}"}
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("pixels.yaml"))
      let figure = folder.appendingPathComponent("results/pixels/pixels.png")
      var pictures: [Data] = []
      for _ in 0..<2 {
        #expect(try zerolab(["run", "pixels.yaml", "--quiet"], in: folder).code == 0)
        pictures.append(try Data(contentsOf: figure))
      }
      #expect(pictures[0] == pictures[1])
    }
  }

  @Test func `a sweep is listed, carried out task by task, and gathered`() throws {
    try withImages { folder in
      let text = """
        name: sweep
        data: images
        training: {batch_size: 20}
        measure: {every: 2}
        runs: [{init: Random, width: 8, learning_rate: [0.1, 0.2], repeat: 2}]
        figure: {quantity: rank, tensor: l3.weight, label: "lr {learning_rate}"}
        claims: [{runs: {init: Random}, tensor: l3.weight, quantity: rank, at_most: 8}]
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("sweep.yaml"))
      let results = folder.appendingPathComponent("results/sweep")

      let listing = try zerolab(["run", "sweep.yaml", "--list"], in: folder)
      #expect(listing.code == 0 && listing.errors.isEmpty, "\(listing.errors)")
      #expect(listing.output.contains("4 of 4 runs to do: about "))
      #expect(listing.output.contains("Random-w8-m1-s2-b20-lr0.2"))
      #expect(listing.output.components(separatedBy: "to do\n").count == 5)
      #expect(!FileManager.default.fileExists(atPath: results.path), "nothing is run")

      for task in ["1", "0"] {
        let outcome = try zerolab(
          ["run", "sweep.yaml", "--task", task, "--runs-per-task", "2"], in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        if task == "1" {
          let early = try zerolab(["run", "sweep.yaml", "--gather"], in: folder)
          #expect(
            early.code == 1 && early.output.contains("Undecided: rank(l3.weight - I) of Random"))
          #expect(early.errors.contains("Random-w8-m0-s1-b20-every2-on-images has not begun"))
        }
      }
      let gathered = try zerolab(["run", "sweep.yaml", "--gather"], in: folder)
      #expect(gathered.code == 0 && gathered.output.contains("Held: "), "\(gathered.errors)")
      let summary = try String(
        contentsOf: results.appendingPathComponent("summary.csv"), encoding: .utf8)
      #expect(summary.split(separator: "\n").count == 3)

      let beyond = try zerolab(["run", "sweep.yaml", "--task", "4"], in: folder)
      #expect(beyond.code == 64 && beyond.errors.contains("there is no task 4"))
      let absent = try zerolab(["run", "sweep.yaml", "--engine", "slurm"], in: folder)
      #expect(absent.code == 0 && absent.output.contains("every run is done"))
    }
  }

  @Test func `watch tells how runs stand, and ends as they did`() throws {
    try withImages { folder in
      let text = """
        name: small
        data: images
        training: {batch_size: 20}
        runs: [{init: ZerO, width: [8, 16]}]
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("small.yaml"))
      _ = try zerolab(["run", "small.yaml", "--task", "0"], in: folder)
      let early = try zerolab(["watch", "--once", "results"], in: folder)
      #expect(early.code == 0 && early.errors.isEmpty, "\(early.errors)")
      #expect(early.output.contains("1 of 2 runs done, 1 not begun"))
      _ = try zerolab(["run", "small.yaml"], in: folder)
      let watch = try zerolab(["watch", "results/small"], in: folder)
      #expect(watch.code == 0 && watch.output == "2 of 2 runs done\n", "\(watch.errors)")

      let status = folder.appendingPathComponent(
        "results/small/runs/ZerO-w8-m0-s1-b20-on-images/status.json")
      try Data(#"{"status":"failed","message":"no room"}"#.utf8).write(to: status)
      let failed = try zerolab(["watch"], in: folder)
      #expect(failed.code == 1 && failed.output == "1 of 2 runs done, 1 failed\n")
    }
  }

  /// Programs named as Slurm's, in a folder for the search path.
  private func fakeSlurm(_ scripts: [String: String], in folder: URL) throws -> [String: String] {
    let bin = folder.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    for (name, body) in scripts {
      let file = bin.appendingPathComponent(name)
      try Data("#!/bin/sh\n\(body)\n".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return ["PATH": "\(bin.path):\(path)"]
  }

  @Test func `an experiment is handed to Slurm, once at a time`() throws {
    try withImages { folder in
      let text = "name: spread\ndata: images\nruns: [{init: ZerO, width: [8, 9, 10]}]\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("spread.yaml"))
      let log = "for word in \"$@\"; do echo \"$word\" >> calls; done; echo 42"
      let config = "echo 'MaxArraySize = 2'"
      var scripts = ["sbatch": log, "squeue": "true", "scontrol": config]
      let slurm = try fakeSlurm(scripts, in: folder)
      func submit(_ more: [String] = []) throws -> Outcome {
        try zerolab(
          ["run", "spread.yaml", "--engine", "slurm", "--sbatch=--account=us"] + more, in: folder,
          environment: slurm)
      }
      let first = try submit()
      #expect(first.code == 0, "\(first.errors)")
      #expect(first.output.contains("3 of 3 runs to do, in 2 tasks of job 42; job 42 gathers"))
      let calls = try String(contentsOf: folder.appendingPathComponent("calls"), encoding: .utf8)
        .split(separator: "\n")
      #expect(calls.contains("--array=0-1") && calls.contains("--dependency=afterany:42"))
      #expect(
        calls.filter { $0 == "--account=us" }.count == 2, "the gathering job is asked for it too")

      scripts["squeue"] = "echo 42_1"
      _ = try fakeSlurm(scripts, in: folder)
      for more in [[], ["--fresh"]] {
        let refused = try submit(more)
        #expect(refused.code == 1 && refused.errors.contains("spread is under way as job 42"))
      }
      scripts["squeue"] = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(try submit().code == 0, "a job that Slurm has forgotten is no obstacle")
      scripts["squeue"] = "echo 'Unable to contact slurm controller' >&2; exit 1"
      _ = try fakeSlurm(scripts, in: folder)
      let unknown = try submit()
      #expect(unknown.code == 1 && unknown.errors.contains("squeue refused: Unable to contact"))

      scripts["squeue"] = "true"
      scripts["sbatch"] = "case \"$*\" in *gather*) echo no >&2; exit 1;; *) echo 43;; esac"
      _ = try fakeSlurm(scripts, in: folder)
      let half = try submit()
      #expect(half.code == 1 && half.errors.contains("sbatch refused: no"))
      scripts["squeue"] = "echo 43_1"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(
        try submit().errors.contains("under way as job 43"), "what was submitted is on record")

      scripts["squeue"] = "true"
      scripts["scontrol"] = "echo 'MaxArraySize = 0'"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(try submit().errors.contains("takes no job arrays"))
      let task = try zerolab(["run", "spread.yaml", "--task", "0", "--fresh"], in: folder)
      #expect(task.code == 64 && task.errors.contains("--fresh would take away"))
    }
  }

  @Test func `init writes what NumPy reads`() throws {
    try withTemporaryFolder { folder in
      let outcome = try zerolab(
        ["init", "--init", "ZerO", "--shape", "3x2", "--out", "w.npy"], in: folder)
      #expect(outcome.code == 0)
      let data = try Data(contentsOf: folder.appendingPathComponent("w.npy"))
      let expected: [Float] = [0.5, 0.5, 0.5, -0.5, 0.5, 0.5]
      let bytes = expected.flatMap { value in
        (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 0xff) }
      }
      #expect(Array(data.dropFirst(128)) == bytes && data.prefix(6) == [0x93] + Data("NUMPY".utf8))
    }
  }

  #if os(Linux)
    @Test func `an error that can't be written has its exit code all the same`() throws {
      let program = Bundle.main.bundleURL.appendingPathComponent("zerolab").path
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "exec \"$0\" run nosuchthing 2>/dev/full", program]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 64)
    }
  #endif

  @Test func `data verify reads what is here`() throws {
    try withTemporaryFolder { folder in
      let outcome = try zerolab(["data", "verify", "mnist"], in: folder)
      #expect(outcome.code == 0)
      #expect(
        outcome.output.contains("60000 training and 10000 test images of 28 x 28, 10 classes"))
    }
  }

  @Test(
    arguments: [
      (["train", "--init", "Zero"], 64, "unknown initialiser 'Zero': did you mean 'ZerO'?"),
      (["train", "--init", "ZerO", "--width", "0"], 64, "width is 0; it must be at least 1"),
      (["train", "--init", "ZerO", "--width", "-5"], 64, "width is -5; it must be at least 1"),
      (["train", "--init", "ZerO", "--batch-size", "0"], 64, "batch_size is 0"),
      (
        ["train", "--init", "ZerO", "--data", "images", "--batch-size", "97"], 64,
        "batch_size is 97, but there are 96 training images"
      ),
      (["train", "--init", "ZerO", "--lr", "nan"], 64, "learning_rate is nan"),
      (["train", "--init", "ZerO", "--lr", "inf"], 64, "learning_rate is inf"),
      (["train", "--init", "ZerO", "--data", "minst"], 64, "did you mean 'mnist'?"),
      (["train", "--init", "ZerO", "--data", "."], 65, "has no file train-images-idx3-ubyte"),
      (
        [
          "train", "--init", "ZerO", "--data", "images", "--batch-size", "9", "--out",
          "images/t10k-labels-idx1-ubyte",
        ], 73, "can't be written"
      ),
      (
        [
          "train", "--init", "ZerO", "--width", "8", "--data", "images", "--batch-size", "9",
          "--lr", "1e30", "--out", "diverging",
        ],
        1, "diverged: the loss is"
      ),
      (
        ["init", "--init", "Spray", "--shape", "3x1", "--out", "w.npy"], 64,
        "Spray has no value for a weight of 3x1"
      ),
      (
        ["init", "--init", "ZerO", "--shape", "3", "--out", "w.npy"], 64,
        "'3' is no shape such as 1024x784"
      ),
      (
        ["init", "--init", "ZerO", "--shape", "3x2", "--out", "w.txt"], 64,
        "its ending must be .npy or .safetensors"
      ),
      (["train", "--init", "ZerO", "--bias", "0.1", "--no-bias"], 64, "exclude each other"),
      (["train", "--init", "ZerO", "--measure", "rnk"], 64, "did you mean 'rank'?"),
      (["train", "--init", "ZerO", "--name", "../up"], 64, "it must be able to name a folder"),
      (["run", "figure_3_lef"], 64, "did you mean 'figure_3_left'?"),
      (["run", "wrong.yaml"], 65, "wrong.yaml, line 2: unknown key 'rnus'; did you mean 'runs'?"),
      (["run", "figure_3_left", "--jobs", "0"], 64, "--jobs is 0; it must be at least 1"),
      (["watch", "images"], 65, "images: holds no runs; name a run's folder"),
      (["watch", "nowhere"], 65, "nowhere: there is no such folder"),
      (["data", "fetch", "minst"], 64, "did you mean 'mnist'?"),
      (
        ["data", "fetch", "mnist", "--from", "nowhere", "--out", "d"], 74, "no mirror gave the file"
      ),
    ] as [([String], Int32, String)])
  func `bad input ends in one clear line and the right exit code`(
    arguments: [String], code: Int32, message: String
  ) throws {
    try withImages { folder in
      try Data("name: wrong\nrnus: []\n".utf8).write(
        to: folder.appendingPathComponent("wrong.yaml"))
      let outcome = try zerolab(arguments, in: folder)
      #expect(outcome.code == code, "\(outcome.errors)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      // The argument parser adds a line of usage to its own errors.
      let lines = outcome.errors.split(separator: "\n").filter {
        !$0.hasPrefix("Usage:") && !$0.hasPrefix("  See ") && !$0.hasPrefix("Help:")
      }
      #expect(lines.count == 1, "\(outcome.errors)")
    }
  }
}
