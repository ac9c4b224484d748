// The state of an interrupted run, as a safetensors file.

import Foundation
import ZerOCheckpoints
import ZerOChecksums
import ZerOTraining

/// The state that the rest of a run depends on, in addition to its plan and data.
///
/// The file contains the network's parameters. Its metadata contain the position and a SHA-256
/// checksum of the whole file, computed with zeros in place of the checksum. With symmetry
/// reduction the parameters belong to the reduced network, and the metadata state this. The states of the optimizer are
/// further tensors.
struct Checkpoint: Equatable {
  /// The metadata other than the checksum.
  struct State: Codable, Equatable {
    /// The identity of the run: a digest of plan and data.
    let run: String

    /// The position at which training resumes.
    let position: TrainingPosition

    /// The number of bytes of the rows written so far.
    let metricsLength: Int

    /// The SHA-256 checksum of those rows; `nil` in checkpoints of earlier versions.
    var metricsChecksum: String?

    /// The duration of the run so far, in seconds.
    let seconds: Double

    /// A digest of the initial weights, if the initializer is not the package's own and may be another one now.
    var startChecksum: String?

    private enum CodingKeys: String, CodingKey {
      case run, position, seconds
      case metricsLength = "metrics_length"
      case metricsChecksum = "metrics_sha256"
      case startChecksum = "start_sha256"
    }
  }

  let state: State
  let tensors: [NamedTensor]
  let symmetry: SymmetryMode

  /// The form of a reduced weight: each element is the mean of a block.
  private static let blocks = "means"

  private static let blankChecksum = String(repeating: "0", count: 64)

  /// Encodes the file.
  func encode() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var metadata = [
      "sha256": Self.blankChecksum,
      "state": String(decoding: try encoder.encode(state), as: UTF8.self),
    ]
    if symmetry == .reduced {
      metadata["ties"] = symmetry.rawValue
      metadata["blocks"] = Self.blocks
    }
    var bytes = try Safetensors.encode(tensors, metadata: metadata)
    if let place = Self.place(of: Self.blankChecksum, in: bytes) {
      bytes.replaceSubrange(place, with: Array(sha256(bytes).utf8))
    }
    return bytes
  }

  init(state: State, tensors: [NamedTensor], symmetry: SymmetryMode) {
    self.state = state
    self.tensors = tensors
    self.symmetry = symmetry
  }

  /// Decodes a file.
  ///
  /// - Throws: `TensorFileError.malformed` if the file differs in any byte from one that `encode`
  ///   has made.
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
    guard sha256(blank) == checksum else { throw malformed("its checksum does not match") }
    guard let text = file.metadata["state"],
      let state = try? JSONDecoder().decode(State.self, from: Data(text.utf8))
    else { throw malformed("it contains no state of a run") }
    self.state = state
    symmetry = file.metadata["ties"].flatMap(SymmetryMode.init) ?? .dense
    // Earlier versions scaled a reduced weight by the class sizes.
    guard symmetry == .dense || file.metadata["blocks"] == Self.blocks else {
      throw malformed("its reduced network is of an earlier version")
    }
    var tensors: [NamedTensor] = []
    for tensor in file.tensors { tensors.append(try tensor.named()) }
    self.tensors = tensors
  }

  /// Finds the text of a checksum in the header of a file.
  private static func place(of checksum: String, in bytes: [UInt8]) -> Range<Int>? {
    bytes.prefix(4096).firstRange(of: Array(checksum.utf8))
  }
}
