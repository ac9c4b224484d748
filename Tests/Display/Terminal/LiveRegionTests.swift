import Testing

@testable import ZerOTerminal

@Suite struct LiveRegionTests {
  private func frame(
    _ region: inout LiveRegion, _ lines: [String], above: [String] = [], columns: Int = 80
  ) -> String {
    region.frame(
      above: above.map { [ColoredText($0)] }, lines: lines.map { [ColoredText($0, .green)] },
      window: TerminalWindow(columns: columns, rows: 24), inColor: false)
  }

  @Test func `an unchanged frame is not redrawn`() {
    var region = LiveRegion()
    #expect(!frame(&region, ["a", "b"]).isEmpty)
    _ = frame(&region, ["a", "b"])
    #expect(frame(&region, ["a", "b"]).isEmpty)
    #expect(!frame(&region, ["a", "b"], above: ["said"]).isEmpty)
    #expect(!frame(&region, []).isEmpty && frame(&region, []).isEmpty)
  }

  @Test func `a narrower window has wrapped the lines`() {
    var region = LiveRegion()
    _ = frame(&region, [String(repeating: "x", count: 79), "short"])
    #expect(frame(&region, ["a"], columns: 40).contains("\r\u{1B}[3A"))
    #expect(frame(&region, ["b"], columns: 40).contains("\r\u{1B}[1Ab\u{1B}[K\n\u{1B}[J"))
  }

  @Test func `after a change of width the old lines are cleared first`() {
    var region = LiveRegion()
    _ = frame(&region, [String(repeating: "x", count: 79), "short"])
    // Otherwise the terminal would join wrapped lines when the window becomes wider.
    #expect(frame(&region, ["a"], columns: 40).contains("\r\u{1B}[3A\u{1B}[Ja\u{1B}[K\n"))
    #expect(frame(&region, ["b"], columns: 40).contains("\r\u{1B}[1Ab\u{1B}[K\n"))
    #expect(frame(&region, ["b"], columns: 90).contains("\r\u{1B}[1A\u{1B}[Jb\u{1B}[K\n"))
  }

  @Test func `colors are used only if the environment allows them`() {
    var region = LiveRegion()
    #expect(!frame(&region, ["a"]).contains("\u{1B}[32m"))
    let window = TerminalWindow(columns: 80, rows: 24)
    let text = region.frame(
      above: [], lines: [[ColoredText("a", .green)]], window: window, inColor: true)
    #expect(text.contains("\u{1B}[32ma\u{1B}[0m\u{1B}[K"))
    for environment in [["TERM": "dumb"], ["NO_COLOR": "1"], ["NO_COLOR": "0", "TERM": "xterm"]] {
      #expect(!TerminalWindow.showsColors(environment))
    }
    #expect(TerminalWindow.showsColors(["NO_COLOR": "", "TERM": "xterm"]))
    #expect(!TerminalWindow.movesCursor(["TERM": "dumb"]))
    #expect(TerminalWindow.movesCursor(["NO_COLOR": "1"]))
  }

  @Test func `long names are shortened in the middle`() {
    #expect("Partial_Identity 2048".shortened(to: 13) == "Partia…y 2048")
    #expect("abc".shortened(to: 2) == "ab" && "abc".shortened(to: 3) == "abc")
    #expect("秩秩秩秩".shortened(to: 6) == "秩…秩" && "秩".padded(to: 4) == "秩  ")
  }

  @Test func `durations are printed like a clock`() {
    #expect(
      [0, 59.2, 60, 3599, 7500.5].map(clockText) == ["0:00", "1:00", "1:00", "59:59", "2:05:01"])
  }
}
