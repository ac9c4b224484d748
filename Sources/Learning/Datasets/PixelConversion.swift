// How pixels become the inputs of a network.

import ZerOLinearAlgebra

/// The conversion of pixels, 0 … 255, to inputs: p/255, and then (p/255 − μ)/σ for each channel.
public struct PixelConversion: Hashable, Sendable {
  /// μ of each channel; empty for none.
  public let means: [Double]

  /// σ of each channel.
  public let deviations: [Double]

  /// Whether the channels of a pixel are neighbors, as convolutions read them; otherwise the order is channel, row, column.
  public let isInterleaved: Bool

  /// Only divides by 255.
  ///
  /// - Parameter isInterleaved: Whether the channels of a pixel are neighbors.
  public init(isInterleaved: Bool = false) {
    (means, deviations, self.isInterleaved) = ([], [], isInterleaved)
  }

  /// Makes the mean of each channel of some images 0 and its variance 1.
  ///
  /// - Parameters:
  ///   - images: At least one image. A channel of equal pixels is only shifted.
  ///   - isInterleaved: Whether the channels of a pixel are neighbors.
  /// - Complexity: O(pixels).
  public init(normalizing images: LabeledImages, isInterleaved: Bool) {
    self.isInterleaved = isInterleaved
    let area = images.size[0] * images.size[1]
    let all = images.pixels.span
    var (means, deviations): ([Double], [Double]) = ([], [])
    for channel in 0..<images.channels {
      var counts = ContiguousArray<Int>(repeating: 0, count: 256)
      for image in 0..<images.count {
        let start = image &* images.pixelCount &+ channel &* area
        var pixel = 0
        while pixel < area {
          counts[Int(all[start &+ pixel])] &+= 1
          pixel &+= 1
        }
      }
      let total = Double(images.count * area)
      // Whole numbers, so the sums are exact.
      let sum = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }
      let squares = counts.enumerated().reduce(0) { $0 + $1.offset * $1.offset * $1.element }
      let mean = Double(sum) / total
      let variance = max(0, Double(squares) / total - mean * mean)
      means.append(mean / 255)
      deviations.append(variance > 0 ? variance.squareRoot() / 255 : 1)
    }
    (self.means, self.deviations) = (means, deviations)
  }

  /// The input of each pixel value of a channel.
  func table<Scalar: MatrixScalar>(channel: Int) -> ContiguousArray<Scalar> {
    guard !means.isEmpty else { return ContiguousArray((0..<256).map { Scalar($0) / 255 }) }
    return ContiguousArray(
      (0..<256).map { Scalar((Double($0) / 255 - means[channel]) / deviations[channel]) })
  }
}
