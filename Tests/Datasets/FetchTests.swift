// Downloads, from a server on this machine.

import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct FetchTests {
  private let source = DatasetSource.catalog[0]

  @Test func `files are fetched, verified and found again`() async throws {
    let mirror = try #require(source.installedFolder)
    try await withTemporaryFolder { folder in
      try await LocalServer.serving(mirror) { address in
        var lines: [String] = []
        try await source.fetch(into: folder, from: [address]) { lines.append($0) }
        #expect(lines.count == 4 && lines.allSatisfy { $0.hasSuffix("contents verified") })
        let data = try Dataset(
          folder: folder, name: "mnist", classCount: 10, checksums: source.checksums())
        #expect(data.test.count == 10000)
        lines = []
        try await source.fetch(into: folder, from: []) { lines.append($0) }
        #expect(lines.count == 4 && lines.allSatisfy { $0.contains("already here") })
      }
    }
  }

  @Test func `a mirror with other contents is refused, the next one asked, nothing left behind`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let wrong = folder.appendingPathComponent("wrong")
      try FileManager.default.createDirectory(at: wrong, withIntermediateDirectories: true)
      try Data("not MNIST".utf8)
        .write(to: wrong.appendingPathComponent("train-images-idx3-ubyte.gz"))
      try await LocalServer.serving(wrong) { (address: String) async throws -> Void in
        let target = folder.appendingPathComponent("target")
        await #expect {
          try await source.fetch(into: target, from: [address, "\(address)/missing"]) { _ in }
        } throws: { error in
          guard case .downloadFailed(_, let reasons)? = error as? DatasetError else { return false }
          return reasons.count == 2 && reasons[0].contains("not a sound gzip file")
            && reasons[1].contains("404")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: target.path)
        #expect(left.isEmpty)
      }
    }
  }
}
