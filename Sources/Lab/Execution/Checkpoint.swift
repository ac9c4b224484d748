// A run in the middle, as a file that any framework reads.

import Checkpoints
import Checksums
import Foundation
import LinearAlgebra
import Networks
import Training

/// All that the rest of a run depends on, beside its plan and its data.
///
/// A safetensors file of the network's parameters; its metadata has the position and a SHA-256 of the whole
/// file, taken with zeros in its own place. With exact ties the parameters are those of the classes, and the metadata
/// say so.
struct Checkpoint: Equatable {
  /// What goes into the metadata beside the checksum.
  struct State: Codable, Equatable {
    /// What run it is of: a digest of plan and data.
    let run: String

    /// Where training goes on.
    let position: TrainingPosition

    /// The bytes of the rows that were written before.
    let metricsLength: Int

    /// The SHA-256 of those rows; `nil` in checkpoints of earlier versions.
    var metricsChecksum: String?

    /// The seconds of work until then.
    let seconds: Double

    private enum CodingKeys: String, CodingKey {
      case run, position, seconds
      case metricsLength = "metrics_length"
      case metricsChecksum = "metrics_sha256"
    }
  }

  let state: State
  let tensors: [NamedTensor]
  let ties: Ties

  private static let blankChecksum = String(repeating: "0", count: 64)

  /// The file.
  func encode() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var metadata = [
      "sha256": Self.blankChecksum,
      "state": String(decoding: try encoder.encode(state), as: UTF8.self),
    ]
    if ties == .exact { metadata["ties"] = ties.rawValue }
    var bytes = try Safetensors.encode(tensors, metadata: metadata)
    if let place = Self.place(of: Self.blankChecksum, in: bytes) {
      bytes.replaceSubrange(place, with: Array(sha256(bytes).utf8))
    }
    return bytes
  }

  init(state: State, tensors: [NamedTensor], ties: Ties) {
    self.state = state
    self.tensors = tensors
    self.ties = ties
  }

  /// Reads a file back.
  ///
  /// - Throws: `TensorFileError.malformed` for a file that is not, byte for byte, one that `encode` made.
  init(_ bytes: [UInt8], path: String) throws(TensorFileError) {
    func malformed(_ reason: String) -> TensorFileError {
      .malformed(path: path, format: "checkpoint", reason: reason)
    }
    let file = try SafetensorsFile(bytes, path: path)
    guard let checksum = file.metadata["sha256"], checksum.utf8.count == 64,
      let place = Self.place(of: checksum, in: bytes)
    else { throw malformed("it has no checksum") }
    var blank = bytes
    blank.replaceSubrange(place, with: Array(Self.blankChecksum.utf8))
    guard sha256(blank) == checksum else { throw malformed("its checksum is another") }
    guard let text = file.metadata["state"],
      let state = try? JSONDecoder().decode(State.self, from: Data(text.utf8))
    else { throw malformed("it has no state of a run") }
    self.state = state
    ties = file.metadata["ties"].flatMap(Ties.init) ?? .dense
    var tensors: [NamedTensor] = []
    for tensor in file.tensors { tensors.append(try tensor.named()) }
    self.tensors = tensors
  }

  /// Where the text of a checksum stands in a file's header.
  private static func place(of checksum: String, in bytes: [UInt8]) -> Range<Int>? {
    bytes.prefix(4096).firstRange(of: Array(checksum.utf8))
  }
}

extension Network<Float> {
  /// Takes over the parameters of a checkpoint.
  ///
  /// - Returns: Whether they are, by name and shape, those of this network; otherwise it is unchanged.
  mutating func load(_ tensors: [NamedTensor]) -> Bool {
    let values = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let mine = namedTensors
    guard tensors.count == mine.count, mine.allSatisfy({ values[$0.name]?.shape == $0.shape })
    else { return false }
    for index in layers.indices {
      let name = Architecture.layerName(index)
      if let weight = values["\(name).weight"]?.values {
        layers[index].weight = Matrix(
          rows: layers[index].weight.rows, columns: layers[index].weight.columns, elements: weight)
      }
      if let bias = values["\(name).bias"]?.values { layers[index].bias = bias }
    }
    return true
  }
}
