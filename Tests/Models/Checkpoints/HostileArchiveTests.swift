// Archives whose directories declare impossible sizes.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints

@Suite struct HostileArchiveTests {
  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// A zip archive of one member with any sizes, in 64 bits.
  private func archive(_ contents: [UInt8], size: Int, compressedSize: Int, method: Int = 0)
    -> [UInt8]
  {
    let name = Array("w.npy".utf8)
    // The 32-bit fields refer to the extra field with 64 bits.
    let common =
      bytes(0, 2) + bytes(method, 2) + bytes(0, 8) + bytes(0xffff_ffff, 4) + bytes(0xffff_ffff, 4)
      + bytes(name.count, 2) + bytes(20, 2)
    let extra = bytes(1, 2) + bytes(16, 2) + bytes(size, 8) + bytes(compressedSize, 8)
    let local = Array("PK\u{3}\u{4}".utf8) + bytes(45, 2) + common + name + extra
    let directory =
      Array("PK\u{1}\u{2}".utf8) + bytes(45, 2) + bytes(45, 2) + common + bytes(0, 14) + name
      + extra
    let end =
      Array("PK\u{5}\u{6}".utf8) + bytes(0, 4) + bytes(1, 2) + bytes(1, 2)
      + bytes(directory.count, 4) + bytes(local.count + contents.count, 4) + bytes(0, 2)
    return local + contents + directory + end
  }

  /// An NPY header for a square matrix in single precision.
  private func header(_ dimension: Int) -> [UInt8] {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(dimension), \(dimension)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes(text.utf8.count, 2) + Array(text.utf8)
  }

  /// Expects an error before memory for the declared size is allocated.
  private func expectRefusal(_ archive: [UInt8], _ reason: String) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      try Data(archive).write(to: url)
      #expect {
        _ = try TensorArchive(url.path).tensors[0].named()
      } throws: {
        ($0 as? TensorFileError)?.description.contains(reason) == true
      }
    }
  }

  @Test(arguments: [1 << 24, 1 << 13, 1 << 9])
  func `a member larger than its file is rejected`(dimension: Int) throws {
    let contents = header(dimension)
    let size = contents.count + 4 * dimension * dimension
    let file = archive(contents, size: size, compressedSize: size)
    try expectRefusal(file, "'w.npy' has \(size) compressed bytes in a file of \(file.count)")
  }

  @Test func `a member larger than its compressed bytes allow is rejected`() throws {
    let contents = header(64)
    let size = contents.count + 4 * 64 * 64
    // Deflate could compress this much, but the member is stored.
    try expectRefusal(
      archive(contents, size: size, compressedSize: contents.count),
      "'w.npy' declares \(size) bytes, impossible for \(contents.count)")
    // No method compresses this much.
    let large = header(1 << 13)
    try expectRefusal(
      archive(large, size: large.count + 4 << 26, compressedSize: large.count, method: 8),
      "'w.npy' declares \(large.count + 4 << 26) bytes, impossible for \(large.count)")
  }

  @Test func `missing values are an error, not zeros`() throws {
    // As long as the file, so only reading shows that the directory's bytes are not values.
    let contents = header(4)
    let file = archive(contents, size: contents.count + 64, compressedSize: contents.count + 64)
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.npz")
      try Data(file).write(to: url)
      #expect(throws: TensorFileError.self) { try TensorArchive(url.path).tensors[0].named() }
    }
  }
}
