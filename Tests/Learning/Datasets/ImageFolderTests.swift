// Folders of PNG and JPEG images, compared with the pixels that Pillow decodes.

import Foundation
import TestSupport
import Testing

@testable import ZerODatasets

@Suite struct ImageFolderTests {
  private let golden: ImageFilesGolden

  init() throws { golden = try TestSupport.golden("image_files") }

  private func bytes(_ name: String) throws -> [UInt8] {
    let file = golden.images.first { $0.name == name }?.bytes
    return [UInt8](try #require(file ?? golden.refused.first { $0.name == name }?.bytes))
  }

  /// Writes images by their paths in a new folder, and reads the data set.
  private func dataset(_ files: [String: [UInt8]]) throws -> Dataset {
    try withTemporaryFolder { folder in
      for (path, bytes) in files {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
      }
      do {
        return try Dataset.load(folder.path)
      } catch let error as DatasetError {
        #expect(
          error.description.contains(folder.path) && !error.description.contains("\n"),
          "the message names the file, in one line")
        throw error
      }
    }
  }

  /// Two classes with one training image each, and a test image of the second class.
  private func files() throws -> [String: [UInt8]] {
    [
      "train/b/1.png": try bytes("color.png"), "train/a/2.JPG": try bytes("color.jpg"),
      "test/b/3.jpeg": try bytes("color.jpg"),
    ]
  }

  /// The end of the path and the reason of an image that cannot be used.
  private func refused(_ files: [String: [UInt8]]) -> (path: String, reason: String)? {
    do {
      _ = try dataset(files)
    } catch DatasetError.unusableImage(let path, let reason) {
      return (path.split(separator: "/").suffix(3).joined(separator: "/"), reason)
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test func `decoded pixels are those of Pillow`() throws {
    #expect(golden.images.count == 9)
    for file in golden.images {
      let image = try EncodedImage([UInt8](file.bytes))
      #expect(image.size == file.size && image.channels == file.channels, "\(file.name)")
      #expect(Array(image.pixels) == file.pixels, "\(file.name)")
    }
    // The chunk that must not change pixels is in the file.
    #expect(Data(try bytes("gamma.png")).range(of: Data("gAMA".utf8)) != nil)
  }

  @Test func `classes are numbered in the order of their names`() throws {
    var files = try files()
    files["train/.hidden"] = [1]
    files["train/a/.hidden"] = [1]
    let data = try dataset(files)
    #expect(data.classCount == 2 && data.train.shape == [5, 7, 3] && data.inputDimension == 105)
    #expect(data.train.labels == [0, 1] && data.test.labels == [1])
    // Channel after channel.
    let png = try #require(golden.images.first { $0.name == "color.png" }?.pixels)
    let planes = (0..<3).flatMap { channel in (0..<35).map { png[3 * $0 + channel] } }
    #expect(Array(data.train.pixels[105...]) == planes)
    #expect(
      Array(data.train.pixels[..<105]) != planes
        && Array(data.test.pixels) == Array(data.train.pixels[..<105]))
    #expect(
      data.files.map(\.name) == ["train-images", "train-labels", "test-images", "test-labels"])
  }

  @Test func `the images of the classes alternate, so the first images are of all classes`() throws
  {
    var files = try files()
    let (png, jpg) = (try bytes("color.png"), try bytes("color.jpg"))
    for name in ["3.png", "4.png", "5.png"] { files["train/a/\(name)"] = png }
    files["train/c/1.png"] = jpg
    files["train/c/2.png"] = png
    files["test/a/1.png"] = png
    let data = try dataset(files)
    #expect(data.train.labels == [0, 1, 2, 0, 2, 0, 0] && data.test.labels == [0, 1])
    let pixels = try dataset(self.files()).train.pixels
    let (first, second) = (pixels.prefix(105), pixels.suffix(105))
    let order = [first, second, first, second, second, second, second]
    #expect(data.train.pixels.elementsEqual(order.joined()), "labels and pixels have one order")
    let part = try data.selecting(train: 3, test: 2)
    #expect(part.train.labels == [0, 1, 2] && part.test.labels == [0, 1])
  }

  #if canImport(Glibc)
    @Test func `names of different bytes are different classes, though the texts are equal`() throws
    {
      try withTemporaryFolder { folder in
        for path in ["train/\u{e9}", "train/e\u{301}", "test/\u{e9}"] {
          let classFolder = folder.path + "/" + path
          try FileManager.default.createDirectory(
            atPath: classFolder, withIntermediateDirectories: true)
          try Data(bytes("gray.png")).write(to: URL(fileURLWithPath: classFolder + "/1.png"))
        }
        let data = try Dataset.load(folder.path)
        #expect(data.classCount == 2 && data.train.labels == [0, 1] && data.test.labels == [1])
      }
    }
  #endif

  @Test func `capitals precede small letters, as in Python`() throws {
    let image = try bytes("gray.png")
    let data = try dataset([
      "train/a/1.png": image, "train/B/1.png": image, "train/é/1.png": image, "val/B/1.png": image,
    ])
    #expect(data.test.labels == [0] && data.classCount == 3 && data.train.shape == [5, 7])
  }

  @Test func `test precedes val`() throws {
    var files = try files()
    files["val/no class/1.png"] = [1]
    #expect(try dataset(files).test.count == 1)
  }

  @Test(arguments: [
    ("alpha.png", "an alpha channel"), ("transparent_palette.png", "an alpha channel"),
    ("sixteen_bits.png", "16 bits per channel"), ("cmyk.jpg", "CMYK"),
    ("large.png", "60000 × 60000 pixels"),
  ])
  func `unsupported images are refused`(name: String, reason: String) throws {
    var files = try files()
    files["test/a/\(name)"] = try bytes(name)
    let refusal = try #require(refused(files))
    #expect(refusal.path == "test/a/\(name)" && refusal.reason.contains(reason), "\(refusal)")
  }

  @Test func `truncated and damaged images are refused`() throws {
    func damaged(_ bytes: [UInt8]) -> [String: [UInt8]] {
      ["train/a/1.png": bytes, "test/a/1.png": bytes]
    }
    for (name, format) in [
      ("color.png", "PNG"), ("color.jpg", "JPEG"), ("progressive.jpg", "JPEG"),
    ] {
      let whole = try bytes(name)
      for length in [10, whole.count / 2, whole.count - 20] {
        let refusal = try #require(
          refused(damaged(Array(whole.prefix(length)))), "\(name) of \(length) bytes")
        #expect(refusal.reason.contains("not a valid \(format) image"), "\(refusal)")
      }
    }
    // The negative control of a length: nothing is missing.
    #expect(throws: Never.self) { try EncodedImage(bytes("color.png")) }
    var changed = try bytes("color.png")
    changed[60] ^= 0xff
    #expect(refused(damaged(changed))?.reason.contains("not a valid PNG") == true)
    #expect(refused(damaged([]))?.reason.contains("neither a PNG nor a JPEG") == true)
  }

  @Test func `other files are refused`() throws {
    for path in ["train/a/notes.txt", "train/notes.txt", "train/a/folder/1.png", "test/1.png"] {
      var files = try files()
      files[path] = try bytes("color.png")
      let refusal = try #require(refused(files))
      #expect(refusal.reason.contains("remove it"), "\(refusal)")
    }
  }

  @Test func `an image of another size names both`() throws {
    var files = try files()
    files["test/b/4.png"] = try bytes("gray.png")
    #expect {
      try dataset(files)
    } throws: { error in
      guard
        case .differentImage(let path, [5, 7, 1], let first, [5, 7, 3])? = error as? DatasetError
      else { return false }
      return path.hasSuffix("test/b/4.png") && first.hasSuffix("train/a/2.JPG")
        && "\(error)".contains("5 × 7 × 1 values") && "\(error)".contains("5 × 7 × 3;")
    }
  }

  @Test func `classes of the two parts must match`() throws {
    var files = try files()
    files["test/c/4.png"] = try bytes("color.png")
    #expect {
      try dataset(files)
    } throws: { error in
      if case .unknownClass(let folder, ["a", "b"])? = error as? DatasetError {
        folder.hasSuffix("test/c")
      } else {
        false
      }
    }
    var many = try self.files()
    for index in 0..<256 { many["train/\(index)/1.png"] = [] }
    #expect {
      try dataset(many)
    } throws: { if case .tooManyClasses(_, 258)? = $0 as? DatasetError { true } else { false } }
  }

  @Test func `a part without images is refused`() throws {
    let image = try bytes("color.png")
    for (file, text) in [
      ("train", "has neither test nor val; add test/CLASS"),
      ("val", "has no train; add train/CLASS"),
    ] {
      #expect {
        try dataset(["\(file)/a/1.png": image])
      } throws: { "\($0)".hasSuffix(text) }
    }
    for (files, text) in [
      (
        ["train/a/.hidden": image, "val/.hidden": image],
        "/train/a: no images; add some, or remove the folder"
      ),
      (
        ["train/.hidden": image, "test/.hidden": image],
        "/train: no folders of classes; add one per class, with its images"
      ),
      (
        ["train/a/1.png": image, "test/.hidden": image],
        "/test: no folders of classes; add one per class, with its images"
      ),
    ] {
      #expect {
        try dataset(files)
      } throws: { "\($0)".hasSuffix(text) }
    }
    #expect {
      try dataset(["notes.txt": [1]])
    } throws: { if case .unknownFormat? = $0 as? DatasetError { true } else { false } }
  }
}
