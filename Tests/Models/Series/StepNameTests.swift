// The step that a name tells: every naming scheme, and names that tell none.

import Testing

@testable import ZerOSeries

@Suite struct StepNameTests {
  /// A path whose own name tells its step.
  struct Named: Sendable {
    let path: String
    let step: Int
    let unit: StepUnit

    init(_ path: String, _ step: Int, _ unit: StepUnit = .step) {
      (self.path, self.step, self.unit) = (path, step, unit)
    }
  }

  static func steps(_ paths: [String]) -> [NamedStep?] {
    StepNames.steps(of: paths.map { ModelFile($0)?.parts ?? [$0] })
  }

  @Test(arguments: [
    // Hugging Face Trainer, Accelerate
    Named("checkpoint-500/model.safetensors", 500),
    Named("checkpoint-500/pytorch_model.bin", 500),
    Named("checkpoint-500/model.safetensors.index.json", 500),
    Named("checkpoint_3/model.safetensors", 3),
    // Lightning
    Named("epoch=0-step=10.ckpt", 10),
    Named("lightning_logs/version_2/checkpoints/epoch=3-step=1200.ckpt", 1200),
    Named("epoch=07-val_loss=0.34.ckpt", 7, .epoch),
    // nanochat, modded-nanogpt, guided-diffusion
    Named("model_000500.pt", 500),
    Named("state_step000500.pt", 500),
    Named("model010000.pt", 10000),
    // torchtune, MLX-LM, Keras
    Named("epoch_2/model.safetensors.index.json", 2, .epoch),
    Named("0000100_adapters.safetensors", 100),
    Named("weights.05-0.34.npz", 5, .epoch),
    // Orbax, Megatron, DeepSpeed
    Named("500/model.safetensors", 500),
    Named("iter_0000500/mp_rank_00/model_optim_rng.pt", 500),
    Named("global_step500/mp_rank_00_model_states.pt", 500),
    // Pythia, OLMo, MultiBERTs
    Named("step1000/model.safetensors", 1000),
    Named("step1000-tokens4B/model.safetensors", 1000),
    Named("stage1-step1000-tokens4B/model.safetensors", 1000),
    Named("seed_0-step_20k/model.safetensors", 20000),
    // Other spellings
    Named("STEP_12.pt", 12), Named("globalstep7.pt", 7), Named("epoch_1_globaliter_100.pt", 100),
    Named("maxiter_500_iter_20.pt", 20), Named("ckpt-40.pth", 40),
    Named("it0100.pth.tar", 100), Named("net_iteration_5.pt", 5), Named("500steps.pt", 500),
    Named("model-500.safetensors", 500), Named("ep03.pt", 3, .epoch),
    Named("step_100/epoch_2.pt", 100), Named("checkpoint_epoch_3_step_500.pt", 500),
    Named("resnet50_step_20.pt", 20), Named("gpt-124M-step10.pt", 10),
    Named("step500.distcp/.metadata", 500), Named("seed-1/step-0.pt", 0),
  ])
  func `a name tells its step`(_ named: Named) {
    #expect(
      Self.steps([named.path]) == [NamedStep(number: named.step, unit: named.unit)],
      "\(named.path)")
  }

  @Test(arguments: [
    "ckpt.pt", "model.safetensors", "latest.pt", "seed_3/model.pt", "resnet50.pth", "gpt2.pt",
    "llama-7b/model.safetensors", "gpt-124M.pt", "val_loss=0.34.ckpt", "2024-01-05/ckpt.pt",
    "model-00001-of-00002/a.pt", "rank_3.pt", "step.pt", "step_99999999999999999999.pt",
    "tokens4B.pt", "version_2/last.ckpt", "bf16/model.pt", "exp3b.pt",
  ])
  func `other numbers are no steps`(_ path: String) {
    #expect(Self.steps([path]) == [nil], "\(path)")
  }

  @Test func `of several numbers, the one that differs is the step`() {
    func numbers(_ paths: [String]) -> [Int?] { Self.steps(paths).map { $0?.number } }
    // A word that ends in `iter` by chance names no step.
    #expect(numbers(["writer_3_step_10.pt", "writer_3_20.pt", "writer_3_30.pt"]) == [10, 20, 30])
    #expect(numbers(["resnet50_100.pt", "resnet50_200.pt"]) == [100, 200])
    #expect(numbers(["resnet100.pt", "resnet200.pt"]) == [100, 200])
    #expect(numbers(["3/100.pt", "3/200.pt"]) == [100, 200])
    #expect(numbers(["100/part 3.pt", "200/part 3.pt"]) == [100, 200])
    #expect(numbers(["100/consolidated.00.pth", "200/consolidated.00.pth"]) == [100, 200])
    #expect(numbers(["net_5_1.pt", "net_6_#.pt"]) == [nil, 6])
    // Nothing tells which of two numbers is the step.
    #expect(numbers(["3-100.pt", "4-200.pt"]) == [nil, nil])
    #expect(numbers(["3-100.pt"]) == [nil])
  }

  @Test func `a number too large for a thousandfold is no step`() {
    #expect(Self.steps(["step_9223372036854775k.pt"]) != [nil])
    #expect(Self.steps(["step_9223372036854776k.pt"]) == [nil])
  }

  @Test func `selections are numbers and ranges`() throws {
    let selection = try #require(StepSelection("0,1000,2k-8000"))
    #expect(selection.ranges == [0...0, 1000...1000, 2000...8000])
    #expect(selection.description == "0,1000,2000-8000")
    #expect(
      [0, 1, 1000, 1999, 2000, 8000, 8001].map(selection.contains) == [
        true, false, true, false, true, true, false,
      ])
    #expect(StepSelection("0-9223372036854775807")?.description == "0-9223372036854775807")
    for text in ["", ",", "1,", "a", "3-2", "-1", "1-2-3", "1.5", "k", "9223372036854775808"] {
      #expect(StepSelection(text) == nil, "\(text)")
    }
  }
}
