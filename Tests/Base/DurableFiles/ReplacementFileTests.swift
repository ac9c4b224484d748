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

  private func mode(_ url: URL) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
  }

  @Test(arguments: [0o600, 0o640, 0o666, 0o755])
  func `a file keeps the permissions that it had`(permissions: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      try Data([1]).write(to: url)
      try FileManager.default.setAttributes(
        [.posixPermissions: permissions], ofItemAtPath: url.path)
      let file = try ReplacementFile(for: url)
      let part = try #require(try names(folder).first { $0 != "a" })
      // From its first byte on: it may be a secret.
      #expect(try mode(folder.appendingPathComponent(part)) == permissions)
      try file.append([2])
      try file.commit()
      #expect(try mode(url) == permissions)
      #expect(try [UInt8](Data(contentsOf: url)) == [2])
    }
  }

  @Test func `a new file has the usual permissions`() throws {
    try withTemporaryFolder { folder in
      let (usual, url) = (folder.appendingPathComponent("a"), folder.appendingPathComponent("b"))
      try Data().write(to: usual)
      try DurableFile.replace(url, with: [1])
      #expect(try mode(url) == mode(usual))
    }
  }

  @Test func `a symbolic link stays one, and what it leads to is replaced`() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      let (data, links) = (
        folder.appendingPathComponent("data"), folder.appendingPathComponent("links")
      )
      for url in [data, links] {
        try files.createDirectory(at: url, withIntermediateDirectories: true)
      }
      try Data([1]).write(to: data.appendingPathComponent("a"))
      // One by way of another, relative to where each is; and one that leads to nothing yet.
      let leads = [
        ("first", "second"), ("second", "../data/a"),
        ("new", data.appendingPathComponent("b").path),
      ]
      for (name, destination) in leads {
        try files.createSymbolicLink(
          atPath: links.appendingPathComponent(name).path, withDestinationPath: destination)
      }
      try DurableFile.replace(links.appendingPathComponent("first"), with: [2])
      try DurableFile.replace(links.appendingPathComponent("new"), with: [3])
      #expect(try [UInt8](Data(contentsOf: data.appendingPathComponent("a"))) == [2])
      #expect(try [UInt8](Data(contentsOf: data.appendingPathComponent("b"))) == [3])
      #expect(try Set(names(data)) == ["a", "b"])
      for (name, destination) in leads {
        let link = links.appendingPathComponent(name).path
        #expect(try files.destinationOfSymbolicLink(atPath: link) == destination)
      }
      // A link to itself leads nowhere.
      try files.createSymbolicLink(
        atPath: links.appendingPathComponent("loop").path, withDestinationPath: "loop")
      #expect(throws: POSIXError(.ELOOP)) {
        try DurableFile.replace(links.appendingPathComponent("loop"), with: [4])
      }
    }
  }

  @Test func `a symbolic link that is not to be followed is replaced, and what it leads to stays`()
    throws
  {
    try withTemporaryFolder { folder in
      let (outside, link) = (
        folder.appendingPathComponent("outside"), folder.appendingPathComponent("link")
      )
      try Data([1]).write(to: outside)
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: outside.path)
      for destination in [outside.path, "nowhere", "link"] {
        try? FileManager.default.removeItem(at: link)
        try FileManager.default.createSymbolicLink(
          atPath: link.path, withDestinationPath: destination)
        try DurableFile.replace(link, with: [2], followingLinks: false)
        #expect(try [UInt8](Data(contentsOf: link)) == [2])
        #expect(try mode(link) != 0o777, "nor are its permissions taken over")
      }
      #expect(try [UInt8](Data(contentsOf: outside)) == [1])
      #expect(try Set(names(folder)) == ["outside", "link"])
    }
  }

  #if os(Linux)
    @Test func `a folder that may be written to but not read is written to`() throws {
      try withTemporaryFolder { folder in
        let files = FileManager.default
        let closed = folder.appendingPathComponent("closed")
        try files.createDirectory(at: closed, withIntermediateDirectories: true)
        for (permissions, url) in [(0o755, folder), (0o333, closed)] {
          try files.setAttributes([.posixPermissions: permissions], ofItemAtPath: url.path)
        }
        // The superuser may read everything; this thread gives that up for a moment.
        let symbol = unsafe dlsym(nil, "setfsuid")
        let become = unsafe unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> uid_t)?.self)
        let user = become?(65534) ?? 0
        defer { _ = become?(user) }
        try DurableFile.replace(closed.appendingPathComponent("a"), with: [1])
        #expect(try [UInt8](Data(contentsOf: closed.appendingPathComponent("a"))) == [1])
      }
    }
  #endif
}
