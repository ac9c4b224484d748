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
}
