// What the operating system must grant before anything can work: the three standard streams, some open files,
// and address space for OpenBLAS. Without them libraries below trap or wait for ever.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The limits of the process, checked once at the start.
enum ProcessLimits {
  /// Opens missing standard streams, and ends the process where a limit (`ulimit -n`, `ulimit -v`) is too low.
  ///
  /// The soft limit on open files is raised to what is needed where the hard limit allows it. Call it first:
  /// a file opened before would take the number of a closed standard stream, and get what is printed.
  static func check() {
    openStandardStreams()
    // A file that reaches the limit on its size (ulimit -f) is an error of the write, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    #if canImport(Glibc)
      let openFiles = Int32(RLIMIT_NOFILE.rawValue)
    #else
      let openFiles = RLIMIT_NOFILE
    #endif
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // Each of the runs at a time has its record, event file and locks open; 32 are for the rest.
    if let limit = raiseLimit(openFiles, toAtLeast: rlim_t(32 + 8 * cores)) {
      end("the limit on open files is \(limit) (ulimit -n); raise it to \(32 + 8 * cores) or more")
    }
    #if canImport(Glibc)
      // OpenBLAS maps a buffer for each thread, and where it can't, it tries again for ever.
      let buffer = 128 << 20
      let needed = (cores + 1) * buffer
      if let limit = limit(Int32(RLIMIT_AS.rawValue)), !canMap(needed) {
        // The buffer of the library's own thread may not have found its place yet.
        let total = (mappedBytes + needed + buffer) >> 10
        end(
          "the limit on address space is \(limit >> 10) kB (ulimit -v); raise it to \(total) or more"
        )
      }
    #endif
  }

  /// Puts the null device in the place of each closed standard stream.
  ///
  /// Output is opened for reading alone, so printing fails and ends the program with an error as on a full disk.
  private static func openStandardStreams() {
    for (stream, mode) in [
      (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ]
    where fcntl(stream, F_GETFD) < 0 {
      // The lowest free number is the one that is missing.
      _ = unsafe open("/dev/null", mode)
    }
  }

  /// A soft limit; `nil` where there is none.
  private static func limit(_ resource: Int32) -> UInt64? {
    var limits = rlimit()
    guard unsafe getrlimit(resource, &limits) == 0, limits.rlim_cur != rlim_t.max else {
      return nil
    }
    return UInt64(limits.rlim_cur)
  }

  /// Raises a soft limit.
  ///
  /// - Returns: The limit where it stays too low, `nil` where all is well.
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

    /// The address space that is taken already.
    private static var mappedBytes: Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      return (text.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }
  #endif

  /// Says why, and ends without the libraries' farewells: OpenBLAS's may wait for a thread that tries for ever.
  private static func end(_ reason: String) -> Never {
    standardError("zerolab: \(reason)\n")
    _exit(Failure.Code.limit.rawValue)
  }
}
