// Zip archives made by the encoder, compared with literal bytes and read by two other programs' code.

import Foundation
import TestSupport
import Testing
import ZerOArrayFiles

@testable import ZerOCheckpoints

@Suite struct ZipEncoderTests {
  @Test func `an archive of one member has exactly these bytes`() {
    var zip = ZipEncoder()
    let bytes = zip.member("a/v", Array("3\n".utf8)) + zip.directory()
    let header: [UInt8] = [
      0x50, 0x4b, 3, 4, 20, 0, 8, 8, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      3, 0, 31, 0,
    ]
    let padding = [UInt8]("FB".utf8) + [27, 0] + [UInt8](repeating: UInt8(ascii: "Z"), count: 27)
    // CRC-32 of "3\n".
    let checksum: [UInt8] = [0xd1, 0x9e, 0x67, 0x55]
    let after: [UInt8] = [0x50, 0x4b, 7, 8] + checksum + [2, 0, 0, 0, 2, 0, 0, 0]
    let entry: [UInt8] =
      [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 8, 8, 0, 0, 0, 0, 0x21, 0] + checksum
      + [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      + Array("a/v".utf8)
    let end: [UInt8] = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 49, 0, 0, 0, 82, 0, 0, 0, 0, 0]
    #expect(header.count + 3 + padding.count == 64)
    #expect(bytes == header + Array("a/v".utf8) + padding + Array("3\n".utf8) + after + entry + end)
  }

  /// Members of several sizes; with a small limit, some of them need ZIP64 records.
  @Test(arguments: [Int(UInt32.max), 1000, 1])
  func `archives with and without ZIP64 records are read by libzip and Python`(limit: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.zip")
      let members = [("a/x", 7), ("a/empty", 0), ("a/é", 1500), ("a/last", 64)].map { name, size in
        (name, (0..<size).map { UInt8(truncatingIfNeeded: 31 * $0 + size) })
      }
      var zip = ZipEncoder(limit: limit)
      var bytes: [UInt8] = []
      for (name, contents) in members {
        bytes += zip.begin(name, size: contents.count)
        #expect(bytes.count.isMultiple(of: 64))
        for byte in contents { zip.count([byte]) }
        bytes += contents + zip.end()
      }
      bytes += zip.directory()
      try Data(bytes).write(to: url)

      let archive = try ZipArchive(url.path)
      #expect(archive.members.map(\.name) == members.map(\.0))
      for (member, (_, contents)) in Swift.zip(archive.members, members) {
        #expect(try archive.bytes(of: member).bytes(0..<member.size) == contents)
      }
      #expect(
        try Self.python(
          "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), "
            + "[(i.filename, sum(z.read(i))) for i in z.infolist()])", url.path)
          == "None ["
          + members.map { "('\($0)', \($1.reduce(0) { $0 + Int($1) }))" }.joined(separator: ", ")
          + "]\n")
    }
  }

  /// The output of a Python program.
  static func python(_ arguments: String...) throws -> String {
    let (python, output) = (Process(), Pipe())
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = ["python3", "-c"] + arguments
    python.standardOutput = output
    try python.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    python.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }
}
