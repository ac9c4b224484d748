import Testing
import ZerONamePatterns

@Suite struct NamePatternTests {
  @Test func `names are matched like in a shell`() {
    let pattern = NamePattern("encoder.*.weight")
    #expect(pattern.matches("encoder.layer.0.query.weight"))
    #expect(!pattern.matches("encoder.layer.0.query.bias"))
    #expect(!pattern.matches("my.encoder.0.weight"))
    #expect(NamePattern("l[34].?eight").matches("l3.weight"))
    #expect(!NamePattern("a").matches("a\0b") && NamePattern("a*b").matches("a\0b"))
  }

  @Test func `a name with brackets matches literally or with backslashes`() throws {
    let names = ["layers[0].w", "layers[1].w"]
    #expect(names.map(NamePattern("layers[0].w").matches) == [true, false])
    #expect(names.map(NamePattern(#"layers\[*\].w"#).matches) == [true, true])
    #expect(names.map(NamePattern("layers[[]1].w").matches) == [false, true])
    let known: Set = ["layers[0].w", "layers0.w"]
    let meant = NamePattern("layers[0].w").resolved(among: known)
    #expect(meant.matches("layers[0].w") && !meant.matches("layers0.w"))
    #expect(NamePattern("layers*").resolved(among: known).matches("layers0.w"))
    #expect(NamePattern("layers[0].w").exactness(for: "layers[0].w") == .max)
    #expect(NamePattern("layers?0?.w").exactness(for: "layers[0].w") == 9)
  }
}
