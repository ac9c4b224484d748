// Pixels that no image uses.

extension LabeledImages {
  /// Whether each pixel is other than 0 in at least one image.
  ///
  /// - Complexity: O(images · pixels).
  public var nonzeroInputs: [Bool] {
    var seen = [UInt8](repeating: 0, count: pixelCount)
    let all = pixels.span
    for image in 0..<count {
      let start = image &* seen.count
      var pixel = 0
      while pixel < seen.count {
        seen[pixel] |= all[start &+ pixel]
        pixel &+= 1
      }
    }
    return seen.map { $0 != 0 }
  }
}
