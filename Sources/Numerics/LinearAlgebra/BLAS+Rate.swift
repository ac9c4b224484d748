// How fast this machine multiplies, to hold a speed against.

extension BLAS {
  /// Floating-point operations a second of matrix products in single precision on this thread, measured now.
  ///
  /// A rough measure for a display: the fastest of the products of 512 × 512 that fit into some
  /// milliseconds. Larger products may be a little faster, other work on the machine makes all of them slower,
  /// and clocks change; `make bench` measures with more patience.
  ///
  /// - Complexity: About 20 ms.
  public static func measuredRate() -> Double {
    useOneThread()
    let extent = 512
    let factor = Matrix<Float>(rows: extent, columns: extent) { i, j in
      Float((7 * i + 5 * j) % 11) / 11 - 0.4
    }
    var product = Matrix<Float>(repeating: 0, rows: extent, columns: extent)
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(15)
    var shortest = Duration.seconds(1)
    repeat {
      shortest = min(shortest, clock.measure { product.multiply(factor, by: factor) })
    } while clock.now < end
    let operations = 2 * Double(extent * extent * extent)
    return operations / max(shortest / .seconds(1), 1e-9)
  }
}
