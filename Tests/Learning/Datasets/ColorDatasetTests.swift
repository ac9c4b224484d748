// IDX files with channels, NumPy arrays in Keras' form, and CIFAR's binary files.

import Foundation
import TestSupport
import Testing
import ZerOChecksums

@testable import ZerODatasets

@Suite struct ColorDatasetTests {
  /// Writes files into a new folder, and reads the folder or one of the files.
  private func load(_ files: [String: [UInt8]], _ name: String? = nil) throws -> Dataset {
    try withTemporaryFolder { folder in
      for (name, bytes) in files {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
      }
      do {
        return try Dataset.load(name.map { folder.appendingPathComponent($0).path } ?? folder.path)
      } catch let error as DatasetError {
        #expect(
          error.description.contains(folder.path) && !error.description.contains("\n"),
          "the message names the file, in one line")
        throw error
      }
    }
  }

  private func failure(_ files: [String: [UInt8]], _ name: String? = nil) throws -> DatasetError? {
    do {
      _ = try load(files, name)
      return nil
    } catch let error as DatasetError { return error }
  }

  // MARK: IDX

  /// Four files whose images have these dimensions after the first one, 2.
  private func idx(_ dimensions: [Int], test: [Int]? = nil, digit: Int = 3) -> [String: [UInt8]] {
    func images(_ dimensions: [Int]) -> [UInt8] {
      idxFile(
        dimensions: [2] + dimensions, values: (0..<2 * dimensions.reduce(1, *)).map { UInt8($0) })
    }
    let labels = idxFile(dimensions: [2], values: [0, 1])
    return [
      "train-images-idx\(digit)-ubyte": images(dimensions), "train-labels-idx1-ubyte": labels,
      "t10k-images-idx\(digit)-ubyte": images(test ?? dimensions), "t10k-labels-idx1-ubyte": labels,
    ]
  }

  @Test(arguments: [3, 4]) func `channels of IDX files are first or last`(digit: Int) throws {
    let first = try load(idx([3, 2, 5], digit: digit))
    #expect(first.train.size == [2, 5] && first.train.channels == 3)
    #expect(Array(first.train.pixels) == (0..<60).map { UInt8($0) })
    let last = try load(idx([2, 5, 3], digit: digit))
    #expect(last.train.shape == [2, 5, 3] && last.inputDimension == 30)
    // Channel c of pixel p of image i.
    var expected: [UInt8] = []
    for start in [0, 30] {
      for channel in 0..<3 {
        for pixel in 0..<10 { expected.append(UInt8(start + 3 * pixel + channel)) }
      }
    }
    #expect(Array(last.train.pixels) == expected)
    for dimensions in [[1, 4, 5], [4, 5, 1]] {
      let gray = try load(idx(dimensions, digit: digit))
      #expect(gray.train.shape == [4, 5] && gray.train.pixels.prefix(3) == [0, 1, 2])
    }
  }

  @Test(arguments: [[3, 5, 3], [1, 5, 3], [2, 5, 4], [2, 3, 2]])
  func `ambiguous channels are refused`(dimensions: [Int]) throws {
    let error = try failure(idx(dimensions))
    guard case .ambiguousChannels(_, [2] + dimensions) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `training and test images have the same channels`() throws {
    let error = try failure(idx([2, 5, 3], test: [2, 5]))
    guard case .sizeMismatch(_, [2, 5, 3], [2, 5]) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let gray = try LabeledImages(size: [1, 3], pixels: [1, 2, 3], labels: [0])
    let color = try LabeledImages(size: [1, 3], channels: 3, pixels: .init(1...9), labels: [0])
    #expect(throws: DatasetError.sizeMismatch(folder: "d", train: [1, 3], test: [1, 3, 3])) {
      try Dataset(name: "d", train: gray, test: color)
    }
  }

  // MARK: Keras

  @Test func `files of NumPy in the form of Keras`() throws {
    let golden: ImageFilesGolden = try golden("image_files")
    let shapes = ["gray": [2, 3], "last": [2, 5, 3], "first": [2, 5, 3]]
    for file in golden.arrays {
      let data = try load(["data.npz": [UInt8](file.bytes)], "data.npz")
      #expect(data.train.shape == shapes[file.name], "\(file.name)")
      #expect(Array(data.train.pixels) == file.pixels, "\(file.name)")
      #expect(data.train.labels == [0, 2, 1, 2] && data.classCount == 3)
      #expect(data.test.pixels != data.train.pixels && data.test.labels == data.train.labels)
      #expect(data.files == [Dataset.File(name: "data.npz", sha256: sha256([UInt8](file.bytes)))])
    }
    #expect(golden.arrays.count == 3)
  }

  private func npy(_ type: String, _ shape: String, _ values: [UInt8], order: String = "False")
    -> [UInt8]
  {
    let header = Array(
      "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n".utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + values
  }

  /// An archive of two gray images per part, after a change of its members.
  private func failure(_ change: (inout ZipBuilder) -> Void) throws -> DatasetError? {
    var archive = ZipBuilder(
      ["train", "test"].flatMap { part in
        [
          ZipBuilder.Member("x_\(part).npy", npy("|u1", "(2, 1, 3)", Array(1...6))),
          ZipBuilder.Member("y_\(part).npy", npy("<i2", "(2,)", [0, 0, 1, 0])),
        ]
      })
    change(&archive)
    return try failure(["d.npz": archive.bytes], "d.npz")
  }

  @Test func `every defect of an archive`() throws {
    #expect(try failure { _ in } == nil)
    func error(_ name: String, _ bytes: [UInt8]) throws -> DatasetError? {
      try failure { $0.change(name + ".npy") { $0.bytes = bytes } }
    }
    let missing = try failure { $0.members.removeFirst() }
    guard case .missingArray(_, "x_train", ["x_test", "y_test", "y_train"]) = missing else {
      Issue.record("\(String(describing: missing))")
      return
    }
    for (name, bytes, found) in [
      ("x_train", npy("<f4", "(2, 1, 3)", Array(repeating: 0, count: 24)), "type <f4"),
      ("x_test", npy("|u1", "(2, 3)", Array(1...6)), "shape [2, 3]"),
      ("x_test", npy("|u1", "(2, 1, 3)", Array(1...6), order: "True"), "column-major"),
      ("y_train", npy("<f8", "(2,)", Array(repeating: 0, count: 16)), "type <f8"),
      ("y_test", npy("<i2", "(1, 2)", [0, 0, 1, 0]), "shape [1, 2]"),
    ] {
      let error = try error(name, bytes)
      guard case .wrongArray(let path, let reason, _) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(path.hasSuffix("'\(name)'") && reason.contains(found))
    }
    for (bytes, reason) in [
      (npy("|u1", "(2, 1, 3)", Array(1...5)), "5 bytes of values for shape [2, 1, 3]"),
      (npy("|u1", "(2, 1, 3)", Array(1...7)), "7 bytes"), (Array("no array".utf8), "signature"),
      (npy("|u1", "(9223372036854775807, 2, 3)", []), "too large"),
    ] {
      let error = try error("x_train", bytes)
      guard case .corruptArchive(_, let found) = error, found.contains(reason) else {
        Issue.record("\(reason): \(String(describing: error))")
        continue
      }
    }
    let empty = try error("x_train", npy("|u1", "(0, 1, 3)", []))
    guard case .unreasonableSize(_, [0, 1, 3]) = empty else {
      Issue.record("\(String(describing: empty))")
      return
    }
    let count = try error("y_test", npy("|u1", "(3,)", [0, 1, 0]))
    guard case .countMismatch(_, 2, "'y_test'", 3) = count else {
      Issue.record("\(String(describing: count))")
      return
    }
    for (type, values, label) in [
      ("<i2", [UInt8](arrayLiteral: 0, 0, 0xff, 0xff), -1), (">i2", [0, 0, 1, 0], 256),
      ("<u8", Array(repeating: 0, count: 8) + Array(repeating: 255, count: 8), Int.max),
    ] {
      let error = try error("y_train", npy(type, "(2,)", values))
      guard case .labelOutsideClasses(_, 1, label, 256) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    let outside = try error("y_test", npy("|u1", "(2,)", [0, 2]))
    guard case .labelOutsideClasses(_, 1, 2, 2) = outside else {
      Issue.record("\(String(describing: outside))")
      return
    }
    let sum = try failure { $0.change("x_test.npy") { $0.checksum = 1 } }
    guard case .corruptArchive = sum else {
      Issue.record("\(String(describing: sum))")
      return
    }
  }

  @Test func `truncated archives and other files are refused`() throws {
    let golden: ImageFilesGolden = try golden("image_files")
    let whole = [UInt8](golden.arrays[0].bytes)
    let error = try failure(["d.npz": Array(whole.prefix(whole.count / 2))], "d.npz")
    guard case .corruptArchive = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    for bytes in [[], Array("text".utf8)] as [[UInt8]] {
      let error = try failure(["d.npz": bytes], "d.npz")
      guard case .unknownFormat = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  // MARK: CIFAR

  /// A record whose red, green and blue are `value`, `value` + 1 and `value` + 2.
  private func record(_ labels: [UInt8], _ value: UInt8) -> [UInt8] {
    labels + (0..<3).flatMap { [UInt8](repeating: value + $0, count: 1024) }
  }

  private var cifar10: [String: [UInt8]] {
    var files = ["test_batch.bin": record([4], 90)]
    for batch in 1...5 {
      files["data_batch_\(batch).bin"] = record([UInt8(batch)], UInt8(10 * batch)) + record([9], 1)
    }
    return files
  }

  private var cifar100: [String: [UInt8]] {
    ["train.bin": record([19, 99], 5) + record([1, 0], 50), "test.bin": record([3, 7], 9)]
  }

  @Test func `binary files of CIFAR-10 and CIFAR-100`() throws {
    let ten = try load(cifar10)
    #expect(ten.train.shape == [32, 32, 3] && ten.classCount == 10 && ten.train.count == 10)
    #expect(ten.train.labels == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9] && ten.test.labels == [4])
    #expect([0, 1024, 2048, 6144].map { ten.train.pixels[$0] } == [10, 11, 12, 20])
    #expect(ten.files.count == 6 && ten.files[5].name == "test_batch.bin")
    let hundred = try load(cifar100)
    #expect(hundred.train.labels == [99, 0] && hundred.test.labels == [7])
    #expect(hundred.classCount == 100 && hundred.train.pixels[3072] == 50)
  }

  @Test func `every defect of CIFAR's files`() throws {
    for change in [-1, 1, -3073] {
      var files = cifar10
      files["test_batch.bin"] = Array((record([4], 9) + [7]).prefix(3073 + change))
      let error = try failure(files)
      guard case .wrongRecords(_, 3073 + change, 3073, nil) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    var files = cifar10
    files["data_batch_3.bin"] = record([1], 1) + record([10], 1)
    let label = try failure(files)
    guard case .labelOutsideClasses(_, 1, 10, 10) = label else {
      Issue.record("\(String(describing: label))")
      return
    }
    files = cifar100
    // The coarse label is not used.
    files["test.bin"] = record([200, 100], 9)
    let fine = try failure(files)
    guard case .labelOutsideClasses(_, 0, 100, 100) = fine else {
      Issue.record("\(String(describing: fine))")
      return
    }
    for (files, name) in [(cifar10, "data_batch_4.bin"), (cifar100, "test.bin")] {
      let error = try failure(files.filter { $0.key != name })
      guard case .missingBinaryFile(_, name, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  /// A data set like CIFAR-100, with two training images and one test image.
  private func source(_ stored: [UInt8]) -> DatasetSource {
    let archive = PublishedArchive(
      form: .hundred, name: "small.tar", size: stored.count, sha256: sha256(stored), train: 2,
      test: 1)
    return DatasetSource(
      name: "small", summary: "", classCount: 100, resourceFolder: "", systemFolders: [],
      mirrors: [], installation: "unpack it", archive: archive)
  }

  /// A compressed archive of files.
  private func archive(_ files: [String: [UInt8]], in folder: URL) throws -> [UInt8] {
    let contents = folder.appendingPathComponent("cifar-100-binary")
    try FileManager.default.createDirectory(at: contents, withIntermediateDirectories: true)
    for (name, bytes) in files {
      try Data(bytes).write(to: contents.appendingPathComponent(name))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "tar", "-C", folder.path, "-czf", folder.path + "/small.tar", "cifar-100-binary",
    ]
    try process.run()
    process.waitUntilExit()
    return try readFile(folder.appendingPathComponent("small.tar"))
  }

  @Test func `an archive is fetched, verified, unpacked and found again`() async throws {
    try await withTemporaryFolder { folder in
      let stored = try archive(cifar100, in: folder)
      let source = source(stored)
      let target = folder.appendingPathComponent("target")
      try await LocalServer.serving(folder) { address in
        var lines: [String] = []
        try source.fetch(into: target, from: [address]) { lines.append($0) }
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix("contents verified") })
        #expect(try source.load(from: target).train.labels == [99, 0])
        lines = []
        try source.fetch(into: target, from: []) { lines.append($0) }
        #expect(lines.count == 2 && lines.allSatisfy { $0.contains("already here") })
        // Other contents of the same length differ from the recorded checksum.
        try Data(record([3, 8], 9)).write(to: target.appendingPathComponent("test.bin"))
        #expect {
          try source.load(from: target)
        } throws: { if case .wrongChecksum? = $0 as? DatasetError { true } else { false } }
        // Another number of images is not the published data set.
        try Data(record([3, 8], 9) + record([3, 8], 9))
          .write(to: target.appendingPathComponent("test.bin"))
        #expect {
          try source.load(from: target)
        } throws: {
          if case .wrongRecords(_, 6148, 3074, 1)? = $0 as? DatasetError { true } else { false }
        }
      }
    }
  }

  @Test func `an archive with other contents is rejected`() async throws {
    try await withTemporaryFolder { folder in
      let stored = try archive(["train.bin": [1]], in: folder)
      try await LocalServer.serving(folder) { (address: String) async throws -> Void in
        let target = folder.appendingPathComponent("target")
        for (source, reason) in [
          (source(stored), "the archive does not contain test.bin"),
          (source(stored + [0]), "SHA-256 is not the published one"),
        ] {
          #expect {
            try source.fetch(into: target, from: [address]) { _ in }
          } throws: { "\($0)".contains(reason) }
        }
        #expect(!FileManager.default.fileExists(atPath: target.path))
      }
    }
  }

  @Test func `a damaged tar archive ends at the damage`() {
    var tape = [UInt8](repeating: 0, count: 2048)
    tape.replaceSubrange(0..<1, with: Array("a".utf8))
    tape.replaceSubrange(124..<128, with: Array("0003".utf8))
    tape[156] = UInt8(ascii: "0")
    #expect(tarMembers(tape).first?.name == "a" && tarMembers(tape).first?.range == 512..<515)
    tape.replaceSubrange(124..<135, with: Array("77777777777".utf8))
    #expect(tarMembers(tape).isEmpty)
    tape.replaceSubrange(124..<128, with: Array("-003".utf8))
    #expect(tarMembers(tape).isEmpty && tarMembers(Array(tape.prefix(511))).isEmpty)
  }

  @Test func `a missing copy names the folder and the address`() throws {
    let source = try DatasetSource.named("cifar-10")
    guard source.installedFolder == nil else { return }
    #expect {
      try source.load()
    } throws: { error in
      "\(error)".contains("cifar-10-binary.tar.gz in \(source.userFolder.path), or run")
    }
  }
}
