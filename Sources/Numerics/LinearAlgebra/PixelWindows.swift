// Pooling: values of windows of pixels. Rows are (pixel row, pixel column, unit), so a pixel is a block of neighboring rows.

public import ZerOParallelism
import ZerORequirements

/// Windows of pixels that do not overlap.
public struct PixelWindows: Hashable, Sendable {
  private let units, width, windowHeight, windowWidth, rows, columns: Int
  private let height: Int

  /// Divides an image into windows.
  ///
  /// - Parameters:
  ///   - units: The number of channels.
  ///   - height: The height of the image.
  ///   - width: The width of the image.
  ///   - windowHeight: The height of a window, from 1 to that of the image.
  ///   - windowWidth: The width of a window, from 1 to that of the image. Pixels that fill no window are left out.
  public init(units: Int, height: Int, width: Int, windowHeight: Int, windowWidth: Int) {
    require(
      units > 0 && (1...height).contains(windowHeight) && (1...width).contains(windowWidth),
      "windows of \(windowHeight) × \(windowWidth) on images of \(height) × \(width)")
    (self.units, self.height, self.width) = (units, height, width)
    (self.windowHeight, self.windowWidth) = (windowHeight, windowWidth)
    (rows, columns) = (height / windowHeight, width / windowWidth)
  }

  /// The pixels of a window, row after row.
  private func pixels(ofWindow window: Int) -> [Int] {
    let (top, left) = (window / columns * windowHeight, window % columns * windowWidth)
    return (0..<windowHeight * windowWidth).map {
      (top + $0 / windowWidth) * width + left + $0 % windowWidth
    }
  }

  /// The window of a pixel; `nil` for one that fills no window.
  private func window(ofPixel pixel: Int) -> Int? {
    let (row, column) = (pixel / width / windowHeight, pixel % width / windowWidth)
    return row < rows && column < columns ? row * columns + column : nil
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
          let window = window(ofPixel: pixel)
          let pixels = largest ? window.map { self.pixels(ofWindow: $0) } ?? [] : []
          let factor = 1 / Scalar(windowHeight * windowWidth)
          for j in 0..<stride {
            var change: Scalar = 0
            if let window {
              let gradient = unsafe g[window * stride + j]
              if largest {
                let value = unsafe x[pixel * stride + j]
                let isFirstLargest = pixels.allSatisfy { other in
                  let compared = unsafe x[other * stride + j]
                  return other < pixel ? compared < value : !(compared > value)
                }
                change = isFirstLargest ? gradient : 0
              } else {
                change = factor * gradient
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
