// Every defect of a data set, from literal bytes, and its error.

import Foundation
import TestSupport
import Testing

@testable import ZerODatasets

@Suite struct HostileFileTests {
  /// Returns the error of reading a small data set after one of its files has been replaced.
  private func failure(
    replacing name: String, by bytes: [UInt8]?, classCount: Int? = nil
  ) throws -> DatasetError? {
    try withTemporaryFolder { folder -> DatasetError? in
      try writeSmallDataset(to: folder)
      let file = folder.appendingPathComponent(name)
      if let bytes {
        try Data(bytes).write(to: file)
      } else {
        try FileManager.default.removeItem(at: file)
      }
      do throws(DatasetError) {
        _ = try Dataset(folder: folder, name: "small", classCount: classCount)
        return nil
      } catch {
        #expect(
          error.description.contains(folder.path) && !error.description.contains("\n"),
          "the message names the file, in one line")
        return error
      }
    }
  }

  @Test func `a missing file`() throws {
    let error = try failure(replacing: "t10k-labels-idx1-ubyte", by: nil)
    guard case .missingFile(_, "t10k-labels-idx1-ubyte") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [0, 3, 4, 15, 16, 27])
  func `a truncated file`(length: Int) throws {
    let whole = idxFile(dimensions: [2, 2, 3], values: Array(1...12))
    let error = try failure(replacing: "train-images-idx3-ubyte", by: Array(whole.prefix(length)))
    guard case .truncated(_, let expected, length) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected == (length < 16 ? 16 : 28))
  }

  @Test func `a file longer than declared`() throws {
    let bytes = idxFile(dimensions: [2, 2, 3], values: Array(1...13))
    let error = try failure(replacing: "train-images-idx3-ubyte", by: bytes)
    guard case .tooLong(_, 28) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a labels file or a text instead of images`() throws {
    for (bytes, magic) in [
      (idxFile(dimensions: [3], values: [0, 1, 2]), UInt32(0x801)),
      (Array("no IDX".utf8), 0x6e6f_2049),
    ] {
      let error = try failure(replacing: "train-images-idx3-ubyte", by: bytes)
      guard case .wrongMagic(_, magic, 0x803) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test(arguments: [[0, 28, 28], [1 << 31, 1 << 31, 1 << 31], [1 << 31, 4, 1]])
  func `a header that declares no values, or too many`(dimensions: [Int]) throws {
    let error = try failure(
      replacing: "train-images-idx3-ubyte", by: idxFile(dimensions: dimensions, values: [1, 2, 3]))
    #expect(
      error.map { if case .unreasonableSize = $0 { true } else { false } } == true,
      "\(String(describing: error))")
  }

  @Test func `different numbers of images and labels`() throws {
    let error = try failure(
      replacing: "train-labels-idx1-ubyte", by: idxFile(dimensions: [2], values: [0, 1]))
    guard case .countMismatch(_, 96, _, 2) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `different sizes of training and test images`() throws {
    let error = try failure(
      replacing: "t10k-images-idx3-ubyte",
      by: idxFile(dimensions: [20, 4, 4], values: Array(repeating: 1, count: 320)))
    guard case .sizeMismatch(_, [3, 4], [4, 4]) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a label outside the classes`() throws {
    var labels = (0..<20).map { UInt8($0 % 5) }
    labels[7] = 9
    let file = idxFile(dimensions: [20], values: labels)
    // Without a given number, the classes follow from the training labels, which end at 4.
    for classCount in [nil, 5] {
      let error = try failure(
        replacing: "t10k-labels-idx1-ubyte", by: file, classCount: classCount)
      guard case .labelOutsideClasses(_, 7, 9, 5) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func `a training label far above all others`() throws {
    var labels = (0..<96).map { UInt8($0 % 5) }
    labels[3] = 255
    let error = try failure(
      replacing: "train-labels-idx1-ubyte", by: idxFile(dimensions: [96], values: labels))
    guard case .strayLabel(_, 3, 255, 6) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a damaged and a truncated gzip file`() throws {
    let folder = try #require(DatasetSource.catalog[0].installedFolder)
    let valid = [UInt8](
      try Data(contentsOf: folder.appendingPathComponent("t10k-labels-idx1-ubyte.gz")))
    var damaged = valid
    damaged[valid.count / 2] ^= 0xff
    for bytes in [damaged, Array(valid.dropLast(valid.count / 2)), [0x1f, 0x8b]] {
      let error = try failure(replacing: "t10k-labels-idx1-ubyte", by: bytes)
      #expect(
        error.map { if case .corruptGzip = $0 { true } else { false } } == true,
        "\(String(describing: error))")
    }
  }

  @Test func `a checksum that is not the published one`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      #expect {
        try Dataset(
          folder: folder, name: "small",
          checksums: ["train-images-idx3-ubyte": String(repeating: "0", count: 64)])
      } throws: { error in
        if case .wrongChecksum(_, _, _)? = error as? DatasetError { true } else { false }
      }
    }
  }

  @Test func `neither a name nor a folder`() {
    #expect(throws: DatasetError.unknownName("minst")) { try Dataset.load("minst") }
    let text = DatasetError.unknownName("minst").description
    #expect(text.contains("did you mean 'mnist'?"))
    #expect(text.contains("a folder \(FileManager.default.currentDirectoryPath)/minst"))
  }
}
