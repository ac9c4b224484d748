import Testing
import ZerOChecksums

@Suite struct SHA256Tests {
  @Test func `SHA-256 matches the examples of the standard`() {
    #expect(sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func `a digest of parts equals that of the whole and can be read in between`() {
    var sum = SHA256()
    #expect(sum.digest == sha256([]))
    for piece in ["", "a", "b", "c"] { sum.update(Array(piece.utf8)) }
    #expect(
      sum.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    sum.update([1])
    #expect(sum.digest == sha256(Array("abc".utf8) + [1]))
  }
}
