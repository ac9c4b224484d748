import Foundation
import TestSupport
import Testing
import ZerODurableFiles

@Suite struct ReplacementFileTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  @Test func `a file changes only at the commit`() throws {
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

  @Test func `uncommitted contents are deleted`() throws {
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

  @Test func `only temporary files of a killed process are removed`() throws {
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
  func `a file keeps its permissions`(permissions: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      try Data([1]).write(to: url)
      try FileManager.default.setAttributes(
        [.posixPermissions: permissions], ofItemAtPath: url.path)
      let file = try ReplacementFile(for: url)
      let part = try #require(try names(folder).first { $0 != "a" })
      // The temporary file has them from the start, since its contents may be secret.
      #expect(try mode(folder.appendingPathComponent(part)) == permissions)
      try file.append([2])
      try file.commit()
      #expect(try mode(url) == permissions)
      #expect(try [UInt8](Data(contentsOf: url)) == [2])
    }
  }

  @Test func `a new file has the default permissions`() throws {
    try withTemporaryFolder { folder in
      let (usual, url) = (folder.appendingPathComponent("a"), folder.appendingPathComponent("b"))
      try Data().write(to: usual)
      try DurableFile.replace(url, with: [1])
      #expect(try mode(url) == mode(usual))
    }
  }

  @Test func `a symbolic link remains and its target is replaced`() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      let (data, links) = (
        folder.appendingPathComponent("data"), folder.appendingPathComponent("links")
      )
      for url in [data, links] {
        try files.createDirectory(at: url, withIntermediateDirectories: true)
      }
      try Data([1]).write(to: data.appendingPathComponent("a"))
      // A chain of two relative links, and a link to a file that does not exist yet.
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
      // A link to itself is an error.
      try files.createSymbolicLink(
        atPath: links.appendingPathComponent("loop").path, withDestinationPath: "loop")
      #expect(throws: POSIXError(.ELOOP)) {
        try DurableFile.replace(links.appendingPathComponent("loop"), with: [4])
      }
    }
  }

  @Test func `a symbolic link that must not be followed is replaced and its target remains`()
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
        #expect(try mode(link) != 0o777, "the permissions of the target are not copied")
      }
      #expect(try [UInt8](Data(contentsOf: outside)) == [1])
      #expect(try Set(names(folder)) == ["outside", "link"])
    }
  }

  #if os(Linux)
    @Test func `a file in a folder without read permission is replaced`() throws {
      try withTemporaryFolder { folder in
        let files = FileManager.default
        let closed = folder.appendingPathComponent("closed")
        try files.createDirectory(at: closed, withIntermediateDirectories: true)
        for (permissions, url) in [(0o755, folder), (0o333, closed)] {
          try files.setAttributes([.posixPermissions: permissions], ofItemAtPath: url.path)
        }
        // The superuser can read every folder, so this thread switches to another user.
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
