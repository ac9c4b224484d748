import Testing
import ZerOMessages

@Suite struct SafeNamesTests {
  @Test(arguments: [
    ("results", true), ("a b.1", true), ("", false), (".", false), ("..", false),
    ("a/b", false), (".hidden", false), ("a\0b", false), ("a\nb", false),
  ])
  func `names that lead out of a folder are not folder names`(name: String, isValid: Bool) {
    #expect(name.isFolderName == isValid)
    #expect(name.isResultName == isValid)
  }

  @Test func `a result name is at most 200 bytes long`() {
    let longest = String(repeating: "é", count: 100)
    #expect(longest.isResultName && !(longest + "a").isResultName && (longest + "a").isFolderName)
  }
}
