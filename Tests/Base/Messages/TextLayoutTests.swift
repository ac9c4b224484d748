import Testing
import ZerOMessages

@Suite struct TextLayoutTests {
  @Test(arguments: [
    ("", 0), ("weight", 6), ("é", 1), ("e\u{301}", 1), ("重み", 4), ("한", 2),
    ("\u{1112}\u{1161}\u{11ab}", 2),
    ("ＡＢ", 4), ("🙂", 2), ("🇩🇪", 2), ("a\u{200D}b", 2), ("½", 1),
  ])
  func `wide characters have two columns and combining marks none`(text: String, width: Int) {
    #expect(text.printedWidth == width)
  }

  @Test func `a prefix fits its columns`() {
    #expect("重み.w".prefix(fitting: 3) == "重" && "重み.w".prefix(fitting: 0) == "")
    #expect("abc".prefix(fitting: 5) == "abc" && "重み.w".prefix(fitting: 4) == "重み")
  }

  @Test func `a line contains printable characters only`() {
    #expect("a\r\nb\u{1B}c\u{202E}d\u{2028}e\u{200B}f".inOneLine == "a  b c d e f")
  }

  @Test func `text is broken at spaces, and a word only if it is too long`() {
    #expect("a bb ccc dddd".wrapped(to: 6) == ["a bb", "ccc", "dddd"])
    #expect("a bb ccc dddd".wrapped(to: 6, indent: 2) == ["a bb", "  ccc", "  dddd"])
    #expect("abcdefgh i".wrapped(to: 3) == ["abc", "def", "gh", "i"])
    #expect("".wrapped(to: 5) == [""] && "abc".wrapped(to: 1) == ["a", "b", "c"])
  }

  @Test func `lines are measured by their display width`() {
    #expect("秩秩秩 a".wrapped(to: 5) == ["秩秩", "秩 a"])
    #expect(
      "秩秩".wrapped(to: 3, indent: 2) == ["秩", "  秩"], "a wide character may exceed the width")
    #expect("e\u{301}e\u{301}e".wrapped(to: 2) == ["e\u{301}e\u{301}", "e"])
  }

  @Test func `a noun after 1 is singular`() {
    #expect([0, 1, 2].map { counted($0, "update") } == ["0 updates", "1 update", "2 updates"])
  }
}
