// The built program, started as a user starts it.

import Foundation
import TestSupport
import Testing
import ZerOTraining

@Suite struct CommandTests {
  @Test func `help is in ASCII without empty lines, as the manual page needs it`() throws {
    try withTemporaryFolder { folder in
      let help = try zerolab(["--experimental-dump-help"], in: folder)
      #expect(help.code == 0 && help.output.contains("NumPy's tolerance"))
      #expect(help.output.unicodeScalars.filter { !$0.isASCII }.isEmpty)
      #expect(!help.output.contains(#"\n\n"#))
    }
  }

  @Test func `train has an option with help and default for every setting`() throws {
    try withTemporaryFolder { folder in
      func help(_ command: String) throws -> String {
        let outcome = try zerolab([command, "--help"], in: folder)
        #expect(outcome.code == 0)
        return outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ") + " "
      }
      let (train, ceiling) = (try help("train"), try help("ceiling"))
      for setting in TrainingPlan.settings {
        let value = setting.isFlag ? "" : " <\(setting.optionName)>"
        let text = "\(setting.option)\(value) \(setting.help)"
        #expect(train.contains(text), "\(setting.key)")
        #expect(
          ceiling.contains(text) == (setting.describesNetwork || setting.describesUpdates),
          "\(setting.key)")
        if !setting.isFlag, let value = setting.optionDefault {
          #expect(train.contains("(default: \(value))"))
        }
      }
      #expect(train.contains("--no-bias") && train.contains("--no-measure"))
      #expect(!train.contains("--ties"), "former names are hidden")
      let completions = try zerolab(["--generate-completion-script", "zsh"], in: folder).output
      #expect(TrainingPlan.settings.allSatisfy { completions.contains($0.option) })
    }
  }

  @Test func `values of the wrong type, and options that cannot be combined, are refused by name`()
    throws
  {
    try withTemporaryFolder { folder in
      for (arguments, message) in [
        (["--lr", "fast"], "'--lr <lr>': it must be a number"),
        (["--width", "1.5"], "'--width <width>': it must be a whole number"),
        (["--seed", "-1"], "'--seed <seed>': it must be 0 to"),
        (["--symmetry", "loose"], "it must be dense or reduced"),
        (["--bias", "0.1", "--no-bias"], "--bias and --no-bias cannot be combined"),
        (["--measure", "rank", "--no-measure"], "--measure and --no-measure cannot be combined"),
        (["--epochs", "0"], "epochs is 0; it must be at least 1"),
        (["--lr", "-0.5"], "learning_rate is -0.5"),
      ] {
        let outcome = try zerolab(["train", "--init", "ZerO"] + arguments, in: folder)
        #expect(outcome.code == 64 && outcome.errors.contains(message), "\(outcome.errors)")
      }
      let missing = try zerolab(["train", "--width", "8"], in: folder)
      #expect(missing.code == 64 && missing.errors.contains("--init <init>"))
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

  @Test
  func `symmetry reduction is named in the run's folder, and refused where it can't be shown`()
    throws
  {
    try withImages { folder in
      let command = [
        "train", "--init", "ZerO", "--width", "40", "--data", "images", "--batch-size", "20",
        "--out", "runs", "--symmetry",
      ]
      let outcome = try zerolab(command + ["reduced"], in: folder)
      #expect(
        outcome.code == 0
          && outcome.output.contains("records: runs/ZerO-w40-m0-s1-b20-reduced-on-images-"))
      #expect(
        outcome.output.contains("\nsymmetry reduction: l2 21 of 40 units, l3 21 of 40 units\n"))
      let traced = try zerolab(command + ["reduced", "--trace", "1"], in: folder)
      #expect(traced.code == 64 && traced.errors.contains("symmetry dense"))
      let former = command.dropLast() + ["--ties", "exact", "--name", "former"]
      #expect(try zerolab(Array(former), in: folder).output.contains("\nsymmetry reduction: l2"))
      let both = try zerolab(command + ["reduced", "--ties", "exact"], in: folder)
      #expect(both.code == 64 && both.errors.contains("--symmetry and --ties cannot be combined"))
      let other = try zerolab(command + ["loose"], in: folder)
      #expect(other.code == 64 && other.errors.contains("dense"))
      let wide = try zerolab(
        [
          "train", "--init", "Partial_Identity", "--width", "65000", "--data", "images",
          "--batch-size", "20", "--symmetry", "reduced", "--save-model",
        ], in: folder)
      #expect(
        wide.code == 71
          && wide.errors.contains("the whole network, to be saved or printed, needs about"))
    }
  }

  @Test func `train prints the notebook's lines and leaves a record`() throws {
    try withImages { folder in
      let outcome = try zerolab(
        [
          "train", "--init", "ZerO", "--width", "16", "--data", "images", "--batch-size", "20",
          "--epochs", "2", "--log-interval", "3", "--no-bias", "--save-model", "--print-weights",
          "--name", "mine", "--out", "runs",
        ], in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.contains("Train Epoch: 1 [0/96 (0%)]\tLoss: "))
      #expect(outcome.output.contains("Train Epoch: 2 [60/96 (60%)]\tLoss: "))
      #expect(!outcome.output.contains("[80/96"), "the notebook has no line of the last update")
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
      let seed = String(try #require(first.errors.firstMatch(of: /seed (\d+)/)).output.1)
      let second = try zerolab(base + ["--model-seed", seed], in: folder)
      func losses(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.contains("Loss") || $0.contains("loss") }.map(
          String.init)
      }
      #expect(losses(second.output) == losses(first.output) && !losses(first.output).isEmpty)
      #expect(second.errors.contains("the earlier run is now in"))
    }
  }

  @Test func `init writes what NumPy reads`() throws {
    try withTemporaryFolder { folder in
      let outcome = try zerolab(
        ["init", "--init", "ZerO", "--shape", "3x2", "--out", "w.npy"], in: folder)
      #expect(outcome.code == 0 && outcome.output == "w.npy: ZerO, 3x2\n")
      let again = try zerolab(
        ["init", "--init", "ZerO", "--shape", "3x2", "--out", "w.npy"], in: folder)
      #expect(again.code == 0 && again.output == "w.npy, replaced: ZerO, 3x2\n")
      let data = try Data(contentsOf: folder.appendingPathComponent("w.npy"))
      let expected: [Float] = [0.5, 0.5, 0.5, -0.5, 0.5, 0.5]
      let bytes = expected.flatMap { value in
        (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 0xff) }
      }
      #expect(Array(data.dropFirst(128)) == bytes && data.prefix(6) == [0x93] + Data("NUMPY".utf8))
    }
  }

  @Test func `init writes a convolution's kernel, the matrix in its center`() throws {
    try withTemporaryFolder { folder in
      for name in ["k.npy", "k.safetensors"] {
        let outcome = try zerolab(
          ["init", "--init", "ZerO", "--shape", "3x2x1x3", "--out", name], in: folder)
        #expect(outcome.code == 0 && outcome.output == "\(name): ZerO, 3x2x1x3\n")
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        let matrix: [Float] = [0.5, 0.5, 0.5, -0.5, 0.5, 0.5]
        let bytes = matrix.flatMap { [0, $0, 0] }.flatMap { value in
          (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 0xff) }
        }
        #expect(Array(data.suffix(72)) == bytes)
        let shape = name == "k.npy" ? "'shape': (3, 2, 1, 3)" : #""shape":[3,2,1,3]"#
        #expect(String(decoding: data.prefix(128), as: UTF8.self).contains(shape))
      }
    }
  }

  #if os(Linux)
    /// The exit code and errors of the program, started by a shell that first does something.
    private func shell(_ command: String) throws -> (code: Int32, errors: String) {
      let process = Process()
      let errors = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", command, Bundle.main.bundleURL.appendingPathComponent("zerolab").path,
      ]
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }

    /// `list` fits into a buffer, the dump doesn't; the number of a closed output is not reused for
    /// a file.
    @Test(arguments: [
      "list >/dev/full", "--experimental-dump-help >/dev/full", "--version >/dev/full", "list >&-",
      "ceiling --init Zeros --width 4 --json >/dev/full",
    ])
    func `output that can't be written has its exit code`(command: String) throws {
      let outcome = try shell("exec \"$0\" \(command)")
      #expect(outcome.code == 74)
      #expect(
        outcome.errors
          == "zerolab: standard output can't be written; check the free space, or the program that reads the output\n"
      )
    }

    @Test(arguments: [
      ("-n 12", "the limit on open files is 12 (ulimit -n); raise it to "),
      ("-v 300000", "the limit on address space is 300000 kB (ulimit -v); raise it to "),
    ])
    func `a limit that is too low is named`(limit: String, message: String) throws {
      // The hard limit too, so it can't be raised.
      let outcome = try shell("ulimit \(limit) && exec \"$0\" list")
      #expect(outcome.code == 71)
      #expect(outcome.errors.hasPrefix("zerolab: \(message)"), "\(outcome.errors)")
    }

    @Test func `a network that a limit on memory doesn't hold is refused`() throws {
      let outcome = try shell(
        "ulimit -v 2000000 && exec \"$0\" train --init Random --width 9000 --out /dev/null/none")
      #expect(outcome.code == 71)
      #expect(
        outcome.errors.contains("zerolab: training with n_h = 9000 and depth 1 needs about "),
        "\(outcome.errors)")
    }

    @Test func `a file that reaches the limit on its size is an error, and leaves nothing`() throws
    {
      try withTemporaryFolder { folder in
        let outcome = try shell(
          // Who starts the tests may ignore the signal already.
          "cd '\(folder.path)' && ulimit -f 4 && exec env --default-signal=XFSZ \"$0\" "
            + "init --init ZerO --shape 256x256 --out w.npy"
        )
        #expect(outcome.code == 73)
        #expect(
          outcome.errors.contains("w.npy: can't be written (File too large)"), "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      }
    }

    @Test func `training goes on when its reader has gone, and says so at the end`() throws {
      try withImages { folder in
        let outcome = try shell(
          "cd '\(folder.path)' && { \"$0\" train --init ZerO --width 8 --data images --batch-size 20 --epochs 30 "
            + "--log-interval 1 --name r --out o; echo $? >code; } | head -1 >/dev/null")
        #expect(outcome.errors.contains("standard output can't be written"))
        let code = try String(
          contentsOf: folder.appendingPathComponent("code"), encoding: .utf8)
        #expect(code == "74\n")
        let status = try String(
          contentsOf: folder.appendingPathComponent("o/r/status.json"), encoding: .utf8)
        #expect(status.contains("\"done\""))
      }
    }

    @Test func `a soft limit is raised`() throws {
      let outcome = try shell("ulimit -S -n 12 && exec \"$0\" --version >/dev/null")
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
    }

    @Test func `an error that can't be written has its exit code all the same`() throws {
      #expect(try shell("exec \"$0\" run nosuchthing 2>/dev/full").code == 64)
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
      (["train", "--init", "Zero"], 64, "unknown initializer 'Zero': did you mean 'ZerO'?"),
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
      (["train", "--init", "ZerO", "--data", "."], 65, "contains no data set"),
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
        "Spray is undefined for a weight of 3x1"
      ),
      (
        ["init", "--init", "ZerO", "--shape", "3", "--out", "w.npy"], 64,
        "'3' is not a shape; give 2 to 5 dimensions"
      ),
      (
        ["init", "--init", "ZerO", "--shape", "3x2x1x1x1x1", "--out", "w.npy"], 64,
        "'3x2x1x1x1x1' is not a shape; give 2 to 5 dimensions"
      ),
      (
        ["init", "--init", "Sinusoidal", "--shape", "2x2x3x3", "--out", "w.npy"], 64,
        "Sinusoidal is undefined for a weight of 2x2"
      ),
      (
        [
          "train", "--init", "Sinusoidal", "--width", "2", "--data", "images", "--batch-size", "9",
        ], 64, "Sinusoidal is undefined for a weight of 2x2"
      ),
      (
        ["init", "--init", "ZerO", "--shape", "3x2", "--out", "w.txt"], 64,
        "its extension must be .npy or .safetensors"
      ),
      (["train", "--init", "ZerO", "--bias", "0.1", "--no-bias"], 64, "cannot be combined"),
      (
        ["init", "--init", "Random", "--shape", "3x2", "--seed", "-1", "--out", "w.npy"], 64,
        "'-1' is invalid for '--seed <seed>': it must be 0 to 18446744073709551615"
      ),
      (["train", "--init", "ZerO", "--seed", "-1"], 64, "it must be 0 to"),
      (["train", "--init", "ZerO", "--model-seed", "x"], 64, "it must be 0 to"),
      (["train", "--init", "ZerO", "--nesterov"], 64, "nesterov is true, but momentum is 0; set"),
      (
        ["train", "--init", "ZerO", "--optimizer", "adam", "--momentum", "0.9"], 64,
        "momentum is 0.9, but optimizer adam has no such setting; use optimizer sgd"
      ),
      (
        ["train", "--init", "ZerO", "--weight-decay", "-1"], 64,
        "weight_decay is -1.0; it must be a finite number in single precision, 0 or more"
      ),
      (["train", "--init", "ZerO", "--clip", "0"], 64, "clip is 0.0, but then no update changes"),
      (["train", "--init", "ZerO", "--label-smoothing", "2"], 64, "label_smoothing is 2.0"),
      (
        ["train", "--init", "ZerO", "--data", "images", "--batch-size", "20", "--warmup", "9"], 64,
        "warmup is 9, but the run has 5 updates; use fewer than these"
      ),
      (["train", "--init", "ZerO", "--optimizer", "adm"], 64, "'adm': did you mean 'adam'?"),
      (["train", "--init", "ZerO", "--model", "mpl"], 64, "'mpl': did you mean 'mlp'?"),
      (["train", "--init", "ZerO", "--activation", "gleu"], 64, "'--activation <activation>'"),
      (
        ["train", "--init", "ZerO", "--norm", "batch"], 64,
        "model mlp has no norm batch; use none or layer"
      ),
      (
        ["train", "--init", "ZerO", "--classes", "3", "--classes", "12"], 65, "class 12 is selected"
      ),
      (
        ["train", "--init", "ZerO", "--model", "resnet", "--blocks", "1", "--blocks", "x"], 64,
        "list of whole numbers"
      ),
      (
        ["train", "--init", "ZerO", "--model", "resnet", "--blocks", "1,1"], 64,
        "--blocks is 1,1, but an option takes one value; repeat the option: --blocks 1 --blocks 1"
      ),
      (
        ["train", "--init", "ZerO", "--tensor", "l[2,3].wieght"], 64, "matches no weight"
      ),
      (
        ["train", "--init", "ZerO", "--measure", "rank", "--measure", "rank"], 64,
        "quantities: 'rank' is listed twice; remove one"
      ),
      (
        ["train", "--init", "ZerO", "--data", "images", "--train-images", "97"], 65,
        "train_images is 97, but there are only 96"
      ),
      (
        ["train", "--init", "ZerO", "--norm", "layer", "--width", "1"], 64,
        "norm layer of a layer of 1 unit keeps at most its sign; use a larger width or no norm"
      ),
      (
        ["train", "--init", "ZerO", "--residual", "--depth", "3"], 64,
        "depth is 3, but a residual block has two square layers; use an even depth"
      ),
      (
        ["train", "--init", "ZerO", "--init-rule", "nonsense"], 64,
        "'nonsense', but a rule is PATTERN=INITIALIZER, such as '*.last.weight=Zeros'"
      ),
      (
        ["train", "--init", "ZerO", "--init-rule", "l9.weight=Zeros"], 64,
        "'l9.weight' matches no weight of the model; its weights are l1.weight, l2.weight"
      ),
      (
        ["train", "--init", "ZerO", "--init-rule", "l3.weight=Zeroes"], 64,
        "unknown initializer 'Zeroes': did you mean 'Zeros'?"
      ),
      (
        ["train", "--init", "ZerO", "--tensor", "nothing*"], 64,
        "'nothing*' matches no weight of the model; its weights are l1.weight, l2.weight"
      ),
      (
        [
          "train", "--init", "ZerO", "--data", "images", "--batch-size", "20", "--gamma", "1e30",
          "--step-size", "1", "--epochs", "9",
        ], 64,
        "the learning rate of update 44 is not a finite number in single precision; use a smaller"
      ),
      (
        [
          "train", "--init", "ZerO", "--symmetry", "reduced", "--optimizer", "adam",
          "--weight-decay", "0.1",
        ], 64, "use optimizer adamw, weight_decay 0 or symmetry dense"
      ),
      (["train", "--init", "ZerO", "--measure", "rnk"], 64, "did you mean 'rank'?"),
      (["train", "--init", "ZerO", "--name", "../up"], 64, "it must be a valid folder name"),
      (["run", "figure_3_lef"], 64, "did you mean 'figure_3_left'?"),
      (["run", "wrong.yaml"], 65, "wrong.yaml, line 2: unknown key 'rnus'; did you mean 'runs'?"),
      (["run", "figure_3_left", "--jobs", "0"], 64, "--jobs is 0; it must be at least 1"),
      (["watch", "images"], 65, "images: contains no runs; give the folder of a run"),
      (["watch", "nowhere"], 65, "nowhere: no such folder"),
      (["data", "fetch", "minst"], 64, "did you mean 'mnist'?"),
      (
        ["data", "fetch", "mnist", "--from", "nowhere", "--out", "d"], 74,
        "no mirror delivered the file"
      ),
    ] as [([String], Int32, String)])
  func `bad input ends in one clear line and the right exit code`(
    arguments: [String], code: Int32, message: String
  ) throws {
    try withImages { folder in
      try Data("name: wrong\nrnus: []\n".utf8).write(
        to: folder.appendingPathComponent("wrong.yaml"))
      try expectOneLine(of: arguments, code: code, message, in: folder)
    }
  }

  @Test func `train measures all quantities of the change on request`() throws {
    try withImages { folder in
      func run(_ name: String, _ options: [String]) throws -> String {
        let outcome = try zerolab(
          [
            "train", "--init", "ZerO", "--width", "16", "--data", "images", "--batch-size", "20",
            "--name", name, "--out", "runs",
          ] + options, in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return outcome.output
      }
      func rows(_ name: String) throws -> [[String: Any]] {
        try String(
          contentsOf: folder.appendingPathComponent("runs/\(name)/metrics.jsonl"), encoding: .utf8
        ).split(separator: "\n").compactMap {
          try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
      }
      let printed = try run("all", ["--measure", "quantities"])
      #expect(printed.contains("\nenergy_rank_90_from_start of l3.weight after 5 updates: "))
      let last = try #require(try rows("all").last { $0["kind"] as? String == "train" })
      let effective = try #require(last["effective_rank_from_start"] as? [String: Double])
      let rank = try #require(last["rank_from_start"] as? [String: Double])
      #expect(effective.keys.sorted() == ["l3.weight"])
      #expect(try #require(effective["l3.weight"]) > 1)
      #expect(try #require(effective["l3.weight"]) < #require(rank["l3.weight"]))
      // Nothing of it is in a run that does not ask for it.
      _ = try run("plain", [])
      #expect(try rows("plain").allSatisfy { $0["effective_rank_from_start"] == nil })
      let report = try zerolab(["report", "runs"], in: folder)
      #expect(report.code == 0, "\(report.errors)")
    }
  }
}
