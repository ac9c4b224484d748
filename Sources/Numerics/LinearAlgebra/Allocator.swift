// How the process holds its memory between one large matrix and the next.

internal import CMalloc

/// The allocator behind every matrix.
public enum Allocator {
  /// Lets the process keep the memory of matrices that it has freed, for those that it makes next.
  ///
  /// By default the GNU allocator gives megabytes back to the system at once, and each new matrix has its
  /// pages brought in and cleared one by one: a third of the time of a rank at n = 1024. Kept, it costs
  /// no time, and the process stays as large as it once was. A program calls this first thing; without the
  /// GNU C library it does nothing.
  public static func keepFreedMemory() {
    #if canImport(Glibc)
      // One heap for all threads, nothing mapped apart, nothing handed back.
      mallopt(M_ARENA_MAX, 1)
      mallopt(M_MMAP_MAX, 0)
      mallopt(M_TRIM_THRESHOLD, -1)
    #endif
  }
}
