// zerolab test from the command line.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct TestCommandTests {
  private static let model = ["--model", "resnet", "--blocks", "1", "--widths", "8"]
  private static let data = ["--data", "images"]

  /// A folder with images and a trained model, `run/model.safetensors`, whose log is returned.
  private func withModel(_ body: (URL, String) throws -> Void) throws {
    try withImages { folder in
      let outcome = try zerolab(
        ["train", "--init", "Random", "--model-seed", "1", "--batch-size", "20", "--lr", "0.02"]
          + ["--save-model", "--no-measure", "--out", ".", "--name", "run"]
          + Self.model + Self.data, in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      try body(folder, outcome.output)
    }
  }

  private static let file = "run/model.safetensors"

  /// Writes changed tensors of the trained model as `changed.safetensors`.
  private func change(
    in folder: URL, _ change: (inout [NamedTensor]) throws -> Void
  ) throws {
    var tensors = try TensorArchive(folder.appendingPathComponent(Self.file).path).tensors.map {
      try $0.named()
    }
    try change(&tensors)
    try Data(Safetensors.encode(tensors)).write(
      to: folder.appendingPathComponent("changed.safetensors"))
  }

  @Test func `a saved model has the loss and accuracy of the last test pass`() throws {
    try withModel { folder, log in
      let outcome = try zerolab(
        ["test", Self.file, "--predictions", "out/p.csv", "--logits", "out/l.safetensors"]
          + Self.model + Self.data, in: folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("\nTest set: Average loss: "))
      #expect(log.contains(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      let rows = try String(
        contentsOf: folder.appendingPathComponent("out/p.csv"), encoding: .utf8
      ).split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows[0] == ["image", "label", "prediction"] && rows.count == 21)
      #expect(rows.dropFirst().enumerated().allSatisfy { Int($1[0]) == $0 && Int($1[1]) == $0 % 5 })
      let correct = rows.dropFirst().count { $0[1] == $0[2] }
      #expect(outcome.output.contains("Accuracy: \(correct)/20"))
      let logits = try #require(
        try TensorArchive(folder.appendingPathComponent("out/l.safetensors").path)["logits"])
      #expect(logits.shape == [20, 5])
      let values = try logits.named().values
      for (image, row) in rows.dropFirst().enumerated() {
        let scores = values[5 * image..<5 * image + 5]
        let best = scores.firstIndex(of: try #require(scores.max()))
        #expect(best.map { $0 - 5 * image } == Int(row[2]))
      }
    }
  }

  @Test func `without a data set the one that is used is named`() throws {
    try withModel { folder, _ in
      let outcome = try zerolab(["test", Self.file] + Self.model, in: folder)
      // The model has five classes, and MNIST ten.
      #expect(outcome.code == 65)
      #expect(
        outcome.errors.hasPrefix("The test images are those of mnist; give --data for others.\n"))
    }
  }

  @Test func `tensors that are missing, unexpected or of another shape are refused by name`() throws
  {
    try withModel { folder, _ in
      func expect(_ text: String) throws {
        let file = "changed.safetensors"
        let outcome = try zerolab(["test", file] + Self.model + Self.data, in: folder)
        #expect(outcome.code == 65 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("zerolab: \(file): "), "\(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
      }
      try change(in: folder) { $0.removeAll { $0.name == "fc.bias" } }
      try expect("'fc.bias' of the model is missing; give the settings")
      try change(in: folder) { $0.append(NamedTensor(name: "extra", vector: [1])) }
      try expect("'extra' is not in the model")
      try change(in: folder) { tensors in
        tensors = tensors.map {
          $0.name == "conv1.weight"
            ? NamedTensor(name: $0.name, shape: [8, 9], values: $0.values) : $0
        }
      }
      try expect("'conv1.weight' has the shape 8x9, but the model needs 8x1x3x3")
      try change(in: folder) { tensors in
        tensors = tensors.map {
          $0.name == "fc.bias"
            ? NamedTensor(name: $0.name, vector: [.nan, 0, 0, 0, 0]) : $0
        }
      }
      try expect("'fc.bias' contains NaN or infinities")
    }
  }

  @Test func `train uses a stated width and norm instead of the model's`() throws {
    try withImages { folder in
      let outcome = try zerolab(
        ["train", "--init", "ZerO", "--model", "resnet", "--blocks", "1", "--width", "8"]
          + ["--norm", "group", "--no-measure", "--out", ".", "--name", "run"] + Self.data,
        in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let plan = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: folder.appendingPathComponent("run/plan.json")))
          as? [String: Any])
      #expect(plan["norm"] as? String == "group" && plan["width"] as? Int == 8, "\(plan)")
    }
  }

  @Test func `the tensors of a file tell the model`() throws {
    try withModel { folder, _ in
      let stated = try zerolab(["test", Self.file] + Self.model + Self.data, in: folder)
      let found = try zerolab(["test", Self.file] + Self.data, in: folder)
      #expect(stated.code == 0 && found.code == 0 && stated.output == found.output)
    }
  }

  @Test func `another model's file, and settings of training, are refused`() throws {
    try withModel { folder, _ in
      let other = try zerolab(
        ["test", Self.file, "--model", "mlp", "--width", "8", "--data", "images"], in: folder)
      #expect(other.code == 65 && other.errors.contains("of the model are missing"))
      let norm = try zerolab(
        ["test", Self.file, "--norm", "none", "--bias", "none"] + Self.model + Self.data,
        in: folder)
      #expect(norm.code == 65 && norm.errors.contains("more tensors are not in the model"))
      let option = try zerolab(
        ["test", Self.file, "--momentum", "0.9"] + Self.model + Self.data, in: folder)
      #expect(option.code == 64 && option.errors.contains("--momentum"))
      let gone = try zerolab(["test", "gone.safetensors"] + Self.model + Self.data, in: folder)
      #expect(gone.code == 74 && gone.errors.contains("No such file"))
      let unwritable = try zerolab(
        ["test", Self.file, "--predictions", "run/plan.json/p.csv"] + Self.model + Self.data,
        in: folder)
      #expect(unwritable.code == 73, "\(unwritable.errors)")
    }
  }

  @Test func `the number of batches may be missing, and names may have prefixes of tools`() throws {
    try withModel { folder, _ in
      let whole = try zerolab(["test", Self.file] + Self.model + Self.data, in: folder)
      // The sizes are those of the file.
      let unsized = try zerolab(["test", Self.file, "--model", "resnet"] + Self.data, in: folder)
      #expect(unsized.code == 0 && unsized.output == whole.output, "\(unsized.errors)")
      try change(in: folder) { tensors in
        tensors = tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }.map {
          $0.renamed("module.\($0.name)")
        }
      }
      let outcome = try zerolab(
        ["test", "changed.safetensors"] + Self.model + Self.data, in: folder)
      #expect(outcome.code == 0 && outcome.output == whole.output, "\(outcome.errors)")
    }
  }
}
