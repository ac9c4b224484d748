// Drawing through Cairo: the few strokes that a chart needs, and the three file formats. Everything
// unsafe about the C library ends here.

internal import CCairo

/// The file formats of a figure.
public enum FigureFormat: String, CaseIterable, Sendable {
  /// Vector graphics for papers.
  case pdf
  /// Vector graphics for pages.
  case svg
  /// Pixels, three to a point.
  case png
}

/// A figure that Cairo could not draw.
public struct DrawingError: Error, Equatable, CustomStringConvertible {
  /// Cairo's words.
  public let description: String
}

/// A page that is drawn on, in points from the upper left corner.
@safe struct Canvas {
  /// What a text does at its anchor.
  enum Alignment {
    case left, center, right
  }

  /// The pixels of a PNG file to a point.
  static let pixelsPerPoint = 3.0

  private let context: OpaquePointer

  /// Draws a page and gives the bytes of its file.
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
      // The date would be the only difference between two drawings of the same chart.
      unsafe cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    }
    if format == .png { unsafe cairo_scale(context, pixelsPerPoint, pixelsPerPoint) }
    // Hinted letters depend on what the process has written before, in whatever size.
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
    // Cairo numbers its surfaces through the life of the process; the file should not tell.
    return Array(
      String(decoding: bytes, as: UTF8.self).replacing(/id="surface[0-9]+"/, with: "id=\"surface\"")
        .utf8)
  }

  /// Collects what Cairo writes.
  private final class Sink {
    var bytes: [UInt8] = []

    static let write: cairo_write_func_t = { closure, data, length in
      guard let closure = unsafe closure else { return CAIRO_STATUS_WRITE_ERROR }
      let sink = unsafe Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
      unsafe sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
      return CAIRO_STATUS_SUCCESS
    }
  }

  /// Draws a broken line.
  func stroke(
    _ points: [(x: Double, y: Double)], color: Color, width: Double, dashes: [Double] = []
  ) {
    guard let first = points.first else { return }
    set(color)
    unsafe cairo_set_line_width(context, width)
    unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    unsafe cairo_set_dash(context, dashes, Int32(dashes.count), 0)
    unsafe cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { unsafe cairo_line_to(context, point.x, point.y) }
    unsafe cairo_stroke(context)
  }

  /// Tints a closed shape; what lies below stays visible.
  func shade(_ points: [(x: Double, y: Double)], color: Color) {
    guard let first = points.first else { return }
    unsafe cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { unsafe cairo_line_to(context, point.x, point.y) }
    unsafe cairo_close_path(context)
    unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, 0.22)
    unsafe cairo_fill(context)
  }

  /// Fills a rectangle, without a rim.
  func fill(x: Double, y: Double, width: Double, height: Double, color: Color) {
    set(color)
    unsafe cairo_rectangle(context, x, y, width, height)
    unsafe cairo_fill(context)
  }

  /// Fills a closed shape, with a white rim that sets it off from what lies below.
  func fill(_ points: [(x: Double, y: Double)], color: Color) {
    guard let first = points.first else { return }
    unsafe cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { unsafe cairo_line_to(context, point.x, point.y) }
    unsafe cairo_close_path(context)
    set(color)
    unsafe cairo_fill_preserve(context)
    set(Color(0xFFFFFF))
    unsafe cairo_set_line_width(context, 0.6)
    unsafe cairo_set_dash(context, nil, 0, 0)
    unsafe cairo_stroke(context)
  }

  /// Writes a text whose baseline passes through the anchor.
  ///
  /// - Parameters:
  ///   - text: One line.
  ///   - x: The anchor's distance from the left.
  ///   - y: The anchor's distance from the top.
  ///   - size: In points.
  ///   - alignment: Which part of the text stands at the anchor.
  ///   - isVertical: Turned by 90°, to be read from below.
  func write(
    _ text: String, x: Double, y: Double, size: Double, alignment: Alignment = .left,
    isVertical: Bool = false
  ) {
    let shift: Double =
      switch alignment {
      case .left: 0
      case .center: -self.width(of: text, size: size) / 2
      case .right: -self.width(of: text, size: size)
      }
    selectFont(size: size)
    set(Color(0x222222))
    unsafe cairo_save(context)
    unsafe cairo_move_to(context, x, y)
    if isVertical { unsafe cairo_rotate(context, -.pi / 2) }
    unsafe cairo_rel_move_to(context, shift, 0)
    unsafe cairo_show_text(context, text)
    unsafe cairo_restore(context)
  }

  /// How wide a text is, in points.
  func width(of text: String, size: Double) -> Double {
    selectFont(size: size)
    var extents = cairo_text_extents_t()
    unsafe cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  private func selectFont(size: Double) {
    unsafe cairo_select_font_face(
      context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
    unsafe cairo_set_font_size(context, size)
  }

  private func set(_ color: Color) {
    unsafe cairo_set_source_rgb(context, color.red, color.green, color.blue)
  }
}
