// Text in lines of limited width.

import Testing

@testable import Messages

@Suite struct WrappedTextTests {
  @Test func `text is broken at spaces, and words only where they must be`() {
    #expect("a bb ccc dddd".wrapped(to: 6) == ["a bb", "ccc", "dddd"])
    #expect("a bb ccc dddd".wrapped(to: 6, indent: 2) == ["a bb", "  ccc", "  dddd"])
    #expect("abcdefgh i".wrapped(to: 3) == ["abc", "def", "gh", "i"])
    #expect("".wrapped(to: 5) == [""] && "abc".wrapped(to: 1) == ["a", "b", "c"])
  }
}
