// zerolab test: the loss and accuracy of given weights on the test images.

import ArgumentParser
import Foundation
import ZerOCheckpoints
import ZerODatasets
import ZerOExecution
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerORecords
import ZerOTerminal
import ZerOTraining

/// The settings that a test pass depends on.
enum TestSettings: SettingSelection {
  static let settings = TrainingPlan.settings.filter { keys.contains($0.key) }

  static let storedKeys: Set = ["model", "width", "depth", "blocks", "widths"]

  /// The model, apart from its initial weights, and the images; the training images determine the normalization.
  private static let keys: Set = [
    "data", "classes", "train_images", "test_images", "normalize", "model", "width", "depth",
    "activation", "blocks", "widths", "norm", "residual", "bias", "test_batch_size",
  ]
}

struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Compute loss and accuracy of a trained network on test images.",
    discussion: """
      Loads weights from a file of 'zerolab train --save-model', or from a file of PyTorch with the same names, \
      into the model of the given settings; a model and sizes that are not given are those of the file. The file must contain \
      every tensor of the model, and nothing else. \
      Code in files of PyTorch is never run.
      """)

  @Argument(
    help: "Weights: a .safetensors file, a file of PyTorch (.pt, .pth, .bin, .ckpt), or a folder.",
    completion: .models)
  var file: String

  @OptionGroup var settings: SettingOptions<TestSettings>

  @Option(help: "Key of the model in a file of PyTorch, with dots between nested keys.")
  var key: String?

  @Option(
    help: "Write image, label and prediction of each test image to this CSV file.",
    completion: .file(extensions: ["csv"]))
  var predictions: String?

  @Option(
    help: "Write the tensor 'logits', images x classes, to this .safetensors file.",
    completion: .file(extensions: ["safetensors"]))
  var logits: String?

  @OptionGroup var jobs: JobOptions

  func run() async throws {
    let archive = try TensorArchive(file, key: key)
    let plan = try plan(for: archive)
    if !settings.contains("data") {
      standardError("The test images are those of \(plan.data); give --data for others.\n")
    }
    let data = try plan.selection(of: Dataset.load(plan.data))
    let graph = try plan.model(for: data).graph
    // The parameters, and the buffers of a file.
    try Memory.check(8 * graph.parameterCount, for: "the network")
    try Memory.check(
      4 * graph.storedFeatures * Double(graph.testBatchSize(atMost: plan.testBatchSize)),
      for: "a test batch")
    let network = try Network(graph, weights: archive)
    let (loss, predicted, outputs) = try await jobs.pool.run { team in
      var predicted: [UInt8] = []
      var outputs = ContiguousArray<Float>()
      let loss = network.evaluate(
        on: data.test, order: Array(0..<data.test.count), batchSize: plan.testBatchSize,
        by: plan.pixelConversion(for: data, reading: graph), team: team
      ) {
        predicted += SoftmaxCrossEntropy.predictions(of: $0)
        outputs += $0.transposed.elements
      }
      return (loss, predicted, outputs)
    }
    guard loss.mean.isFinite else { throw WeightsError.outputsNotFinite(path: file) }
    if let predictions {
      let rows = zip(data.test.labels, predicted).enumerated().map { image, row in
        "\(image),\(row.0),\(row.1)\n"
      }
      try RecordFiles.write(
        ("image,label,prediction\n" + rows.joined()).utf8,
        toNamed: URL(fileURLWithPath: predictions))
    }
    if let logits {
      let tensor = NamedTensor(
        name: "logits", shape: [data.test.count, data.classCount], values: outputs)
      try RecordFiles.write(
        Safetensors.encode([tensor]), toNamed: URL(fileURLWithPath: logits))
    }
    print(
      EpochTest(epoch: 0, loss: loss.mean, correct: loss.correct, total: loss.count).notebookLine)
  }

  /// The plan with the given values; its initializer is not used.
  private func plan(for archive: TensorArchive) throws -> TrainingPlan {
    var plan = TrainingPlan(initializer: "ZerO", width: 0)
    settings.apply(to: &plan)
    plan.useModel(of: archive, unless: settings.givenKeys)
    try plan.validate()
    return plan
  }
}
