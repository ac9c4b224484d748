// Checkpoints of a run, found on the disk.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@testable import ZerOSeries

@Suite struct CheckpointSeriesTests {
  private func write(_ name: String, in folder: URL, metadata: [String: String] = [:]) throws {
    let url = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let tensor = NamedTensor(name: "w", shape: [1, 1], values: [1])
    try Data(Safetensors.encode([tensor], metadata: metadata)).write(to: url)
  }

  @Test func `a missing path is an error that names it`() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/missing"
      let error = #expect(throws: TensorFileError.self) { try CheckpointSeries([path]) }
      #expect(error?.description.contains(path) == true)
      // A training may delete a folder during the search, so only an error that remains is reported.
      var watch = SeriesWatch([path])
      for _ in 0..<2 {
        let found = try watch.poll()
        #expect(found == nil)
      }
      #expect(throws: TensorFileError.self) { try watch.poll() }
    }
  }

  @Test func `a folder is searched, and links are copies`() throws {
    try withTemporaryFolder { folder in
      for name in [
        "checkpoint-20/model.safetensors", "checkpoint-3/model.safetensors", "logs/a.txt",
        ".cache/step9.safetensors", "tmp-checkpoint-30/model.safetensors",
      ] {
        try write(name, in: folder)
      }
      let files = FileManager.default
      try files.createSymbolicLink(
        atPath: folder.path + "/newest", withDestinationPath: "checkpoint-20")
      try files.createSymbolicLink(atPath: folder.path + "/loop", withDestinationPath: ".")
      let series = try CheckpointSeries([folder.path + "/"])
      #expect(
        series.checkpoints.map(\.name) == [
          "checkpoint-3/model.safetensors", "checkpoint-20/model.safetensors",
        ])
      #expect(series.checkpoints.map(\.step) == [3, 20] && series.unit == .step)
      #expect(series.first.step == 3 && series.notes.isEmpty)
      #expect(files.fileExists(atPath: series.checkpoints[0].path))
    }
  }

  @Test func `the trainer's state and the metadata tell a step`() throws {
    try withTemporaryFolder { folder in
      try write("a/model.safetensors", in: folder)
      try Data(#"{"epoch": 1.0, "global_step": 700, "log_history": []}"#.utf8)
        .write(to: folder.appendingPathComponent("a/trainer_state.json"))
      try write("b/model.safetensors", in: folder, metadata: ["iter_num": "50", "epoch": "3"])
      let series = try CheckpointSeries([folder.path])
      #expect(series.checkpoints.map(\.step) == [50, 700])
      // Without them, the error says how to give the steps.
      try FileManager.default.removeItem(at: folder.appendingPathComponent("a/trainer_state.json"))
      let error = #expect(throws: SeriesError.self) { try CheckpointSeries([folder.path]) }
      #expect(
        error
          == .unclearSteps(
            unclear: ["a/model.safetensors"], all: ["a/model.safetensors", "b/model.safetensors"]))
      #expect("\(String(describing: error))".contains("--steps N,N"))
      let stated = try CheckpointSeries([folder.path], steps: [9, 8])
      #expect(stated.checkpoints.map(\.name) == ["b/model.safetensors", "a/model.safetensors"])
    }
  }

  @Test func `checkpoints can be given one by one`() throws {
    try withTemporaryFolder { folder in
      for name in [
        "x/checkpoint-5/m.safetensors", "x/checkpoint-5/optimizer.pt", "y/step2.safetensors",
      ] {
        try write(name, in: folder)
      }
      let paths = ["x/checkpoint-5", "y/step2.safetensors"].map { folder.path + "/" + $0 }
      let series = try CheckpointSeries(paths)
      #expect(series.checkpoints.map(\.step) == [2, 5])
      #expect(series.checkpoints.map(\.name) == [paths[1], paths[0] + "/m.safetensors"])
      #expect(try CheckpointSeries(paths, steps: [1, 4]).checkpoints.map(\.step) == [1, 4])
      #expect(throws: SeriesError.noCheckpoints(path: folder.path + "/z")) {
        try FileManager.default.createDirectory(
          atPath: folder.path + "/z", withIntermediateDirectories: true)
        _ = try CheckpointSeries([folder.path + "/z"])
      }
    }
  }

  @Test func `names of a series are recognized`() {
    #expect(CheckpointSeries.isNamed(["step0.pt", "step10.pt"]))
    #expect(CheckpointSeries.isNamed(["run/checkpoint-5", "run/checkpoint-10/"]))
    for paths in [
      ["step0.pt"], ["a.pt", "b.pt"], ["step1.pt", "x/step1.pt"], ["step1.pt", "a.pt"], [],
    ] {
      #expect(!CheckpointSeries.isNamed(paths), "\(paths)")
    }
  }

  @Test func `steps are selected, and the first checkpoint stays the first`() throws {
    try withTemporaryFolder { folder in
      for step in [0, 10, 20] { try write("step\(step).safetensors", in: folder) }
      let series = try CheckpointSeries([folder.path], only: StepSelection("10-30"))
      #expect(series.checkpoints.map(\.step) == [10, 20] && series.first.step == 0)
      let selection = try #require(StepSelection("11-19"))
      #expect(throws: SeriesError.noSelectedStep(selection: selection, steps: [0, 10, 20])) {
        try CheckpointSeries([folder.path], only: selection)
      }
    }
  }
}

@Suite struct SeriesWatchTests {
  private let old = Date(timeIntervalSince1970: 2000)

  @Test func `a checkpoint counts when it is complete`() throws {
    try withTemporaryFolder { folder in
      var watch = SeriesWatch([folder.path])
      #expect(try watch.poll() == nil, "an empty folder")
      let run = try SmallSeries(in: folder, steps: [0, 10])
      #expect(try watch.poll(at: old)?.checkpoints.map(\.step) == [0, 10])
      #expect(try watch.poll(at: old) == nil, "nothing new")
      // A file in writing.
      let whole = try Data(contentsOf: run.url(10))
      try whole.prefix(50).write(to: run.url(20))
      #expect(try watch.poll() == nil)
      #expect(watch.incomplete.map(\.checkpoint.step) == [20])
      #expect(watch.incomplete[0].reason.contains("step20.safetensors"))
      try whole.write(to: run.url(20))
      #expect(try watch.poll() == nil, "it may still grow")
      #expect(watch.incomplete.map(\.reason) == ["its files are still changing"])
      #expect(try watch.poll()?.checkpoints.map(\.step) == [0, 10, 20])
      #expect(watch.incomplete.isEmpty)
      // A checkpoint that is written again is a new one.
      try run.write(20)
      #expect(try watch.poll(at: old)?.checkpoints.count == 3)
      // A configuration that is written after the weights determines how they are read.
      try Data("{}".utf8).write(to: folder.appendingPathComponent("config.json"))
      #expect(try watch.poll(at: old) == nil, "it may still grow")
      #expect(try watch.poll(at: old)?.checkpoints.count == 3)
    }
  }

  @Test func `nothing is ranked before the first checkpoint is complete`() throws {
    try withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [0, 10])
      try Data(contentsOf: run.url(0)).prefix(50).write(to: run.url(0))
      var watch = SeriesWatch([folder.path])
      #expect(try watch.poll(at: old) == nil)
      #expect(watch.incomplete.map(\.checkpoint.step) == [0])
      try run.write(0)
      #expect(try watch.poll(at: old)?.first.step == 0)
    }
  }

  @Test func `an unclear step is an error only if it remains`() throws {
    try withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [0])
      try Data(contentsOf: run.url(0)).write(to: folder.appendingPathComponent("x.safetensors"))
      var watch = SeriesWatch([folder.path])
      #expect(try watch.poll(at: old) == nil && watch.poll(at: old) == nil)
      #expect(throws: SeriesError.self) { try watch.poll(at: old) }
    }
  }

  @Test func `a complete checkpoint is not opened again`() throws {
    try withTemporaryFolder { folder in
      let run = try SmallSeries(in: folder, steps: [0, 10])
      func setTime() throws {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: run.url(10).path)
      }
      try setTime()
      var watch = SeriesWatch([folder.path])
      #expect(try watch.poll(at: old)?.checkpoints.count == 2)
      // Other contents that cannot be opened, with the same size and time.
      let size = try Data(contentsOf: run.url(10)).count
      let file = try FileHandle(forWritingTo: run.url(10))
      try file.write(contentsOf: Data(repeating: 0xff, count: size))
      try file.close()
      try setTime()
      #expect(try watch.poll(at: old) == nil && watch.incomplete.isEmpty)
      // Negative control: another follower opens it.
      var other = SeriesWatch([folder.path])
      #expect(try other.poll(at: old)?.checkpoints.count == 1)
      #expect(other.incomplete.map(\.checkpoint.step) == [10])
    }
  }
}
