// Drawing through Cairo: lines, areas, text, and the three file formats. Only this file calls the C library.

internal import CCairo

/// The file formats of a figure.
public enum FigureFormat: String, CaseIterable, Sendable {
  /// Vector graphics for papers.
  case pdf
  /// Vector graphics for web pages.
  case svg
  /// Pixels, three per point.
  case png
}

/// A figure that Cairo could not draw.
public struct DrawingError: Error, Equatable, CustomStringConvertible {
  /// Cairo's message.
  public let description: String
}

/// A page with coordinates in points from the upper left corner.
@safe struct Canvas {
  /// The part of a text at its anchor.
  enum Alignment {
    case left, center, right
  }

  /// The pixels of a PNG file per point.
  static let pixelsPerPoint = 3.0

  private let context: OpaquePointer

  /// Draws a page and returns its file.
  ///
  /// - Parameters:
  ///   - format: The file's format.
  ///   - width: In points.
  ///   - height: In points.
  ///   - draw: Draws on a white page.
  /// - Returns: The file's bytes.
  /// - Throws: `DrawingError` when Cairo reports any status but success.
  static func file(
    _ format: FigureFormat, width: Double, height: Double, draw: (Canvas) -> Void
  ) throws(DrawingError) -> [UInt8] {
    let sink = Sink()
    let pointer = unsafe Unmanaged.passUnretained(sink).toOpaque()
    let surface: OpaquePointer? =
      switch format {
      case .pdf: unsafe cairo_pdf_surface_create_for_stream(Sink.write, pointer, width, height)
      case .svg: unsafe cairo_svg_surface_create_for_stream(Sink.write, pointer, width, height)
      case .png:
        unsafe cairo_image_surface_create(
          CAIRO_FORMAT_RGB24, Int32(width * pixelsPerPoint), Int32(height * pixelsPerPoint))
      }
    guard let surface = unsafe surface, let context = unsafe cairo_create(surface) else {
      throw DrawingError(description: "Cairo made no surface for a \(format.rawValue) figure")
    }
    if format == .pdf {
      // With the current date, two drawings of the same chart would differ.
      unsafe cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    }
    if format == .png { unsafe cairo_scale(context, pixelsPerPoint, pixelsPerPoint) }
    // Hinted letters depend on the sizes that the process has drawn before.
    let options = unsafe cairo_font_options_create()
    unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    unsafe cairo_set_font_options(context, options)
    unsafe cairo_font_options_destroy(options)
    unsafe cairo_set_source_rgb(context, 1, 1, 1)
    unsafe cairo_paint(context)
    unsafe draw(Canvas(context: context))

    var status = unsafe cairo_status(context)
    if format == .png, status == CAIRO_STATUS_SUCCESS {
      status = unsafe cairo_surface_write_to_png_stream(surface, Sink.write, pointer)
    }
    unsafe cairo_destroy(context)
    unsafe cairo_surface_finish(surface)
    if status == CAIRO_STATUS_SUCCESS { status = unsafe cairo_surface_status(surface) }
    unsafe cairo_surface_destroy(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      let reason = unsafe cairo_status_to_string(status).map { unsafe String(cString: $0) }
      throw DrawingError(description: "Cairo: \(reason ?? "status \(status)")")
    }
    let bytes = withExtendedLifetime(sink) { sink.bytes }
    guard format == .svg else { return bytes }
    // Cairo numbers the surfaces of a process; the file must not depend on that number.
    return Array(
      String(decoding: bytes, as: UTF8.self).replacing(/id="surface[0-9]+"/, with: "id=\"surface\"")
        .utf8)
  }

  /// Collects the bytes that Cairo writes.
  private final class Sink {
    var bytes: [UInt8] = []

    static let write: cairo_write_func_t = { closure, data, length in
      guard let closure = unsafe closure else { return CAIRO_STATUS_WRITE_ERROR }
      let sink = unsafe Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
      unsafe sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
      return CAIRO_STATUS_SUCCESS
    }
  }

  /// Draws a polyline.
  func stroke(
    _ points: [(x: Double, y: Double)], color: Color, width: Double, dashes: [Double] = []
  ) {
    guard outline(points) else { return }
    set(color)
    unsafe cairo_set_line_width(context, width)
    unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    unsafe cairo_set_dash(context, dashes, Int32(dashes.count), 0)
    unsafe cairo_stroke(context)
  }

  /// Fills a polygon with a translucent color.
  func shade(_ points: [(x: Double, y: Double)], color: Color) {
    guard outline(points) else { return }
    unsafe cairo_close_path(context)
    unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, 0.25)
    unsafe cairo_fill(context)
  }

  private func outline(_ points: [(x: Double, y: Double)]) -> Bool {
    guard let first = points.first else { return false }
    unsafe cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { unsafe cairo_line_to(context, point.x, point.y) }
    return true
  }

  /// Fills a rectangle, without an outline.
  func fill(x: Double, y: Double, width: Double, height: Double, color: Color) {
    set(color)
    unsafe cairo_rectangle(context, x, y, width, height)
    unsafe cairo_fill(context)
  }

  /// Writes one line of text.
  ///
  /// - Parameters:
  ///   - text: The line.
  ///   - x: The anchor's distance from the left.
  ///   - y: The baseline's distance from the top.
  ///   - font: The size and weight.
  ///   - color: The color of the letters.
  ///   - alignment: The part of the text at the anchor.
  ///   - isVertical: Whether the text is rotated by 90°, to be read from below.
  ///   - hasHalo: Whether a white outline separates the text from lines behind it.
  func write(
    _ text: String, x: Double, y: Double, font: Font, color: Color = Color(0x222222),
    alignment: Alignment = .left, isVertical: Bool = false, hasHalo: Bool = false
  ) {
    let shift: Double =
      switch alignment {
      case .left: 0
      case .center: -self.width(of: text, font: font) / 2
      case .right: -self.width(of: text, font: font)
      }
    select(font)
    unsafe cairo_save(context)
    unsafe cairo_move_to(context, x, y)
    if isVertical { unsafe cairo_rotate(context, -.pi / 2) }
    unsafe cairo_rel_move_to(context, shift, 0)
    if hasHalo {
      unsafe cairo_text_path(context, text)
      set(Color(0xFFFFFF))
      unsafe cairo_set_line_width(context, 2.5)
      unsafe cairo_set_dash(context, nil, 0, 0)
      unsafe cairo_stroke(context)
      unsafe cairo_move_to(context, x + shift, y)
    }
    set(color)
    unsafe cairo_show_text(context, text)
    unsafe cairo_restore(context)
  }

  /// The width of a text, in points.
  func width(of text: String, font: Font) -> Double {
    select(font)
    var extents = cairo_text_extents_t()
    unsafe cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  private func select(_ font: Font) {
    unsafe cairo_select_font_face(
      context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
      font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    unsafe cairo_set_font_size(context, font.size)
  }

  private func set(_ color: Color) {
    unsafe cairo_set_source_rgb(context, color.red, color.green, color.blue)
  }
}

/// The size and weight of letters.
struct Font {
  /// The size in points.
  let size: Double

  /// Whether the letters are bold.
  var isBold = false
}
