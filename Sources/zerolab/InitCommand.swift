// zerolab init: one initial weight, for use anywhere.

import ArgumentParser
import Checkpoints
import Foundation
import Initializers
import LinearAlgebra
import Randomness
import Records

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write one initial weight, or those of a whole model, to a file.",
    discussion: """
      --shape makes one weight; the file's ending decides: .npy for NumPy, .safetensors for any framework. --like \
      takes a model's file and writes one with the same names, shapes, types and order, with new weights. What is \
      under the name of --out stays until the new file is whole, and Ctrl-C leaves nothing of it. A process that is \
      killed leaves '.NAME.UUID.part' beside it, which no later run touches, as it may be another's: remove it. \
      \(NamePattern.syntax)
      """)

  @Option(
    name: .customLong("init"), help: "The initializer; see 'zerolab list'.",
    completion: .list(InitializerCatalog.names))
  var initializer: String

  @Option(
    help: "Outputs x inputs, 1024x784; or of a convolution, 64x32x3x3.", transform: Self.shape)
  var shape: LayerShape?

  @OptionGroup(title: "A whole model") var model: ModelOptions

  @Option(
    parsing: .unconditional,
    help: "Seeds random weights; chosen and printed when an initializer needs one.",
    transform: Seed.parse)
  var seed: UInt64?

  @Option(
    name: .customLong("out"), help: "The file to write, .npy or .safetensors.",
    completion: .file(extensions: ["npy", "safetensors"]))
  var output: String?

  func validate() throws {
    guard (shape == nil) != (model.like == nil) else {
      throw ValidationError("give one of --shape 1024x784 and --like MODEL.safetensors")
    }
    if output == nil, !model.explain { throw ValidationError("give --out, the file to write") }
    let endings = shape == nil ? [".safetensors"] : [".npy", ".safetensors"]
    if let output, !endings.contains(where: output.hasSuffix) {
      throw ValidationError(
        "--out is '\(output)'; its ending must be \(endings.joined(separator: " or "))")
    }
  }

  func run() throws {
    let entry = try InitializerCatalog.entry(named: initializer)
    let chosen = seed ?? entry.chosenSeed()
    if let path = model.like {
      try model.write(path, entry, seed: chosen, to: output)
    } else if let shape, let output {
      try write(shape, entry, seed: chosen, to: output)
    }
    if seed == nil, !model.explain { entry.report(chosenSeed: chosen) }
  }

  private func write(
    _ shape: LayerShape, _ entry: InitializerEntry, seed: UInt64, to output: String
  ) throws {
    try Memory.check(
      Double(shape.count) * Double(entry.initializer.bytesPerElement),
      for: "a weight of \(shape) by \(entry.name)")
    var streams = RandomStreams(seed: seed)
    let weight = try shape.tensor(of: entry.initializer, using: &streams)
    let bytes =
      output.hasSuffix(".npy")
      ? NPYFile.encode(shape: weight.shape, values: weight.values)
      : try Safetensors.encode([weight])
    let place = Self.place(output)
    try RecordFiles.write(bytes, toNamed: URL(fileURLWithPath: output))
    print("\(place): \(initializer), \(shape)")
  }

  /// The file to write, with a word where there is one already.
  static func place(_ output: String) -> String {
    FileManager.default.fileExists(atPath: output) ? "\(output), replaced" : output
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

  /// The number of elements.
  var count: Int {
    switch self {
    case .dense(let shape): shape.outputs * shape.inputs
    case .convolution(let shape): shape.dimensions.reduce(1, *)
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
