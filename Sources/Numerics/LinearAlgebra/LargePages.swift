// A large matrix that is written once spends much of its time on page faults: one every 4 KiB.

#if canImport(Glibc)
  import Glibc
#endif

/// Memory in larger pages than the usual ones, where the system has them.
enum LargePages {
  /// From this many bytes on it is worth asking.
  private static let smallestLength = 8 << 20

  /// Asks for large pages behind memory that nothing was written to yet.
  ///
  /// For what lives shortly: the weights of a training step are no faster with them.
  ///
  /// - Parameters:
  ///   - start: The first byte.
  ///   - length: The number of bytes; few are left alone.
  static func advise(_ start: UnsafeMutableRawPointer?, length: Int) {
    #if canImport(Glibc)
      guard let start = unsafe start, length >= smallestLength else { return }
      // From the next usual page on; a system that has no large pages refuses, and nothing is lost.
      let pageSize = sysconf(Int32(_SC_PAGESIZE))
      let skipped = -Int(bitPattern: start) & (pageSize - 1)
      unsafe madvise(start + skipped, length - skipped, MADV_HUGEPAGE)
    #endif
  }
}
