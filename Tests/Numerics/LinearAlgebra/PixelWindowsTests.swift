// Pooling beside the definition: a window contains the pixels at its places that are in the image.

import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct PixelWindowsTests {
  /// Windows on an image of 5 × 4 pixels.
  struct Choice: Sendable, CustomStringConvertible {
    let size, stride, padding: Int

    var description: String { "size \(size), stride \(stride), padding \(padding)" }

    static let all = [
      Choice(size: 2, stride: 2, padding: 0), Choice(size: 3, stride: 2, padding: 1),
      Choice(size: 3, stride: 1, padding: 2), Choice(size: 2, stride: 3, padding: 0),
      Choice(size: 4, stride: 1, padding: 0),
    ]

    /// The pixels of each window, row after row.
    var windows: [[Int]] {
      func starts(_ length: Int) -> [Int] {
        Array(stride(from: -padding, through: length + padding - size, by: stride))
      }
      return starts(5).flatMap { top in
        starts(4).map { left in
          (0..<size * size).compactMap { place in
            let (row, column) = (top + place / size, left + place % size)
            return (0..<5).contains(row) && (0..<4).contains(column) ? row * 4 + column : nil
          }
        }
      }
    }

    private func stride(from start: Int, through end: Int, by step: Int) -> [Int] {
      Swift.Array(Swift.stride(from: start, through: end, by: step))
    }
  }

  private static let (units, samples) = (3, 2)

  private let rounding = Tolerance(relative: 1e-14, because: "sums of at most 16 terms")

  @Test(arguments: Choice.all, [true, false])
  func `values and gradients are those of the pixels of each window`(
    choice: Choice, largest: Bool
  ) {
    let (units, samples) = (Self.units, Self.samples)
    let windows = PixelWindows(
      units: units, height: 5, width: 4, windowHeight: choice.size, windowWidth: choice.size,
      stride: choice.stride, padding: choice.padding)
    let expected = choice.windows
    #expect(windows.rows * windows.columns == expected.count)
    // Some neighbors are equal: the gradient belongs to the first.
    let images = Matrix<Double>(rows: 20 * units, columns: samples) { i, j in
      Double((7 * (i / 2) + 3 * j) % 11)
    }
    let gradient = Matrix<Double>(rows: expected.count * units, columns: samples) { i, j in
      Double((5 * i + j) % 7) - 2.5
    }
    var values = Matrix<Double>(repeating: 0, rows: expected.count * units, columns: samples)
    windows.pool(images, largest: largest, into: &values, .alone) { _ in }
    var oracle = Matrix<Double>(repeating: 0, rows: 20 * units, columns: samples)
    for (window, pixels) in expected.enumerated() {
      for unit in 0..<units {
        for sample in 0..<samples {
          let found = pixels.map { images[$0 * units + unit, sample] }
          let value = largest ? found.max() ?? 0 : found.reduce(0, +) / Double(found.count)
          expectClose(values[window * units + unit, sample], value, within: rounding, "\(choice)")
          let share = gradient[window * units + unit, sample]
          for (place, pixel) in pixels.enumerated() {
            let isChosen = place == found.firstIndex(of: value)
            oracle[pixel * units + unit, sample] +=
              largest ? (isChosen ? share : 0) : share / Double(pixels.count)
          }
        }
      }
    }
    for adding in [false, true] {
      var target = Matrix<Double>(repeating: 1, rows: 20 * units, columns: samples)
      windows.pullBack(
        images, gradient: gradient, largest: largest, into: &target, adding: adding, .alone
      ) { _ in }
      let start: Double = adding ? 1 : 0
      expectClose(
        target.elements, oracle.elements.map { $0 + start },
        within: Tolerance(absolute: 1e-13, because: "sums of at most 16 terms below 5"),
        "\(choice), largest \(largest), adding \(adding)")
    }
  }
}
