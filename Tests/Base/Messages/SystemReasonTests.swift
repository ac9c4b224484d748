import Foundation
import Messages
import TestSupport
import Testing

@Suite struct SystemReasonTests {
  @Test func `the reason is the operating system's, not Foundation's`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      func reason(_ body: () throws -> Void) -> String? {
        do {
          try body()
          return nil
        } catch { return systemReason(of: error) }
      }
      #expect(
        reason {
          try FileManager.default.createDirectory(
            at: file.appendingPathComponent("sub"), withIntermediateDirectories: true)
        } == "Not a directory")
      #expect(reason { _ = try Data(contentsOf: folder) } == "Is a directory")
      #expect(
        reason { _ = try FileHandle(forWritingTo: folder.appendingPathComponent("none")) }
          == "No such file or directory")
    }
  }

  @Test(arguments: [
    ("results", true), ("a b.1", true), ("", false), (".", false), ("..", false),
    ("a/b", false), (".hidden", false), ("a\0b", false), ("a\nb", false),
  ])
  func `names that lead elsewhere are no folder names`(name: String, isOne: Bool) {
    #expect(name.isFolderName == isOne)
    #expect(name.isResultName == isOne)
  }

  @Test func `a name that its own files can't have is no name of results`() {
    let longest = String(repeating: "é", count: 100)
    #expect(longest.isResultName && !(longest + "a").isResultName && (longest + "a").isFolderName)
  }
}
