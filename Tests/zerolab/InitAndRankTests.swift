// zerolab rank --minus INIT on files of init --like: the subtracted weights equal the written ones.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct InitAndRankTests {
  private func tensor(_ name: String, _ shape: [Int]) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape,
      values: ContiguousArray((0..<shape.reduce(1, *)).map { Float($0 * 7919 % 1009) / 1009 }))
  }

  /// Name, rank and min(m, n) that `rank --minus ZerO` finds in a new model, as safetensors and as a
  /// file of PyTorch.
  private func ranks(_ tensors: [NamedTensor], _ options: [String]) throws -> [String] {
    try withTemporaryFolder { folder in
      try Data(Safetensors.encode(tensors)).write(
        to: folder.appendingPathComponent("m.safetensors"))
      let ranks = try ["new.safetensors", "new.pt"].map { name in
        let made = try zerolab(
          ["init", "--like", "m.safetensors", "--init", "ZerO", "--out", name] + options,
          in: folder)
        #expect(made.code == 0, "\(made.errors)")
        return try self.ranks(of: name, in: folder)
      }
      #expect(ranks[0] == ranks[1])
      return ranks[0]
    }
  }

  private func ranks(of name: String, in folder: URL) throws -> [String] {
    let json = try zerolab(["rank", name, "--minus", "ZerO", "--json"], in: folder)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let found = try #require((object as? [String: Any])?["tensors"] as? [[String: Any]])
    return found.compactMap { tensor in
      guard let matrix = tensor["matrix"] as? [String: Any], let rank = matrix["rank"],
        let values = matrix["singular_values"] as? [Double]
      else { return nil }
      return "\(tensor["name"] ?? "") \(rank) of \(values.count)"
    }
  }

  @Test func `transposed convolutions are reproduced exactly`() throws {
    let weight = "up.parametrizations.weight.original"
    let tensors = [
      // Only the option shows that inputs come first.
      tensor("alone.weight", [4, 6, 3, 3]),
      // The bias shows it, for a weight with another name.
      tensor("up.bias", [6]), tensor(weight + "0", [4, 1, 1, 1]),
      tensor(weight + "1", [4, 6, 3, 3]),
      // The user states that it isn't one, although its bias suggests it.
      tensor("taps.bias", [6]), tensor("taps.weight", [4, 6, 3, 3]),
    ]
    #expect(
      try ranks(tensors, ["--transposed", "alone.weight", "--matrix", "taps.weight"]) == [
        "alone.weight 0 of 4", "taps.weight 0 of 4", "\(weight)1 0 of 4",
      ])
  }

  @Test func `weights with outputs last are reproduced from the record`() throws {
    let tensors = [
      tensor("attention/query/kernel", [8, 2, 4]), tensor("dense/kernel", [6, 4]),
      tensor("sep_conv/depthwise_kernel:0", [3, 3, 4, 1]),
    ]
    let options = ["--layout", "jax", "--matrix", "attention/query/kernel"]
    #expect(
      try ranks(tensors, options) == [
        "attention/query/kernel 0 of 8", "dense/kernel 0 of 4",
        "sep_conv/depthwise_kernel:0 0 of 3",
      ])
  }
}
