// Replaces OpenBLAS's slow fallback kernel on processors that are newer than the library.

#if canImport(Glibc)
  import Glibc
#endif

extension BLAS {
  /// OpenBLAS's kernel for unknown x86 processors.
  ///
  /// It uses SSE3 only and has a third of the speed or less.
  private static let fallback = "Prescott"

  /// The environment variable that selects a kernel; OpenBLAS reads it when it is loaded.
  private static let choice = "OPENBLAS_CORETYPE"

  /// The environment variable that marks `choice` as set by this program.
  private static let mark = "ZEROLAB_KERNEL_CHOSEN"

  /// Restarts the program with a faster kernel if OpenBLAS uses the fallback kernel and the processor supports a
  /// better one.
  ///
  /// Call this function before any other work, since the restart (`execv`) discards the state of the process. The
  /// environment variable `OPENBLAS_CORETYPE`, read when the library is loaded, is the only way to select a kernel.
  /// If the user has set it, nothing happens. A restart takes a few milliseconds; if it fails, the program
  /// continues.
  public static func restartOnSuitableKernel() {
    #if canImport(Glibc)
      guard unsafe getenv(mark) == nil else {
        forgetChoice()
        return
      }
      guard unsafe getenv(choice) == nil, kernel == fallback,
        let better = suitableKernel(for: processorFeatures()),
        let path = unsafe realpath("/proc/self/exe", nil)
      else { return }
      unsafe setenv(mark, "1", 1)
      unsafe setenv(choice, better, 1)
      unsafe execv(path, CommandLine.unsafeArgv)
      unsafe free(path)
      forgetChoice()
    #endif
  }

  /// Removes the choice from the environment, since child processes may run on other machines.
  private static func forgetChoice() {
    #if canImport(Glibc)
      unsafe unsetenv(mark)
      unsafe unsetenv(choice)
    #endif
  }

  /// OpenBLAS's kernels for x86 processors without AVX2.
  private static let kernelsWithoutAVX2: Set = [
    "Athlon", "Atom", "Banias", "Barcelona", "Bobcat", "Bulldozer", "Core2", "Coppermine",
    "Dunnington", "Katmai", "Nano",
    "Nehalem", "Northwood", "Opteron", "Opteron(SSE3)", "Penryn", "Piledriver", "Prescott",
    "Sandybridge",
  ]

  /// Whether the kernel lacks AVX2 instructions, so products take longer; the results are as exact.
  public static var lacksAVX2: Bool { kernelsWithoutAVX2.contains(kernel) }

  /// The best kernel for a processor that OpenBLAS does not know.
  ///
  /// - Parameter features: The processor features as Linux names them, for example `avx2`.
  /// - Returns: `SkylakeX`, `Haswell`, or `nil` if only the fallback kernel is possible.
  static func suitableKernel(for features: Set<Substring>) -> String? {
    if features.isSuperset(of: ["avx512f", "avx512cd", "avx512dq", "avx512bw", "avx512vl"]) {
      return "SkylakeX"
    }
    return features.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
  }

  /// The features of the processor, from `/proc/cpuinfo`; empty on other systems.
  private static func processorFeatures() -> Set<Substring> {
    #if canImport(Glibc)
      guard let file = unsafe fopen("/proc/cpuinfo", "r") else { return [] }
      defer { unsafe fclose(file) }
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      defer { unsafe free(line) }
      while unsafe getline(&line, &capacity, file) > 0, let text = unsafe line {
        let words = unsafe String(cString: text).split(whereSeparator: \.isWhitespace)
        if words.first == "flags" { return Set(words) }
      }
    #endif
    return []
  }
}
