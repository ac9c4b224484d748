// The BLAS library of this process: its name, its kernel, its threads and its speed.

internal import COpenBLAS

/// Facts about the BLAS library that computes all matrix products, and its settings.
public enum BLAS {
  /// Limits the library to one thread, once, at the first product.
  ///
  /// It also ends the library's idle threads. They would spin for a tenth of a second before they sleep and occupy
  /// a core at the start of every program.
  private static let oneThread: Void = {
    openblas_set_num_threads(1)
    end_blas_threads()
  }()

  static func useOneThread() { _ = oneThread }

  /// The number of threads of one matrix product.
  public static var threads: Int {
    useOneThread()
    return threadsNow
  }

  /// The library's current number of threads, for tests; reading it does not change it.
  static var threadsNow: Int { Int(openblas_get_num_threads()) }

  /// The library's name, version and build options, as it reports them.
  ///
  /// Read once: every call of the library's function rewrites the same static buffer, so calls from two threads would
  /// race.
  public static let library = unsafe text(openblas_get_config())

  /// The kernel that the library chose for this processor, for instance `SkylakeX`.
  ///
  /// Results are bit-identical for a given kernel and differ in the last bits between kernels. Every run therefore
  /// records the kernel.
  public static let kernel = unsafe text(openblas_get_corename())

  private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    guard let pointer = unsafe pointer else { return "unknown" }
    return unsafe String(cString: pointer)
  }

  /// Measures the speed of single-precision matrix products on this thread, in floating-point operations per second.
  ///
  /// The result is a rough estimate for a progress display: the fastest of the 512 × 512 products that finish
  /// within 15 ms. Larger products may be slightly faster; machine load and clock changes affect the result. For
  /// careful measurements, use `make bench`.
  ///
  /// - Complexity: About 20 ms.
  public static func measuredRate() -> Double {
    useOneThread()
    let size = 512
    let factor = Matrix<Float>(rows: size, columns: size) { i, j in
      Float((7 * i + 5 * j) % 11) / 11 - 0.4
    }
    var product = Matrix<Float>(repeating: 0, rows: size, columns: size)
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(15)
    var shortest = Duration.seconds(1)
    repeat {
      shortest = min(shortest, clock.measure { product.multiply(factor, by: factor) })
    } while clock.now < end
    let operations = 2 * Double(size * size * size)
    return operations / max(shortest / .seconds(1), 1e-9)
  }
}
