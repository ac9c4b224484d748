// The order of a run's checkpoints, from the names of its files alone.

import Testing

@testable import ZerOSeries

@Suite struct OrderedModelsTests {
  /// A run's folder, the order of its checkpoints, and the number of notes on files passed over.
  struct Run: Sendable {
    let files: [String]
    let order: [(path: String, step: Int)]
    let noteCount: Int

    init(_ files: [String], _ order: [(String, Int)], notes: Int = 0) {
      (self.files, noteCount) = (files, notes)
      self.order = order.map { (path: $0.0, step: $0.1) }
    }
  }

  private func order(
    _ files: [String], steps: [Int]? = nil, inside: [String: NamedStep] = [:]
  ) throws(SeriesError) -> OrderedModels {
    try OrderedModels(
      FoundModels(files: files), steps: steps, isSearch: true, path: "RUN",
      stepInside: { inside[$0] })
  }

  static let runs = [
    // The order of a shell: 0, 1000, 10000, 1500, 500.
    Run(
      ["step0.pt", "step1000.pt", "step10000.pt", "step1500.pt", "step500.pt"],
      [
        ("step0.pt", 0), ("step500.pt", 500), ("step1000.pt", 1000), ("step1500.pt", 1500),
        ("step10000.pt", 10000),
      ]),
    // Hugging Face Trainer, with the last model in the run's folder.
    Run(
      [
        "model.safetensors", "config.json", "training_args.bin",
        "checkpoint-500/model.safetensors", "checkpoint-500/optimizer.pt",
        "checkpoint-500/scheduler.pt", "checkpoint-500/rng_state.pth",
        "checkpoint-500/trainer_state.json", "checkpoint-500/training_args.bin",
        "checkpoint-1000/model.safetensors", "checkpoint-1000/optimizer.pt",
      ],
      [("checkpoint-500/model.safetensors", 500), ("checkpoint-1000/model.safetensors", 1000)],
      notes: 2),
    // An index stands for its shards, and safetensors are preferred.
    Run(
      [
        "checkpoint-5/model.safetensors.index.json",
        "checkpoint-5/model-00001-of-00002.safetensors",
        "checkpoint-5/model-00002-of-00002.safetensors", "checkpoint-5/pytorch_model.bin",
        "checkpoint-10/pytorch_model.bin.index.json",
        "checkpoint-10/pytorch_model-00001-of-00001.bin",
      ],
      [
        ("checkpoint-5/model.safetensors.index.json", 5),
        ("checkpoint-10/pytorch_model.bin.index.json", 10),
      ], notes: 1),
    // Lightning, with a copy of the last checkpoint.
    Run(
      ["epoch=0-step=10.ckpt", "epoch=1-step=20.ckpt", "last.ckpt", "hparams.yaml"],
      [("epoch=0-step=10.ckpt", 10), ("epoch=1-step=20.ckpt", 20)], notes: 1),
    // nanochat; guided-diffusion with averages and optimizer states.
    Run(
      ["model_000500.pt", "optim_000500.pt", "meta_000500.json", "model_001000.pt"],
      [("model_000500.pt", 500), ("model_001000.pt", 1000)], notes: 1),
    Run(
      ["model000100.pt", "opt000100.pt", "ema_0.9999_000100.pt", "model000200.pt"],
      [("model000100.pt", 100), ("model000200.pt", 200)], notes: 2),
    // MLX-LM.
    Run(
      ["adapters.safetensors", "0000200_adapters.safetensors", "0000100_adapters.safetensors"],
      [("0000100_adapters.safetensors", 100), ("0000200_adapters.safetensors", 200)], notes: 1),
    // torchtune.
    Run(
      ["epoch_0/a.safetensors", "epoch_1/a.safetensors", "recipe_state/recipe_state.pt"],
      [("epoch_0/a.safetensors", 0), ("epoch_1/a.safetensors", 1)], notes: 1),
    // OLMo; MultiBERTs.
    Run(
      ["step1000/model.pt", "step1000/optim.pt", "step1000/train.pt", "step20-tokens1B/model.pt"],
      [("step20-tokens1B/model.pt", 20), ("step1000/model.pt", 1000)], notes: 1),
    Run(
      ["seed_0-step_0k/m.npz", "seed_0-step_20k/m.npz", "seed_0-step_2000k/m.npz"],
      [
        ("seed_0-step_0k/m.npz", 0), ("seed_0-step_20k/m.npz", 20000),
        ("seed_0-step_2000k/m.npz", 2_000_000),
      ]),
    // PyTorch's distributed checkpoints: the folder is the checkpoint.
    Run(
      ["step_20/.metadata", "step_20/__0_0.distcp", "step_3/.metadata", "step_3/__0_0.distcp"],
      [("step_3", 3), ("step_20", 20)]),
    // Mixed names, the model before training, arrays, hidden and other files.
    Run(
      ["init.safetensors", "step_5.pt", "checkpoint-7.pth", "losses.npy", ".hidden.pt", "log.txt"],
      [("init.safetensors", 0), ("step_5.pt", 5), ("checkpoint-7.pth", 7)], notes: 1),
    // A copy with a step of its own is a checkpoint.
    Run(
      ["best-step=5.ckpt", "step=5.ckpt", "best-step=9.ckpt"],
      [("step=5.ckpt", 5), ("best-step=9.ckpt", 9)], notes: 1),
    Run(["best-5.pt", "best-9.pt"], [("best-5.pt", 5), ("best-9.pt", 9)]),
  ]

  @Test(arguments: runs.indices)
  func `the checkpoints of a run are in order`(_ index: Int) throws {
    let run = Self.runs[index]
    for files in [run.files, run.files.reversed()] {
      let models = try order(files)
      #expect(models.models.map(\.path) == run.order.map(\.path))
      #expect(models.models.map(\.step) == run.order.map(\.step))
      #expect(models.notes.count == run.noteCount, "\(models.notes)")
    }
  }

  @Test func `files passed over are named with their reason`() throws {
    let models = try order([
      "step1.pt", "step1.safetensors", "optimizer.pt", "latest.pt", "losses.npy", "model.pt",
    ])
    #expect(
      models.notes == [
        "passed over, other states of the training: optimizer.pt",
        "passed over, arrays beside the checkpoints: losses.npy",
        "passed over, the same checkpoint in another format: step1.pt",
        "passed over, copies of checkpoints: latest.pt",
        "passed over, the model at the end of the run: model.pt",
      ])
    #expect(models.models.map(\.path) == ["step1.safetensors"])
  }

  @Test func `the contents tell a step that the name doesn't`() throws {
    let inside = [
      "a/ckpt.pt": NamedStep(number: 200, unit: .step),
      "b/ckpt.pt": NamedStep(number: 50, unit: .step),
    ]
    let models = try order(["a/ckpt.pt", "b/ckpt.pt"], inside: inside)
    #expect(models.models.map(\.path) == ["b/ckpt.pt", "a/ckpt.pt"])
    #expect(models.models.map(\.step) == [50, 200])
  }

  @Test func `stated steps are in the order of the names, with numbers in numeric order`() throws {
    let models = try order(["b10.pt", "b9.pt", "a.pt", "last.pt"], steps: [30, 20, 10])
    #expect(models.models.map(\.path) == ["b10.pt", "b9.pt", "a.pt"])
    #expect(models.models.map(\.step) == [10, 20, 30])
    #expect(throws: SeriesError.wrongStepCount(given: 2, all: ["a.pt", "b9.pt", "b10.pt"])) {
      try order(["b10.pt", "b9.pt", "a.pt"], steps: [1, 2])
    }
    #expect(throws: SeriesError.repeatedStep(7)) { try order(["a.pt", "b.pt"], steps: [7, 7]) }
  }

  @Test func `unclear series are errors that name the files`() {
    #expect(throws: SeriesError.unclearSteps(unclear: ["a.pt"], all: ["a.pt", "step1.pt"])) {
      try order(["step1.pt", "a.pt"])
    }
    #expect(throws: SeriesError.sameStep(step: 5, first: "a/step5.pt", second: "b/step_5.pt")) {
      try order(["b/step_5.pt", "a/step5.pt"])
    }
    #expect(throws: SeriesError.mixedUnits(step: "step5.pt", epoch: "epoch1.pt")) {
      try order(["epoch1.pt", "step5.pt"])
    }
    #expect(throws: SeriesError.noCheckpoints(path: "RUN")) { try order(["readme.txt", "rng.pt"]) }
    #expect(throws: SeriesError.noCheckpoints(path: "RUN")) { try order([]) }
  }

  @Test func `each error names its fix`() {
    let selection = StepSelection("1-2")
    let errors: [SeriesError] =
      [
        .noCheckpoints(path: "RUN"), .unclearSteps(unclear: ["a"], all: ["a", "b"]),
        .sameStep(step: 1, first: "a", second: "b"), .mixedUnits(step: "a", epoch: "b"),
        .wrongStepCount(given: 1, all: ["a", "b"]), .repeatedStep(1),
        .otherSettings(path: "o", setting: "minus", stored: "first", current: "W"),
        .lostStart(path: "o", checkpoint: "a"), .malformedStore(path: "o", line: 3, reason: "r"),
        .unreadable(path: "o", reason: "r"),
        .unwritable(path: "o", reason: "r"),
      ] + (selection.map { [.noSelectedStep(selection: $0, steps: [5])] } ?? [])
    #expect(errors.count == 12)
    for error in errors {
      #expect(!error.description.contains("\n"))
      #expect(["give", "delete", "selects none", "check"].contains { "\(error)".contains($0) })
    }
  }
}
