// Nested dictionaries: which tensors of a file are the model.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct ModelChoiceTests {
  private let weight = PickledValue.tensor("0", [2, 2])
  private let bias = PickledValue.tensor("1", [2])

  private var state: PickledValue { .dictionary([("l1.weight", weight), ("l1.bias", bias)]) }

  private var optimizer: PickledValue {
    .dictionary([
      ("state", .dictionary([("0", .dictionary([("exp_avg", weight)]))])),
      ("param_groups", .list([.dictionary([("lr", .real(0.1))])])),
    ])
  }

  /// Opens a file with a value.
  private func open(_ value: PickledValue, key: String? = nil) throws -> TensorArchive {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let zip = ZipBuilder(
        pickle: value.pickle,
        storages: [("0", bytes(of: [1, 2, 3, 4])), ("1", bytes(of: [5, 6]))])
      try Data(zip.bytes).write(to: url)
      return try TensorArchive(url.path, key: key)
    }
  }

  private func names(_ value: PickledValue, key: String? = nil) throws -> [String] {
    try open(value, key: key).tensors.map(\.name)
  }

  @Test(arguments: [
    "state_dict", "model_state_dict", "model_state", "model", "module", "net", "params",
  ])
  func `the model is found under its usual keys`(key: String) throws {
    let archive = try open(
      .dictionary([
        ("epoch", 3), (key, state), ("opt", optimizer), ("other", .dictionary([("w", weight)])),
      ]))
    #expect(archive.tensors.map(\.name) == ["l1.weight", "l1.bias"])
    #expect(archive.scalars == ["epoch": 3])
    #expect(
      archive.notes.last
        == "passed over: 'opt' (1 tensor, an optimizer), 'other' (1 tensor), 'epoch' = 3")
  }

  @Test func `keys inside keys are followed, but not into the model`() throws {
    #expect(
      try names(.dictionary([("model", .dictionary([("state_dict", state)]))])) == [
        "l1.weight", "l1.bias",
      ])
    let parts = PickledValue.dictionary([
      ("encoder", .dictionary([("w", weight)])), ("decoder", .dictionary([("w", weight)])),
    ])
    #expect(try names(parts) == ["encoder.w", "decoder.w"])
    #expect(try names(.dictionary([("model", parts)])) == ["encoder.w", "decoder.w"])
    // A state dictionary whose names begin with a usual key.
    #expect(
      try names(.dictionary([("model.w", weight), ("lm_head.w", weight)])) == [
        "model.w", "lm_head.w",
      ])
  }

  @Test func `averaged weights are named, and chosen with a key`() throws {
    let value = PickledValue.dictionary([
      ("model", state), ("step", 7), ("model_ema", .dictionary([("w", bias)])),
    ])
    #expect(
      try open(value).notes.last
        == "passed over: 'model_ema' (1 tensor, averaged weights: --key model_ema), 'step' = 7")
    let average = try open(value, key: "model_ema")
    #expect(average.tensors.map(\.name) == ["w"])
    #expect(average.notes.first == "read from 'model_ema'")
    #expect(average.scalars == ["step": 7])
  }

  @Test func `the error for an unknown key lists the keys`() throws {
    #expect {
      _ = try open(.dictionary([("model", state), ("ema", state)]), key: "mdl")
    } throws: {
      ($0 as? TensorFileError)?.description
        .hasSuffix("has no dictionary of tensors 'mdl'; give --key one of: model, ema") == true
    }
  }

  @Test func `a key needs a file of nested dictionaries`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      try Data(Safetensors.encode([])).write(to: url)
      #expect {
        _ = try TensorArchive(url.path, key: "model")
      } throws: {
        ($0 as? TensorFileError)?.description.hasSuffix("'model'; omit --key") == true
      }
    }
  }

  @Test func `a file without a model is refused`() throws {
    func expectRefusal(_ value: PickledValue, _ reason: String) {
      #expect {
        _ = try open(value)
      } throws: {
        ($0 as? TensorFileError)?.description.contains(reason) == true
      }
    }
    expectRefusal(
      optimizer, "contains an optimizer and no model; choose other tensors with --key: state")
    expectRefusal(.dictionary([("epoch", 3)]), "contains no tensors")
    expectRefusal(.none, "contains no tensors")
    expectRefusal(
      .dictionary([("a.b", weight), ("a", .dictionary([("b", weight)]))]), "'a.b' occurs twice")
  }

  @Test func `a tensor, a list and a repeated key`() throws {
    #expect(try names(weight) == ["m"])
    #expect(try names(.list([weight, bias])) == ["0", "1"])
    let repeated = try open(.dictionary([("w", weight), ("w", bias)]))
    #expect(try repeated.tensors.map { try $0.named().values } == [[5, 6]])
  }

  @Test func `integers in tensors of one value count as scalars`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.pt")
      let value = PickledValue.dictionary([
        ("model", .dictionary([("w", .tensor("0", [2]))])),
        ("global_step", .tensor(.storage("1", "Long", count: 1), [])),
        ("wrong", .real(2)), ("small", -3),
      ])
      let zip = ZipBuilder(
        pickle: value.pickle, storages: [("0", bytes(of: [1, 2])), ("1", littleEndian(-40, 8))])
      try Data(zip.bytes).write(to: url)
      #expect(try TensorArchive(url.path).scalars == ["global_step": -40, "small": -3])
    }
  }
}
