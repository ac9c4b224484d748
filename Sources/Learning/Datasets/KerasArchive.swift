// Data sets in Keras' form: four NumPy arrays in a zip archive.

import Foundation
import ZerOArrayFiles
import ZerOChecksums

/// The four arrays of a `.npz` file: `x_train`, `y_train`, `x_test` and `y_test`.
///
/// Images are unsigned bytes of N × height × width or with 1 or 3 channels; labels are integers of
/// N or N × 1. Other arrays are ignored.
struct KerasArchive {
  private let url: URL
  private let archive: OpenZip
  private let members: [String: OpenZip.Member]

  /// Whether the bytes of a file start like a zip archive.
  static func isArchive(_ url: URL) -> Bool {
    guard let file = try? FileHandle(forReadingFrom: url) else { return false }
    defer { try? file.close() }
    return (try? file.read(upToCount: 4)) == Data("PK\u{3}\u{4}".utf8)
  }

  private init(_ url: URL, size: Int) throws(DatasetError) {
    self.url = url
    do {
      archive = try OpenZip(url.path)
      members = Dictionary(
        try archive.members(inFileOf: size).filter { $0.name.hasSuffix(".npy") }
          .map { (String($0.name.dropLast(4)), $0) }, uniquingKeysWith: { first, _ in first })
    } catch {
      throw .corruptArchive(path: url.path, reason: error.reason)
    }
  }

  /// Reads a data set.
  ///
  /// - Parameter url: The file.
  /// - Returns: Training and test images, and the file.
  /// - Throws: `DatasetError`.
  static func read(_ url: URL) throws(DatasetError) -> Dataset.Parts {
    let stored = try readFile(url)
    let archive = try KerasArchive(url, size: stored.count)
    let train = try archive.images("train")
    return Dataset.Parts(
      train: train, test: try archive.images("test"),
      files: [Dataset.File(name: url.lastPathComponent, sha256: sha256(stored))])
  }

  /// Reads images and labels of one part.
  private func images(_ part: String) throws(DatasetError) -> LabeledImages {
    let (header, bytes) = try array("x_\(part)", of: ["u1": 1], "uint8, 0 … 255")
    let name = "\(url.path), 'x_\(part)'"
    guard (3...4).contains(header.shape.count) else {
      throw .wrongArray(
        path: name, found: "the shape \(header.shape)",
        expected: "images × height × width, with or without 1 or 3 channels")
    }
    guard header.count > 0, header.count <= IDXFile.maximumBytes else {
      throw .unreasonableSize(path: name, dimensions: header.shape)
    }
    let labels = try labels("y_\(part)")
    guard header.shape[0] == labels.count else {
      throw .countMismatch(
        images: name, imageCount: header.shape[0], labels: "'y_\(part)'", labelCount: labels.count)
    }
    return try LabeledImages(
      dimensions: header.shape, values: ContiguousArray(bytes[header.start...]), labels: labels,
      path: name)
  }

  /// Reads labels, integers of any size.
  private func labels(_ array: String) throws(DatasetError) -> ContiguousArray<UInt8> {
    let sizes: [Substring: Int] = [
      "u1": 1, "i1": 1, "u2": 2, "i2": 2, "u4": 4, "i4": 4, "u8": 8, "i8": 8,
    ]
    let (header, bytes) = try self.array(array, of: sizes, "integers")
    let name = "\(url.path), '\(array)'"
    guard header.shape.count == 1 || header.shape.count == 2 && header.shape[1] == 1 else {
      throw .wrongArray(
        path: name, found: "the shape \(header.shape)", expected: "one label per image")
    }
    let (isBigEndian, isSigned) = (header.type.hasPrefix(">"), header.type.dropFirst().first == "i")
    let size = header.count == 0 ? 0 : (bytes.count - header.start) / header.count
    var labels = ContiguousArray<UInt8>()
    for index in 0..<header.count {
      let places = header.start + index * size..<header.start + (index + 1) * size
      var bits = UInt64(0)
      for place in 0..<size {
        bits =
          bits << 8
          | UInt64(bytes[isBigEndian ? places.lowerBound + place : places.upperBound - 1 - place])
      }
      let unused = 64 - 8 * size
      let label = isSigned ? Int(Int64(bitPattern: bits << unused) >> unused) : Int(clamping: bits)
      guard let class8 = UInt8(exactly: label) else {
        throw .labelOutsideClasses(path: name, index: index, label: label, classCount: 256)
      }
      labels.append(class8)
    }
    return labels
  }

  /// Reads an array in row-major order.
  ///
  /// - Parameters:
  ///   - name: The name without `.npy`.
  ///   - types: The accepted types without byte order, and the sizes of their values in bytes.
  ///   - expected: The accepted types in an error.
  /// - Returns: The header, and the bytes of the array with the header.
  /// - Throws: `DatasetError`.
  private func array(_ name: String, of types: [Substring: Int], _ expected: String)
    throws(DatasetError) -> (NPYHeader, [UInt8])
  {
    let path = "\(url.path), '\(name)'"
    guard let member = members[name] else {
      throw .missingArray(path: url.path, name: name, found: members.keys.sorted())
    }
    func defect(_ reason: String) -> DatasetError {
      .corruptArchive(path: path, reason: reason)
    }
    guard member.size <= IDXFile.maximumBytes + 1 << 20 else {
      throw .unreasonableSize(path: path, dimensions: [member.size])
    }
    var bytes: [UInt8] = []
    do {
      _ = try archive.read(member, 0..<member.size, pieceSize: 1 << 17) { piece in
        unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
      }
    } catch {
      throw .corruptArchive(path: url.path, reason: error.reason)
    }
    var sum = CRC32()
    unsafe sum.update(bytes.span.bytes)
    guard !member.hasChecksum || sum.value == member.checksum else { throw defect("CRC error") }
    let header: NPYHeader
    do {
      header = try NPYHeader.parse(fileOf: bytes.count) { Array(bytes[$0]) }.get()
    } catch {
      throw defect(error.reason)
    }
    guard let size = types[header.type.dropFirst()] else {
      throw .wrongArray(path: path, found: "the type \(header.type)", expected: expected)
    }
    let (needed, overflows) = header.count.multipliedReportingOverflow(by: size)
    guard !overflows, needed == bytes.count - header.start else {
      throw defect("\(bytes.count - header.start) bytes of values for shape \(header.shape)")
    }
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw .wrongArray(
        path: path, found: "column-major order",
        expected: "row-major order (numpy.ascontiguousarray)")
    }
    return (header, bytes)
  }
}
