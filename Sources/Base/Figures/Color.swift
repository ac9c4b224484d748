// Colors that are distinct for readers with any kind of color vision.

/// A color with components from 0 to 1.
public struct Color: Equatable, Sendable {
  /// The red component.
  public let red: Double

  /// The green component.
  public let green: Double

  /// The blue component.
  public let blue: Double

  /// Makes a color from 24 bits, as in `0x0072B2`.
  public init(_ bits: UInt32) {
    red = Double(bits >> 16 & 0xff) / 255
    green = Double(bits >> 8 & 0xff) / 255
    blue = Double(bits & 0xff) / 255
  }

  /// Makes a color between this one and another.
  ///
  /// - Parameters:
  ///   - other: The other color.
  ///   - fraction: The fraction of the other color, from 0 to 1.
  /// - Returns: The mixture, component by component.
  func mixed(with other: Color, fraction: Double) -> Color {
    func mix(_ a: Double, _ b: Double) -> Double { (1 - fraction) * a + fraction * b }
    return Color(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }

  private init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The colors of curves, in order of use.
  ///
  /// These are the colors of Okabe and Ito without the yellow, which is too light for a line on white. Neighbors in
  /// the list also differ in lightness. Vermilion is the last color because bounds are red.
  ///
  /// Reference: M. Okabe and K. Ito, "Color Universal Design" (2008).
  public static let palette = [
    Color(0x0072B2), Color(0xE69F00), Color(0x009E73), Color(0xCC79A7), Color(0x000000),
    Color(0x56B4E9), Color(0xD55E00),
  ]

  /// The named colors.
  public static let named: [String: Color] = [
    "red": Color(0xCC0000), "black": Color(0x000000), "gray": Color(0x777777),
    "blue": Color(0x0072B2), "orange": Color(0xE69F00), "green": Color(0x009E73),
  ]
}
