import Testing

@testable import ZerOFigures

@Suite struct HeatMapTests {
  @Test func `a picture has its stated size, and the same bytes each time`() throws {
    let map = HeatMap(rows: 2, columns: 3, values: [0, 1, -1, 0.5, 0, 2], caption: "W")
    let picture = try map.png()
    #expect(picture.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    // A PNG file has width and height, highest byte first, behind its first 16 bytes.
    let extents = [16, 20].map { start in
      picture.bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(extents == [picture.width, picture.height])
    #expect(try map.png() == picture)
  }

  @Test func `the hue is the sign, and the saturation the square root of the magnitude`() {
    #expect(HeatMap.color(of: 0, 2) == Color(0xFFFFFF))
    #expect(HeatMap.color(of: 2, 2) == Color(0xD65A0C))
    #expect(HeatMap.color(of: -2, 2) == Color(0x2171B5))
    #expect(
      HeatMap.color(of: 0.5, 2) == Color(0xFFFFFF).mixed(with: Color(0xD65A0C), fraction: 0.5))
    #expect(HeatMap.color(of: 0, 0) == Color(0xFFFFFF))
  }

  @Test func `matrices of any size are drawn, even without elements`() throws {
    for extent in [0, 1, 64, 200] {
      let values = [Float](repeating: 0, count: extent * extent)
      let picture = try HeatMap(rows: extent, columns: extent, values: values, caption: "").png()
      #expect(picture.width >= 3 * extent * 2)
    }
  }
}
