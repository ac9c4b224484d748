// A matrix as a picture: blue below zero, white at zero, orange above.

import Foundation
import ZerORequirements

/// A matrix as colored cells, under a caption and the range of the colors.
public struct HeatMap: Equatable, Sendable {
  /// A picture's file.
  public struct Picture: Equatable, Sendable {
    /// The width in pixels.
    public let width: Int

    /// The height in pixels.
    public let height: Int

    /// The PNG file.
    public let bytes: [UInt8]
  }

  /// The meaning of the colors.
  public static let legend =
    "orange above 0, blue below, white at 0, as dark as the square root of the magnitude"

  private static let positive = Color(0xD65A0C)
  private static let negative = Color(0x2171B5)
  private static let white = Color(0xFFFFFF)

  private let rows: Int
  private let columns: Int
  private let values: [Float]
  private let caption: String

  /// Makes a heat map.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - values: rows × columns finite numbers, row by row.
  ///   - caption: One line above the range of the colors.
  public init(rows: Int, columns: Int, values: [Float], caption: String) {
    require(
      rows >= 0 && columns >= 0 && values.count == rows * columns,
      "\(values.count) values for a map of \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.values = values
    self.caption = caption
  }

  /// Draws the matrix; the darkest color marks the largest magnitude.
  ///
  /// - Returns: A PNG file, the same bytes each time.
  /// - Throws: `DrawingError` when Cairo reports any status but success.
  public func png() throws(DrawingError) -> Picture {
    let largest = values.lazy.map(\.magnitude).max() ?? 0
    let scale = Self.short(largest)
    let lines = [caption, largest > 0 ? "from −\(scale) (blue) to \(scale) (orange)" : "all are 0"]
    let (margin, lineHeight, textSize) = (3.0, 9.0, 7.0)
    // A cell is a whole number of points, so its edges coincide with pixel edges. A small matrix has larger cells.
    let cell = Double(max(2, Self.usualSide / max(1, rows, columns)))
    let width = max(Double(Self.usualSide), cell * Double(columns)) + 2 * margin
    let top = Double(lines.count) * lineHeight + 2 * margin
    let height = top + cell * Double(rows) + margin
    let bytes = try Canvas.file(.png, width: width, height: height) { canvas in
      for (index, line) in lines.enumerated() {
        canvas.write(
          line, x: margin, y: Double(index + 1) * lineHeight, font: Font(size: textSize))
      }
      for row in 0..<rows {
        for column in 0..<columns {
          canvas.fill(
            x: margin + cell * Double(column), y: top + cell * Double(row), width: cell,
            height: cell, color: Self.color(of: values[row * columns + column], largest))
        }
      }
    }
    return Picture(
      width: Int(width * Canvas.pixelsPerPoint), height: Int(height * Canvas.pixelsPerPoint),
      bytes: bytes)
  }

  /// The usual length of the longer side, in points.
  private static let usualSide = 128

  /// The color of a value; the square root makes small values visible.
  static func color(of value: Float, _ largest: Float) -> Color {
    guard largest > 0 else { return white }
    let fraction = Double(value.magnitude / largest).squareRoot()
    return white.mixed(with: value < 0 ? negative : positive, fraction: fraction)
  }

  /// A number with three significant digits.
  private static func short(_ value: Float) -> String {
    Double(value).formatted(
      .number.precision(.significantDigits(3)).locale(Locale(identifier: "en_US_POSIX")))
  }
}
