// The fuzz targets: every reader of untrusted files. A reader may reject an input with its own error; any other
// failure, such as a trap, is a bug. An accepted input must survive a round trip.

import Checkpoints
import Datasets
import Experiments
import Foundation
import LinearAlgebra

/// A reader under test.
struct FuzzTarget: Sendable {
  /// The name of the target in FUZZ_TARGET.
  let name: String

  /// Reads an input and traps if it finds a bug.
  let read: @Sendable ([UInt8]) -> Void

  /// All targets.
  static let all = ofReaders + ofModels + ofRecords

  private static let ofReaders = [
    FuzzTarget(name: "idx") { bytes in
      for dimensionCount in [1, 3] {
        guard let file = try? IDXFile(bytes, path: "input", dimensionCount: dimensionCount) else {
          continue
        }
        precondition(file.dimensions.count == dimensionCount)
        precondition(file.dimensions.reduce(1, *) == file.values.count, "\(file.dimensions)")
      }
    },
    FuzzTarget(name: "gzip") { bytes in
      _ = try? IDXFile([0x1f, 0x8b] + bytes, path: "input", dimensionCount: 1)
    },
    FuzzTarget(name: "npy") { bytes in
      guard let array = try? NPYFile.decode(bytes, path: "input") else { return }
      precondition(array.shape.reduce(1, *) == array.values.count, "\(array.shape)")
      guard array.shape.count == 2 else { return }
      let matrix = Matrix(rows: array.shape[0], columns: array.shape[1], elements: array.values)
      let again = try? NPYFile.decode(NPYFile.encode(matrix), path: "again")
      precondition(again?.values.map(\.bitPattern) == array.values.map(\.bitPattern))
    },
    FuzzTarget(name: "safetensors") { bytes in
      guard let file = try? SafetensorsFile(bytes, path: "input") else { return }
      let tensors = file.tensors.compactMap { try? $0.named() }
      guard let encoded = try? Safetensors.encode(tensors, metadata: file.metadata),
        let again = try? SafetensorsFile(encoded, path: "again")
      else { preconditionFailure("cannot write the tensors that were read: \(file.tensors)") }
      precondition(again.tensors.count == tensors.count && again.metadata == file.metadata)
    },
    FuzzTarget(name: "npz") { bytes in
      let files = FileManager.default
      let process = ProcessInfo.processInfo.processIdentifier
      let path = files.temporaryDirectory.appendingPathComponent("zerolab-\(process).npz").path
      guard files.createFile(atPath: path, contents: Data(bytes)) else { return }
      defer { try? files.removeItem(atPath: path) }
      guard let archive = try? TensorArchive(path) else { return }
      for tensor in archive.tensors {
        guard let values = try? tensor.named() else { continue }
        precondition(values.values.count == tensor.count, "\(tensor.shape)")
      }
    },
    FuzzTarget(name: "yaml") { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      do throws(ExperimentError) {
        let experiment = try Experiment(yaml: text, path: "input")
        precondition(!experiment.plans.isEmpty)
      } catch {
        precondition(!error.description.isEmpty)
      }
    },
  ]
}
