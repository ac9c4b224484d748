// Pooling: values of windows of pixels. Rows are (pixel row, pixel column, unit), so a pixel is a block of neighboring rows.

public import ZerOParallelism
import ZerORequirements

/// Windows of pixels, at equal distances.
public struct PixelWindows: Hashable, Sendable {
  private let units, height, width, windowHeight, windowWidth, padding: Int
  private let rowStride, columnStride: Int

  /// The number of windows below each other.
  public let rows: Int

  /// The number of windows beside each other.
  public let columns: Int

  /// Places windows on an image.
  ///
  /// - Parameters:
  ///   - units: The number of channels.
  ///   - height: The height of the image.
  ///   - width: The width of the image.
  ///   - windowHeight: The height of a window, from 1 to that of the image with its margins.
  ///   - windowWidth: The width of a window, likewise. Pixels that fill no window are left out.
  ///   - stride: The distance between windows; `nil` for windows side by side.
  ///   - padding: The width of the margins on all sides, of which windows contain no pixels; less than a window.
  public init(
    units: Int, height: Int, width: Int, windowHeight: Int, windowWidth: Int, stride: Int? = nil,
    padding: Int = 0
  ) {
    require(
      units > 0 && (1...height + 2 * padding).contains(windowHeight)
        && (1...width + 2 * padding).contains(windowWidth) && stride ?? 1 > 0
        && (0..<min(windowHeight, windowWidth)).contains(padding),
      "windows of \(windowHeight) × \(windowWidth) on images of \(height) × \(width)")
    (self.units, self.height, self.width, self.padding) = (units, height, width, padding)
    (self.windowHeight, self.windowWidth) = (windowHeight, windowWidth)
    (rowStride, columnStride) = (stride ?? windowHeight, stride ?? windowWidth)
    rows = (height + 2 * padding - windowHeight) / rowStride + 1
    columns = (width + 2 * padding - windowWidth) / columnStride + 1
  }

  /// The rows and columns of a window's pixels.
  private func area(ofWindow window: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let top = window / columns * rowStride - padding
    let left = window % columns * columnStride - padding
    return (
      max(0, top)..<min(height, top + windowHeight), max(0, left)..<min(width, left + windowWidth)
    )
  }

  /// The pixels of a window, row after row.
  private func pixels(ofWindow window: Int) -> [Int] {
    let area = area(ofWindow: window)
    return area.rows.flatMap { row in area.columns.map { row * width + $0 } }
  }

  /// The windows that contain a pixel, in ascending order.
  private func windows(ofPixel pixel: Int) -> [Int] {
    func range(_ place: Int, _ size: Int, _ stride: Int, _ count: Int) -> Range<Int> {
      let first = max(0, (place + padding - size + stride) / stride)
      return first..<max(first, min(count, (place + padding) / stride + 1))
    }
    let lines = range(pixel / width, windowHeight, rowStride, rows)
    let places = range(pixel % width, windowWidth, columnStride, columns)
    return lines.flatMap { row in places.map { row * columns + $0 } }
  }

  /// Computes the largest or the mean value of each window.
  ///
  /// - Parameters:
  ///   - images: x, (pixels · units) × samples.
  ///   - largest: Whether the largest value is computed. A NaN stays NaN.
  ///   - output: (windows · units) × samples, overwritten.
  ///   - team: The threads that share the windows.
  ///   - finish: Processes the rows of a window.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pool<Scalar: MatrixScalar>(
    _ images: Matrix<Scalar>, largest: Bool, into output: inout Matrix<Scalar>, _ team: ThreadTeam,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(
      images.rows == units * height * width && output.rows == units * rows * columns
        && output.columns == images.columns,
      "pooling of \(images.rows) × \(images.columns) into \(output.rows) × \(output.columns)")
    let stride = units * images.columns
    unsafe images.elements.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      nonisolated(unsafe) let x = unsafe base
      output.writePieces(of: units, team) { block in
        let pixels = pixels(ofWindow: block.rows.lowerBound / units)
        let factor = 1 / Scalar(pixels.count)
        for (place, pixel) in pixels.enumerated() {
          let source = unsafe x + pixel * stride
          var j = 0
          while j < stride {
            let (old, new) = unsafe (block.base[j], source[j])
            unsafe block.base[j] =
              place == 0 ? new : largest ? (new > old || new.isNaN ? new : old) : old + new
            j &+= 1
          }
        }
        if !largest {
          var j = 0
          while j < stride {
            unsafe block.base[j] *= factor
            j &+= 1
          }
        }
        finish(block)
      }
    }
  }

  /// Computes or adds ∂L/∂x.
  ///
  /// - Parameters:
  ///   - images: x.
  ///   - gradient: ∂L/∂y of each window.
  ///   - largest: Whether y is the largest value, whose gradient belongs to the first largest pixel.
  ///   - target: ∂L/∂x.
  ///   - adding: Whether the gradient is added to `target`.
  ///   - team: The threads that share the pixels.
  ///   - finish: Processes the rows of a pixel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack<Scalar: MatrixScalar>(
    _ images: Matrix<Scalar>, gradient: Matrix<Scalar>, largest: Bool,
    into target: inout Matrix<Scalar>, adding: Bool, _ team: ThreadTeam,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(
      target.rows == units * height * width && gradient.rows == units * rows * columns
        && images.rows == target.rows && images.columns == target.columns
        && gradient.columns == target.columns,
      "the gradient of a pooling of \(target.rows) × \(target.columns) into \(gradient.rows) × \(gradient.columns)"
    )
    let stride = units * gradient.columns
    unsafe images.elements.withUnsafeBufferPointer { values in
      unsafe gradient.elements.withUnsafeBufferPointer { gradients in
        guard let first = values.baseAddress, let second = gradients.baseAddress else { return }
        nonisolated(unsafe) let (x, g) = unsafe (first, second)
        target.writePieces(of: units, team) { block in
          let pixel = block.rows.lowerBound / units
          let windows = windows(ofPixel: pixel).map { window in
            let area = area(ofWindow: window)
            return (
              start: window * stride, pixels: largest ? pixels(ofWindow: window) : [],
              factor: 1 / Scalar(area.rows.count * area.columns.count)
            )
          }
          for j in 0..<stride {
            var change: Scalar = 0
            for (start, pixels, factor) in windows {
              let gradient = unsafe g[start + j]
              if largest {
                let value = unsafe x[pixel * stride + j]
                let isFirstLargest = pixels.allSatisfy { other in
                  let compared = unsafe x[other * stride + j]
                  return other < pixel ? compared < value : !(compared > value)
                }
                change += isFirstLargest ? gradient : 0
              } else {
                change += factor * gradient
              }
            }
            unsafe block.base[j] = adding ? block.base[j] + change : change
          }
          finish(block)
        }
      }
    }
  }
}
