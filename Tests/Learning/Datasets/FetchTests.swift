// Downloads from a server on this machine.

import Foundation
import TestSupport
import Testing

@testable import ZerODatasets

@Suite struct FetchTests {
  private let source = DatasetSource.catalog[0]

  @Test func `files are fetched, verified and found again`() async throws {
    let mirror = try #require(source.installedFolder)
    try await withTemporaryFolder { folder in
      try await LocalServer.serving(mirror) { address in
        var lines: [String] = []
        try source.fetch(into: folder, from: [address]) { lines.append($0) }
        #expect(lines.count == 4 && lines.allSatisfy { $0.hasSuffix("contents verified") })
        let data = try Dataset(
          folder: folder, name: "mnist", classCount: 10, checksums: source.checksums())
        #expect(data.test.count == 10000)
        lines = []
        try source.fetch(into: folder, from: []) { lines.append($0) }
        #expect(lines.count == 4 && lines.allSatisfy { $0.contains("already here") })
      }
    }
  }

  @Test func `wrong contents are rejected, the next mirror is tried, and no file is left behind`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let wrong = folder.appendingPathComponent("wrong")
      try FileManager.default.createDirectory(at: wrong, withIntermediateDirectories: true)
      try Data("not MNIST".utf8)
        .write(to: wrong.appendingPathComponent("train-images-idx3-ubyte.gz"))
      try await LocalServer.serving(wrong) { (address: String) async throws -> Void in
        let target = folder.appendingPathComponent("target")
        #expect {
          try source.fetch(into: target, from: [address, "\(address)/missing"]) { _ in }
        } throws: { error in
          guard case .downloadFailed(_, let reasons)? = error as? DatasetError else { return false }
          return reasons.count == 2 && reasons[0].contains("not a valid gzip file")
            && reasons[1].contains("404")
        }
        #expect(!FileManager.default.fileExists(atPath: target.path))
      }
    }
  }

  @Test func `a download ends when the mirror sends too many bytes`() async throws {
    try await withTemporaryFolder { folder in
      let long = folder.appendingPathComponent("long")
      try FileManager.default.createDirectory(at: long, withIntermediateDirectories: true)
      let file = long.appendingPathComponent("train-images-idx3-ubyte.gz")
      try Data(count: 16 + 60_000 * 784 + 65_537).write(to: file)
      try await LocalServer.serving(long) { (address: String) async throws -> Void in
        #expect {
          try source.fetch(into: folder.appendingPathComponent("target"), from: [address]) {
            _ in
          }
        } throws: { error in
          "\(error)".contains("more than the 47105552 bytes that the file can have")
        }
      }
    }
  }

  @Test func `contents longer than the published ones are rejected`() async throws {
    let installed = try #require(source.installedFolder)
    try await withTemporaryFolder { folder in
      let name = "train-images-idx3-ubyte"
      let stored = try Data(contentsOf: installed.appendingPathComponent(name + ".gz"))
      // A second member of the gzip stream: one zero byte.
      let member = Data([
        31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 99, 0, 0, 0x8d, 0xef, 0x02, 0xd2, 1, 0, 0, 0,
      ])
      try (stored + member).write(to: folder.appendingPathComponent(name + ".gz"))
      try await LocalServer.serving(folder) { (address: String) async throws -> Void in
        #expect {
          try source.fetch(into: folder.appendingPathComponent("target"), from: [address]) {
            _ in
          }
        } throws: { "\($0)".contains("SHA-256 is not the published one") }
      }
    }
  }

  @Test(arguments: [
    // On a busy machine, curl may apply the limit to the connection, with a different message.
    (DownloadLimits(bytes: 9, silence: 1), "curl: (28)"),
    (DownloadLimits(bytes: 9, total: 1), "curl: (28)"),
  ])
  func `a mirror that never answers times out`(limits: DownloadLimits, reason: String)
    async throws
  {
    // A listening socket without accept: the system completes the connection.
    let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(silent) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try unsafe withUnsafeMutablePointer(to: &address) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        try #require(unsafe bind(silent, pointer, length) == 0)
        try #require(listen(silent, 4) == 0)
        try #require(unsafe getsockname(silent, pointer, &length) == 0)
      }
    }
    let url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/a"
    #expect {
      _ = try download(url, within: limits)
    } throws: { ($0 as? DownloadFailure)?.reason.contains(reason) == true }
  }

  @Test func `a refused connection is reported`() async throws {
    let url = "http://127.0.0.1:1/a"
    #expect {
      _ = try download(url, within: DownloadLimits(bytes: 9))
    } throws: {
      ($0 as? DownloadFailure)?.reason.contains("curl: (7)") == true
    }
  }
}
