import Checksums
import Testing

@Suite struct SHA256Tests {
  @Test func `SHA-256 of the empty text and of abc are the standard's`() {
    #expect(sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func `a sum over pieces is that of the whole, and may be read on the way`() {
    var sum = SHA256()
    #expect(sum.digest == sha256([]))
    for piece in ["", "a", "b", "c"] { sum.update(Array(piece.utf8)) }
    #expect(
      sum.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    sum.update([1])
    #expect(sum.digest == sha256(Array("abc".utf8) + [1]))
  }
}
