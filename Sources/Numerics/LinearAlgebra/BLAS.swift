// What the process should know, and set, about the BLAS library it runs on.

internal import COpenBLAS

/// The BLAS library behind every product.
public enum BLAS {
  /// Set once, at the first product.
  ///
  /// The library's own threads, of no use any more, would go on asking the scheduler for a turn for a tenth of a
  /// second before they sleep: a core's work, at the start of every program.
  private static let oneThread: Void = {
    openblas_set_num_threads(1)
    end_blas_threads()
  }()

  static func useOneThread() { _ = oneThread }

  /// How many threads a product runs on.
  public static var threads: Int {
    useOneThread()
    return threadsNow
  }

  /// The threads that the library would use now, which a test can look at without changing it.
  static var threadsNow: Int { Int(openblas_get_num_threads()) }

  /// The library's name, version and build options, as it reports them.
  ///
  /// Asked for once: the library writes its answer into one place of its own at every call, where another
  /// thread would read it half written.
  public static let library = unsafe text(openblas_get_config())

  /// The kernel that the library chose for this processor, for instance `SkylakeX`.
  ///
  /// Results are bit-identical for one kernel and differ in the last places between kernels, so
  /// every record of a run names it.
  public static let kernel = unsafe text(openblas_get_corename())

  private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    guard let pointer = unsafe pointer else { return "unknown" }
    return unsafe String(cString: pointer)
  }

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
