// zerolab init: one initial weight, for use anywhere.

import ArgumentParser
import Checkpoints
import Foundation
import Initializers
import Randomness
import Records

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write one initial weight to a file.",
    discussion: "The file's ending decides: .npy for NumPy, .safetensors for any framework.")

  @Option(
    name: .customLong("init"), help: "The initialiser; see 'zerolab list'.",
    completion: .list(InitializerCatalog.names))
  var initializer: String

  @Option(help: "Outputs x inputs, for example 1024x784.", transform: Self.shape)
  var shape: WeightShape

  @Option(help: "Seeds random weights; chosen and printed when an initialiser needs one.")
  var seed: UInt64?

  @Option(
    name: .customLong("out"), help: "The file to write, .npy or .safetensors.",
    completion: .file(extensions: ["npy", "safetensors"]))
  var output: String

  func run() throws {
    let entry = try InitializerCatalog.entry(named: initializer)
    let chosen = seed ?? entry.chosenSeed()
    var streams = RandomStreams(seed: chosen)
    let weight = try entry.initializer.weight(shape, using: &streams)
    let url = URL(fileURLWithPath: output)
    let bytes: [UInt8]
    switch url.pathExtension {
    case "npy": bytes = NPYFile.encode(weight)
    case "safetensors":
      bytes = try Safetensors.encode([NamedTensor(name: "weight", matrix: weight)])
    default:
      throw ValidationError("--out is '\(output)'; its ending must be .npy or .safetensors")
    }
    try RecordFiles.write(bytes, to: url)
    if seed == nil { entry.report(chosenSeed: chosen) }
    print("\(output): \(initializer), \(shape)")
  }

  private static func shape(_ text: String) throws -> WeightShape {
    guard let shape = WeightShape(text) else {
      throw ValidationError("'\(text)' is no shape such as 1024x784, of at most 2^30 elements")
    }
    return shape
  }
}
