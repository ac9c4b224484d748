// A library that is older than the processor doesn't know it, and falls back to a kernel of 2004.

#if canImport(Glibc)
  import Glibc
#endif

extension BLAS {
  /// The kernel that OpenBLAS takes for x86 processors it doesn't know: SSE3, a third of the speed or less.
  private static let fallback = "Prescott"

  /// Which kernel a user wants, for OpenBLAS to read when it is loaded.
  private static let choice = "OPENBLAS_CORETYPE"

  /// Says that `choice` is this program's own.
  private static let mark = "ZEROLAB_KERNEL_CHOSEN"

  /// Starts the program again on the kernel that the processor has the instructions for, where OpenBLAS has
  /// fallen back.
  ///
  /// Call it first: nothing that was done before is left. The library reads its choice from the environment when it
  /// is loaded, and has no other way to be told. A user's own `OPENBLAS_CORETYPE` is kept. It takes a few
  /// milliseconds, and only where there is something to mend; where the system refuses, the program goes on.
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

  /// Takes the choice out of the environment again: programs that this one starts may run on other machines.
  private static func forgetChoice() {
    #if canImport(Glibc)
      unsafe unsetenv(mark)
      unsafe unsetenv(choice)
    #endif
  }

  /// The kernel of OpenBLAS for a processor it doesn't know.
  ///
  /// - Parameter features: As Linux names them, for example `avx2`.
  /// - Returns: `SkylakeX`, `Haswell`, or `nil` where the fallback is all there is.
  static func suitableKernel(for features: Set<Substring>) -> String? {
    if features.isSuperset(of: ["avx512f", "avx512cd", "avx512dq", "avx512bw", "avx512vl"]) {
      return "SkylakeX"
    }
    return features.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
  }

  /// What Linux says of the processor; nothing elsewhere.
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
