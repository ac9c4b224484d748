// A small training run: checkpoints in a folder, with matrices of known differences.

import Foundation
import ZerOCheckpoints
import ZerOParallelism

@testable import ZerOSeries

/// A run whose matrix `b` changes by one more column per step, and whose matrix `a` changes everywhere.
struct SmallSeries {
  let folder: URL

  /// The results' folder.
  var out: URL { folder.appendingPathComponent("out") }

  /// Writes checkpoints.
  init(in folder: URL, steps: [Int] = [0, 10, 20, 30]) throws {
    self.folder = folder
    for step in steps { try write(step) }
  }

  /// The tensors of a step.
  static func tensors(_ step: Int, prefix: String = "") -> [NamedTensor] {
    var a = ContiguousArray<Float>()
    for i in 0..<24 {
      a.append(Float(sin(Double(i * i)) + 0.01 * Double(step) * cos(Double(7 * i))))
    }
    var b = ContiguousArray<Float>(repeating: 0, count: 36)
    for column in 0..<6 where 10 * column < step { b[7 * column] = Float(column + 1) }
    return [
      NamedTensor(name: prefix + "a.weight", shape: [4, 6], values: a),
      NamedTensor(name: prefix + "b.weight", shape: [6, 6], values: b),
      NamedTensor(name: prefix + "b.bias", vector: [1, 2]),
    ]
  }

  func url(_ step: Int) -> URL { folder.appendingPathComponent("step\(step).safetensors") }

  /// Writes a checkpoint with a modification time that depends on its step, and on whether it is the usual one.
  func write(_ step: Int, _ tensors: [NamedTensor]? = nil) throws {
    let bytes = try Safetensors.encode(tensors ?? Self.tensors(step))
    try Data(bytes).write(to: url(step))
    try FileManager.default.setAttributes(
      [
        .modificationDate: Date(
          timeIntervalSince1970: Double((tensors == nil ? 1000 : 2000) + step))
      ],
      ofItemAtPath: url(step).path)
  }

  /// Ranks the series.
  func inspect(
    _ settings: SeriesSettings = SeriesSettings(), only selection: StepSelection? = nil,
    threads: Int = 2, check: @escaping @Sendable () throws -> Void = {}
  ) async throws -> SeriesInspection {
    let series = try CheckpointSeries([folder.path], only: selection)
    return try await SeriesInspection(
      series, settings, store: SeriesStore(out, settings), on: WorkerPool(threads: threads),
      check: check)
  }

  var storedBytes: Data {
    get throws { try Data(contentsOf: out.appendingPathComponent("ranks.jsonl")) }
  }
}
