// Requirements end a program with their message.

import Testing
import ZerORequirements

@Suite struct RequirementsTests {
  @Test func `an unmet requirement ends the program with its message and place`() async throws {
    let ended = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let rows = 3
        require(rows == 4, "\(rows) rows")
      })
    let text = String(decoding: ended.standardErrorContent, as: UTF8.self)
    #expect(text.contains("RequirementsTests.swift:") && text.contains(": 3 rows\n"))
    // Not the message of Swift's own precondition, which release builds lack.
    #expect(!text.contains("Fatal error: 3 rows"))
  }

  @Test func `the message of a requirement that is met is not made`() {
    var made = 0
    func message() -> String {
      made += 1
      return ""
    }
    require(true, message())
    #expect(made == 0)
  }
}
