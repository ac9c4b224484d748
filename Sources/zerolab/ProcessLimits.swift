// Checks that the operating system grants the standard streams, enough open files, and address
// space for OpenBLAS. Without them, libraries trap or wait forever.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Limits of the process, checked once at the start.
enum ProcessLimits {
  /// Opens missing standard streams, and exits if a limit (`ulimit -n`, `ulimit -v`) is too low.
  ///
  /// The soft limit on open files is raised if the hard limit allows it. Call this function first:
  /// a file opened earlier would get the number of a closed standard stream, and receive its
  /// output.
  static func check() {
    openStandardStreams()
    // Exceeding the limit on file sizes (ulimit -f) becomes a write error instead of a signal.
    signal(SIGXFSZ, SIG_IGN)
    #if canImport(Glibc)
      let openFiles = Int32(RLIMIT_NOFILE.rawValue)
    #else
      let openFiles = RLIMIT_NOFILE
    #endif
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // Each concurrent run has its rows, event file and locks open; 32 files are for everything
    // else.
    if let limit = raiseLimit(openFiles, toAtLeast: rlim_t(32 + 8 * cores)) {
      end("the limit on open files is \(limit) (ulimit -n); raise it to \(32 + 8 * cores) or more")
    }
    #if canImport(Glibc)
      // OpenBLAS maps a buffer per thread; if it can't, it retries forever.
      let buffer = 128 << 20
      let needed = (cores + 1) * buffer
      if let limit = limit(Int32(RLIMIT_AS.rawValue)), !canMap(needed) {
        // The buffer of the library's own thread may not be mapped yet.
        let total = (mappedBytes + needed + buffer) >> 10
        end(
          "the limit on address space is \(limit >> 10) kB (ulimit -v); raise it to \(total) or more"
        )
      }
    #endif
  }

  /// Replaces each closed standard stream by the null device.
  ///
  /// Standard output is opened read-only, so printing fails with an error, as on a full disk.
  private static func openStandardStreams() {
    for (stream, mode) in [
      (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ]
    where fcntl(stream, F_GETFD) < 0 {
      // `open` uses the lowest free number, which is the missing stream's.
      _ = unsafe open("/dev/null", mode)
    }
  }

  /// A soft limit; `nil` if there is none.
  private static func limit(_ resource: Int32) -> UInt64? {
    var limits = rlimit()
    guard unsafe getrlimit(resource, &limits) == 0, limits.rlim_cur != rlim_t.max else {
      return nil
    }
    return UInt64(limits.rlim_cur)
  }

  /// Raises a soft limit.
  ///
  /// - Returns: The limit if it remains too low; `nil` on success.
  private static func raiseLimit(_ resource: Int32, toAtLeast wanted: rlim_t)
    -> rlim_t?
  {
    var limits = rlimit()
    guard unsafe getrlimit(resource, &limits) == 0, limits.rlim_cur < wanted else { return nil }
    let old = limits.rlim_cur
    limits.rlim_cur = wanted
    guard limits.rlim_max >= wanted, unsafe setrlimit(resource, &limits) == 0 else { return old }
    return nil
  }

  #if canImport(Glibc)
    private static func canMap(_ bytes: Int) -> Bool {
      let place = unsafe mmap(
        nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard unsafe place != MAP_FAILED else { return false }
      unsafe munmap(place, bytes)
      return true
    }

    /// The mapped address space in bytes.
    private static var mappedBytes: Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      return (text.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }
  #endif

  /// Prints the reason and exits without exit handlers: OpenBLAS's may wait for a thread that
  /// retries forever.
  private static func end(_ reason: String) -> Never {
    standardError("zerolab: \(reason)\n")
    _exit(Failure.Code.limit.rawValue)
  }
}
