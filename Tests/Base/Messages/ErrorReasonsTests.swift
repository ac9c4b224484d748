import Foundation
import TestSupport
import Testing
import ZerOMessages

@Suite struct ErrorReasonsTests {
  @Test func `the reason is the operating system's description, not Foundation's`() throws {
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

  private struct Value: Decodable {
    enum Word: String, Decodable { case yes }

    let number: Int
    let table: [String: [Double]]
    let word: Word?
  }

  private static let examples = [
    ("{", "not JSON: Unexpected end of file during JSON parse"),
    (#"{"number": @}"#, "not JSON: Invalid value around character 11"),
    (#"{"table": {}}"#, "the key 'number' is missing"),
    (#"{"number": "1", "table": {}}"#, "'number' is a string, not a number"),
    (#"{"number": null, "table": {}}"#, "'number' is null, not a number"),
    (#"{"number": 1, "table": []}"#, "'table' is an array, not an object"),
    (#"{"number": 1, "table": {"a": [1, "x"]}}"#, "'table.a.[1]' is a string, not a number"),
    (
      #"{"number": 1, "table": {}, "word": 1}"#, "'word' is a number, not a string"
    ),
    (
      #"{"number": 1, "table": {}, "word": "no"}"#,
      "'word': Cannot initialize Word from invalid String value no"
    ),
    ("[]", "the whole is an array, not an object"),
  ]

  @Test(arguments: examples)
  func `the reason for a JSON error contains the key or the position`(text: String, reason: String)
  {
    let data = Data(text.utf8)
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Value.self, from: data)
    }
    #expect(error.map { jsonReason(of: $0, in: data) } == reason)
  }
}
