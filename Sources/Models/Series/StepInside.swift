// The step that the contents of a checkpoint tell.

import Foundation
import ZerOCheckpoints

/// Reads the step from the files of a checkpoint.
enum StepInside {
  /// Names of the step in a checkpoint, in the order of preference.
  private static let keys: [(name: String, unit: StepUnit)] = [
    ("iter_num", .step), ("global_step", .step), ("step", .step), ("iteration", .step),
    ("iter", .step), ("epoch", .epoch),
  ]

  /// The limit on the bytes of `trainer_state.json`.
  private static let sizeLimit = 1 << 26

  private struct TrainerState: Decodable {
    let globalStep: Int

    enum CodingKeys: String, CodingKey {
      case globalStep = "global_step"
    }
  }

  /// The step of a checkpoint.
  ///
  /// - Parameters:
  ///   - path: A file, or the folder of a distributed checkpoint.
  ///   - key: The key of the model in a PyTorch file.
  /// - Returns: The number in `trainer_state.json` beside it, or the number with a known name in the
  ///   file; `nil` without either, and for a file that can't be read.
  static func step(of path: String, key: String? = nil) -> NamedStep? {
    let url = URL(fileURLWithPath: path)
    let folder = CheckpointSeries.isFolder(path) ? url : url.deletingLastPathComponent()
    if let step = trainerStep(in: folder) { return NamedStep(number: step, unit: .step) }
    guard let archive = try? TensorArchive(path, key: key) else { return nil }
    for (name, unit) in keys {
      let number = archive.scalars[name] ?? archive.metadata[name].flatMap { Int($0) }
      if let number, number >= 0 {
        return NamedStep(number: number, unit: unit)
      }
    }
    return nil
  }

  private static func trainerStep(in folder: URL) -> Int? {
    let file = folder.appendingPathComponent("trainer_state.json")
    guard let size = try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize, size <= sizeLimit,
      let data = try? Data(contentsOf: file),
      let step = try? JSONDecoder().decode(TrainerState.self, from: data).globalStep, step >= 0
    else { return nil }
    return step
  }
}
