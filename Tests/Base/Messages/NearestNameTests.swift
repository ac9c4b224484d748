import Testing
import ZerOMessages

@Suite struct NearestNameTests {
  private let names = ["ZerO", "Partial_Identity", "OnE", "Spray", "Random"]

  @Test(arguments: [
    ("zero", "ZerO"), ("PartialIdentity", "Partial_Identity"), ("one", "OnE"), ("Sprey", "Spray"),
    ("ranom", "Random"),
  ])
  func `a misspelled name finds the intended one`(typed: String, meant: String) {
    #expect(nearestName(to: typed, among: names) == meant)
  }

  @Test func `a name unlike all known names finds none`() {
    #expect(nearestName(to: "completely different", among: names) == nil)
    #expect(nearestName(to: "x", among: []) == nil)
  }

  @Test func `a suggestion contains the nearest name and all known names`() {
    #expect(
      suggestion(for: "Sprey", among: ["OnE", "Spray"])
        == "did you mean 'Spray'? (known: OnE, Spray)")
    #expect(suggestion(for: "qqqqqqq", among: ["OnE"]) == "known: OnE")
  }

  @Test func `a synonym takes precedence over a name with similar spelling`() {
    let synonyms = ["seeds": "repeat", "nseeds": "repeat", "epoch": "absent"]
    for typed in ["seeds", "n_seeds", "N-Seeds"] {
      #expect(
        suggestion(for: typed, among: ["seed", "repeat"], synonyms: synonyms)
          .hasPrefix("did you mean 'repeat'?"))
    }
    #expect(suggestion(for: "seeds", among: ["seed"], synonyms: synonyms).contains("'seed'?"))
  }
}
