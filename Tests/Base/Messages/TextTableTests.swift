import Testing
import ZerOMessages

@Suite struct TextTableTests {
  @Test func `cells with commas and quotes are quoted`() {
    let table = TextTable(headings: ["a", "b"], rows: [["1,5", "say \"x\""]])
    #expect(table.commaSeparated == "a,b\n\"1,5\",\"say \"\"x\"\"\"\n")
  }

  @Test func `numbers are aligned right and words left`() {
    let table = TextTable(headings: ["init", "rank"], rows: [["ZerO", "5"], ["One", "-"]])
    #expect(table.aligned == "init  rank\nZerO     5\nOne      -\n")
  }

  @Test func `infinite and missing values are aligned as numbers, names of layers are not`() {
    let table = TextTable(
      headings: ["matrix", "condition", "below"],
      rows: [["0.weight", "inf", "-"], ["2.weight", "12.5", "-"]])
    #expect(
      table.aligned == "matrix    condition  below\n0.weight        inf      -\n"
        + "2.weight       12.5      -\n")
    #expect(
      table.preceded(by: "file", "a\r\nb").commaSeparatedRows.hasPrefix("\"a\r\nb\",0.weight,"))
  }

  @Test func `control characters in a name do not reach the terminal`() {
    let table = TextTable(headings: ["matrix"], rows: [["a\u{1B}[31mb\nc"]])
    #expect(table.aligned == "matrix\na [31mb c\n")
  }

  @Test func `columns are aligned whatever characters a name contains`() {
    // A line break of two code points, wide characters, combining marks, a change of writing direction, a line
    // separator, and a combining mark that would combine with the space before it.
    let names = [
      "a\r\nb", "重み.w", "e\u{301}\u{302}x", "a\u{202E}b", "a\u{2028}b", "\u{301}a", "👩‍🔬", "",
      "plain",
    ]
    let table = TextTable(headings: ["matrix", "rank"], rows: names.map { [$0, "4"] })
    let lines = table.aligned.split(separator: "\n", omittingEmptySubsequences: true)
    #expect(lines.count == names.count + 1)
    #expect(
      lines.prefix(5) == [
        "matrix  rank", "a  b       4", "重み.w     4", "e\u{301}\u{302}x         4", "a b        4",
      ])
    for columns in 0..<20 {
      let fitted = table.aligned(within: columns, dropping: ["rank"], elsewhere: "elsewhere")
      #expect(!fitted.isEmpty)
    }
    let narrow = TextTable(headings: ["m"], rows: [["重重重重重重重"]]).fitting(9, dropping: [])
    #expect(narrow.table.rows == [["重重重重…"]])
  }

  @Test func `a comma or quote with a combining mark is quoted`() {
    let table = TextTable(headings: ["a"], rows: [["1,\u{301}5"], ["\"\u{301}"], ["\r"]])
    #expect(
      Array(table.commaSeparatedRows.unicodeScalars)
        == Array("\"1,\u{301}5\"\n\"\"\"\u{301}\"\n\"\r\"\n".unicodeScalars))
  }
}
