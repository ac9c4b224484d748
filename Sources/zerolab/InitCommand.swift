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

  @Option(
    help: "Outputs x inputs, 1024x784; or of a convolution, 64x32x3x3.", transform: Self.shape)
  var shape: LayerShape

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
    let weight = try shape.tensor(of: entry.initializer, using: &streams)
    let url = URL(fileURLWithPath: output)
    let bytes: [UInt8]
    switch url.pathExtension {
    case "npy": bytes = NPYFile.encode(shape: weight.shape, values: weight.values)
    case "safetensors": bytes = try Safetensors.encode([weight])
    default:
      throw ValidationError("--out is '\(output)'; its ending must be .npy or .safetensors")
    }
    try RecordFiles.write(bytes, to: url)
    if seed == nil { entry.report(chosenSeed: chosen) }
    print("\(output): \(initializer), \(shape)")
  }

  private static func shape(_ text: String) throws -> LayerShape {
    guard let shape = LayerShape(text) else {
      throw ValidationError(
        "'\(text)' is no shape such as 1024x784 or 64x32x3x3, of 2 to 5 extents and at most 2^30 "
          + "elements")
    }
    return shape
  }
}

/// A dense layer's shape or a convolution's, told apart by the number of extents.
enum LayerShape: CustomStringConvertible {
  case dense(WeightShape)
  case convolution(KernelShape)

  init?(_ text: String) {
    if let shape = WeightShape(text) {
      self = .dense(shape)
    } else if let shape = KernelShape(text) {
      self = .convolution(shape)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .dense(let shape): shape.description
    case .convolution(let shape): shape.description
    }
  }

  func tensor(of initializer: any Initializer, using streams: inout RandomStreams) throws
    -> NamedTensor
  {
    switch self {
    case .dense(let shape):
      NamedTensor(name: "weight", matrix: try initializer.weight(shape, using: &streams))
    case .convolution(let shape):
      NamedTensor(
        name: "weight", shape: shape.dimensions,
        values: try initializer.kernel(shape, using: &streams))
    }
  }
}
