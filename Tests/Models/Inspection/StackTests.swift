// Stacks whose matrices can't be read separately.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerONamePatterns
import ZerOParallelism
import ZerOSpectra

@testable import ZerOInspection

@Suite struct StackTests {
  /// Three matrices of rank 1, 2 and 3.
  private let values: ContiguousArray<Float> = {
    var values = ContiguousArray<Float>(repeating: 0, count: 36)
    for rank in 1...3 {
      for i in 0..<rank { values[12 * (rank - 1) + 5 * i] = Float(i + 2) }
    }
    return values
  }()

  /// The stack in NumPy's format.
  private func array(isFortran: Bool = false) -> [UInt8] {
    // 3 × 3 × 4, column-major if `isFortran`.
    let stored = ContiguousArray(
      values.indices.map { place in
        isFortran ? values[place % 3 * 12 + place / 3 % 3 * 4 + place / 9] : values[place]
      })
    var bytes = NPYFile.encode(shape: [3, 3, 4], values: stored)
    if isFortran, let range = bytes.firstRange(of: Array("False".utf8)) {
      bytes.replaceSubrange(range, with: Array("True ".utf8))
    }
    return bytes
  }

  /// Writes the stack as `experts.w` in three forms; in Fortran order and in a compressed archive, it
  /// is read as a whole.
  private func withStacks(
    isCompressed: Bool = false,
    _ body: (_ row: URL, _ fortran: URL, _ archive: URL) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let files = ["r/experts.w.npy", "f/experts.w.npy", "m.npz"].map(folder.appendingPathComponent)
      for file in files.prefix(2) {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      }
      try Data(array()).write(to: files[0])
      try Data(array(isFortran: true)).write(to: files[1])
      let python = Process()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      python.arguments = [
        "python3", "-c",
        "import sys, zipfile; "
          + "zipfile.ZipFile(sys.argv[1], 'w', int(sys.argv[3])).write(sys.argv[2], 'experts.w.npy')",
        files[2].path, files[0].path, isCompressed ? "8" : "0",
      ]
      try python.run()
      python.waitUntilExit()
      #expect(python.terminationStatus == 0)
      try await body(files[0], files[1], files[2])
    }
  }

  private func inspect(_ url: URL, minus other: URL? = nil, selected: [String] = []) async throws
    -> CheckpointInspection
  {
    let baseline: Baseline = try other.map { .archive(try TensorArchive($0.path)) } ?? .nothing
    return try await CheckpointInspection(
      try TensorArchive(url.path), TensorSelection(selected: selected.map(NamePattern.init)),
      InspectionSettings(baseline: baseline), on: WorkerPool(threads: 2))
  }

  @Test func `a stack has the same ranks in every format and with every baseline`()
    async throws
  {
    try await withStacks { row, fortran, archive in
      for file in [row, fortran, archive] {
        let plain = try await inspect(file)
        #expect(plain.tensors.map { $0.findings?.rank.rank } == [1, 2, 3])
        #expect(plain.tensors.map(\.name) == (0..<3).map { "experts.w[\($0)]" })
        for other in [row, fortran, archive] {
          let difference = try await inspect(file, minus: other)
          #expect(difference.tensors.map { $0.findings?.rank.rank } == [0, 0, 0])
        }
      }
    }
  }

  @Test func `a stack in memory is one group and counts with its whole size`() async throws {
    try await withStacks(isCompressed: true) { row, fortran, archive in
      func groups(_ url: URL, _ baseline: Baseline = .nothing) throws -> [InspectionGroup] {
        let subjects = try CheckpointInspection.subjects(
          of: try TensorArchive(url.path), TensorSelection(), InspectionSettings())
        return InspectionGroup.all(of: subjects, baseline)
      }
      #expect(try groups(row).map(\.indices) == [[0], [1], [2]])
      #expect(try groups(row).map(\.size) == [12, 12, 12])
      for file in [fortran, archive] {
        let other = Baseline.archive(try TensorArchive(file.path))
        for groups in [try groups(file), try groups(row, other)] {
          #expect(groups.map(\.indices) == [[0, 1, 2]])
          #expect(groups.map(\.size) == [12 + 36])
        }
        #expect(try groups(fortran, other).map(\.size) == [12 + 72])
      }
    }
    try await withStacks { _, _, archive in
      let isReadWhole = try TensorArchive(archive.path).tensors[0].isReadWhole
      #expect(!isReadWhole)
    }
  }

  @Test func `damage fails every selected matrix of a stack`() async throws {
    try await withStacks { _, _, archive in
      var file = [UInt8](try Data(contentsOf: archive))
      file[try #require(file.firstRange(of: array())).upperBound - 140] ^= 1
      try Data(file).write(to: archive)
      for place in 0..<3 {
        let inspection = try await inspect(archive, selected: ["experts.w[\(place)]"])
        #expect(inspection.failures.count == 1)
        guard case .failed(let reason) = inspection.tensors[0].outcome else { continue }
        #expect(reason.contains("'experts.w.npy': CRC error"))
      }
    }
  }
}
