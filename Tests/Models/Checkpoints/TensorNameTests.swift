// Information in tensor names.

import Testing
import ZerOCheckpoints

@Suite struct TensorNameTests {
  @Test(arguments: [
    ("l1.weight", "l1.weight", []), ("_orig_mod.l1.weight", "l1.weight", ["_orig_mod."]),
    ("module._orig_mod.module.l1.weight", "l1.weight", ["_orig_mod.", "module.", "module."]),
    ("base_model.model.a.w", "a.w", ["base_model.model."]),
    ("net._fsdp_wrapped_module.0.w", "net.0.w", ["_fsdp_wrapped_module."]),
    // A module inside the network may have such a name.
    ("net.module.w", "net.module.w", []), ("modules.w", "modules.w", []),
    ("conv2d/kernel:0", "conv2d/kernel", [":0"]), ("a:b", "a:b", []),
    ("layer/w/.ATTRIBUTES/VARIABLE_VALUE", "layer/w", ["/.ATTRIBUTES/VARIABLE_VALUE"]),
    ("_orig_mod", "_orig_mod", []), (":0", ":0", []),
    ("", "", []),
  ])
  func `a plain name has no affixes`(name: String, plain: String, affixes: [String]) {
    #expect(TensorName(name).plain == plain && TensorName(name).affixes == affixes)
  }

  @Test func `a name has parts and siblings`() {
    #expect(TensorName("module.a/b.kernel:0").parts == ["a", "b", "kernel"])
    #expect(TensorName("module.a/b.kernel:0").sibling("bias") == "a/b.bias")
    #expect(TensorName("weight").sibling("bias") == "bias")
    let kernels = ["kernel", "a/kernel:0", "a/depthwise_kernel", "b.kernel", "kernels", "kernel.a"]
    #expect(kernels.map { TensorName($0).isKernel } == [true, true, true, true, false, false])
  }

  @Test(arguments: [
    ("l1.weight", "l1.bias"), ("a.in_proj_weight", "a.in_proj_bias"), ("a/w", "a/b"),
    ("a/kernel", "a/bias"), ("up.weight_v", "up.bias"),
    ("up.parametrizations.weight.original1", "up.bias"), ("l1.bias", nil), ("c.weight", nil),
    ("a.depthwise_kernel", "a.bias"), ("s.depthwise_kernel", nil),
    ("s.pointwise_kernel", "s.bias"),
  ])
  func `the name of a bias follows from its weight's name`(name: String, bias: String?) throws {
    let names = [
      "l1.bias", "a.in_proj_bias", "a.bias", "a/b", "a/bias", "up.bias", "s.bias",
      "s.pointwise_kernel",
    ]
    let tensors = try SafetensorsFile(
      try Safetensors.encode(names.map { NamedTensor(name: $0, vector: [1]) }), path: "m"
    ).tensors
    #expect(
      TensorName(name).bias { name in tensors.first { $0.name == name } }?.name == bias)
  }

  @Test(arguments: [
    ("model.layers.0.mlp.experts.gate_up_proj", true),
    ("model.layers.10.block_sparse_moe.input_linear.weight", true),
    ("layers_0/moe/experts/wi", true), ("layers.3.experts.w1", true),
    ("layers.3.experts.7.w1.weight", false), ("layers.3/expert_7/kernel", false),
    ("experts.conv.weight", false), ("layers.3.mlp.w1", false),
  ])
  func `stacked experts are told from single experts by name`(name: String, isStack: Bool) {
    #expect(TensorName(name).isOfStackedExperts == isStack)
  }

  @Test func `the initialization record is read from a file's metadata`() throws {
    let record = InitializationRecord(
      initializer: "ZerO", rules: "gpt2", seed: "18446744073709551615",
      treatments: ["a.weight": "zeros", "b.weight": "identity | zeros | zeros"])
    let metadata = [InitializationRecord.metadataKey: try record.text()]
    #expect(InitializationRecord(metadata: metadata) == record)
    #expect(try record.text().contains("layout") == false, "as older versions wrote it")
    for text in ["", "{}", "[1]"] {
      #expect(InitializationRecord(metadata: [InitializationRecord.metadataKey: text]) == nil)
    }
    #expect(InitializationRecord(metadata: [:]) == nil)
  }
}
