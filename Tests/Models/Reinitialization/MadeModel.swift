// Small model files for the tests.

import Foundation
import TestSupport
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

/// A tensor of a test model; its bytes count up, so all tensors differ.
struct MadeTensor {
  let name: String
  let shape: [Int]
  var type = "F32"

  init(_ name: String, _ shape: [Int], _ type: String = "F32") {
    self.name = name
    self.shape = shape
    self.type = type
  }

  var size: Int {
    let bytes = ["F64": 8, "I64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2]
    return shape.reduce(1, *) * (bytes[type] ?? 1)
  }
}

/// Writes and opens a model.
///
/// - Parameters:
///   - tensors: In the order of the file.
///   - folder: The folder for `model.safetensors`.
/// - Returns: The opened file.
/// - Throws: Errors of writing or reading.
func makeModel(_ tensors: [MadeTensor], in folder: URL) throws -> TensorArchive {
  var lines = [#""__metadata__":{"format":"pt"}"#]
  var offset = 0
  for tensor in tensors {
    let end = offset + tensor.size
    lines.append(
      #""\#(tensor.name)":{"dtype":"\#(tensor.type)","shape":\#(tensor.shape),"data_offsets":[\#(offset),\#(end)]}"#
    )
    offset = end
  }
  let header = [UInt8]("{\(lines.joined(separator: ","))}".utf8)
  var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
  bytes += (0..<offset).map { UInt8($0 * 89 % 251) }
  let url = folder.appendingPathComponent("model.safetensors")
  try Data(bytes).write(to: url)
  return try TensorArchive(url.path)
}

/// Makes a model in a temporary folder.
@discardableResult
func withModel<Result>(
  _ tensors: [MadeTensor], _ body: (TensorArchive, URL) throws -> Result
) throws -> Result {
  try withTemporaryFolder { folder in try body(try makeModel(tensors, in: folder), folder) }
}

/// Makes a model with given values and metadata in a temporary folder.
@discardableResult
func withModel<Result>(
  of tensors: [NamedTensor], metadata: [String: String] = [:],
  _ body: (TensorArchive, URL) throws -> Result
) throws -> Result {
  try withTemporaryFolder { folder in
    let url = folder.appendingPathComponent("model.safetensors")
    try Data(Safetensors.encode(tensors, metadata: metadata)).write(to: url)
    return try body(try TensorArchive(url.path), folder)
  }
}

/// A tensor with the values of a wave, all of whose slices differ.
func wave(_ name: String, _ shape: [Int], phase: Float = 0) -> NamedTensor {
  NamedTensor(
    name: name, shape: shape,
    values: ContiguousArray((0..<shape.reduce(1, *)).map { sin(Float($0 + 1) * 0.7 + phase) }))
}

/// Makes a plan, with an initializer by name.
func plan(
  _ model: TensorArchive, _ initializer: String = "ZerO", _ rules: [TensorRule] = [],
  set: String? = nil, layout: TensorLayout? = nil, isPlain: Bool = false
) throws -> ReinitializationPlan {
  try ReinitializationPlan(
    model, initializer: try InitializerCatalog.builtIn.entry(named: initializer),
    rules: try set.map(RuleSet.named), overrides: Overrides(rules), layout: layout,
    isPlain: isPlain)
}

/// The values of the new model by name.
func newValues(of plan: ReinitializationPlan, in folder: URL, seed: UInt64 = 3) throws
  -> [String: ContiguousArray<Float>]
{
  let path = folder.appendingPathComponent("new.safetensors").path
  try plan.write(to: path, seed: seed)
  let new = try TensorArchive(path)
  return Dictionary(
    uniqueKeysWithValues: try new.tensors.filter { $0.format != nil }.map {
      ($0.name, try $0.named().values)
    })
}
