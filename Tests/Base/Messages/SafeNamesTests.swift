import Messages
import Testing

@Suite struct SafeNamesTests {
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
