import Foundation
import Messages
import Testing

@Suite struct JSONReasonTests {
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
  func `what is wrong with JSON is told with its key or place`(text: String, reason: String) {
    let data = Data(text.utf8)
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Value.self, from: data)
    }
    #expect(error.map { jsonReason(of: $0, in: data) } == reason)
  }
}
