// The fuzz targets: every reader of untrusted files. A reader may reject an input with its own error; any other
// failure, such as a trap, is a bug. An accepted input must survive a round trip.

import Foundation
import ZerOCheckpoints
import ZerODatasets
import ZerOExperiments
import ZerOLinearAlgebra

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
    FuzzTarget(name: "keras") { bytes in
      inTemporaryFolder { folder in
        let file = folder.appendingPathComponent("data.npz")
        guard (try? Data(bytes).write(to: file)) != nil else { return }
        readDataset(file)
      }
    },
    // The same image for training and test.
    FuzzTarget(name: "image") { bytes in
      inTemporaryFolder { folder in
        for part in ["train", "test"] {
          let images = folder.appendingPathComponent("\(part)/class")
          try? FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
          try? Data(bytes).write(to: images.appendingPathComponent("image.png"))
        }
        readDataset(folder)
      }
    },
    // The object of a file of PyTorch, between the beginning of the file and an empty list of storages.
    FuzzTarget(name: "pickle") { bytes in
      let magic: [UInt8] = [
        0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
      ]
      let beginning = magic + [0x80, 2, 0x4d, 0xe9, 0x03, 0x2e, 0x80, 2, 0x7d, 0x2e]
      readPyTorch(beginning + bytes + [0x80, 2, 0x5d, 0x2e])
    },
    FuzzTarget(name: "pytorch") { bytes in readPyTorch(bytes) },
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

  private static func inTemporaryFolder(_ body: (URL) -> Void) {
    let process = ProcessInfo.processInfo.processIdentifier
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zerolab-\(process)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    body(folder)
  }

  /// Reads a data set, which may be refused with an error of one line.
  private static func readDataset(_ url: URL) {
    do throws(DatasetError) {
      let data = try Dataset(contentsOf: url, name: "input")
      precondition(data.train.pixels.count == data.train.count * data.inputDimension)
      precondition(data.train.shape == data.test.shape)
    } catch {
      precondition(!error.description.isEmpty && !error.description.contains("\n"))
    }
  }

  /// Reads all tensors of a file of PyTorch, which may be refused with an error.
  private static func readPyTorch(_ bytes: [UInt8]) {
    let files = FileManager.default
    let process = ProcessInfo.processInfo.processIdentifier
    let path = files.temporaryDirectory.appendingPathComponent("zerolab-\(process).pt").path
    guard files.createFile(atPath: path, contents: Data(bytes)) else { return }
    defer { try? files.removeItem(atPath: path) }
    do throws(TensorFileError) {
      let archive = try TensorArchive(path)
      precondition(Set(archive.tensors.map(\.name)).count == archive.tensors.count)
      precondition(!archive.tensors.isEmpty && archive.notes.allSatisfy { !$0.isEmpty })
      // A tensor that repeats its storage may be larger than the file.
      for tensor in archive.tensors where tensor.count < 1 << 20 {
        guard let values = try? tensor.named() else { continue }
        precondition(values.values.count == tensor.count, "\(tensor.shape)")
        guard let other = try? tensor.inMemory() else {
          preconditionFailure("'\(tensor.name)' is read only once")
        }
        precondition(
          (try? other.named().values.map(\.bitPattern)) == values.values.map(\.bitPattern))
      }
    } catch {
      precondition(!error.description.isEmpty)
    }
  }
}
