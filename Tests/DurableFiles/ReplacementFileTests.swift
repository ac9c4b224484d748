// A file is the old one or the new one, and nothing stays beside it.

import DurableFiles
import Foundation
import TestSupport
import Testing

@Suite struct ReplacementFileTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  @Test func `contents are under the name when they are committed, and not before`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      try DurableFile.replace(url, with: [1])
      let file = try ReplacementFile(for: url)
      try file.append([2, 3])
      try file.append([4])
      #expect(try [UInt8](Data(contentsOf: url)) == [1])
      #expect(try names(folder).count == 2)
      try file.commit()
      #expect(try [UInt8](Data(contentsOf: url)) == [2, 3, 4])
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func `contents that nobody commits go away`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      try DurableFile.replace(url, with: [1])
      do {
        let file = try ReplacementFile(for: url)
        try file.append([2])
      }
      #expect(try [UInt8](Data(contentsOf: url)) == [1])
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func `what a killed process left is removed, and nothing else`() throws {
    try withTemporaryFolder { folder in
      for name in [".a.1234.part", ".hidden", "b.part"] {
        try Data().write(to: folder.appendingPathComponent(name))
      }
      DurableFile.removeParts(in: folder)
      #expect(try Set(names(folder)) == [".hidden", "b.part"])
    }
  }
}
