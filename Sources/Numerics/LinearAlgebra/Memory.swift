// How much memory there is, so that what takes more is refused in a line and not by a signal.

internal import CMalloc
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// More memory than there is.
public struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// What takes it, as the beginning of a sentence.
  public let work: String

  /// The bytes that the work takes, about.
  public let needed: Double

  /// The bytes that the process may have.
  public let available: Int

  /// The error in one line.
  public var description: String {
    "\(work) takes about \(Self.text(needed)) of memory, more than the \(Self.text(Double(available))) that there are; "
      + "make it smaller, or allow more memory"
  }

  private static func text(_ bytes: Double) -> String { String(format: "%.1f GB", bytes / 1e9) }
}

/// The memory that the process may have.
public enum Memory {
  /// The bytes, at most: those of the machine, of the process's control groups, or what its own limit on address space
  /// (`ulimit -v`) leaves beside the program, its libraries and OpenBLAS's buffers.
  public static let available: Int = {
    var limits = [Int(clamping: ProcessInfo.processInfo.physicalMemory)]
    #if canImport(Glibc)
      limits += controlGroupLimits
      var limit = rlimit()
      if unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 {
        limits.append(Int(clamping: limit.rlim_cur) - (limit.rlim_cur == rlim_t.max ? 0 : taken))
      }
    #endif
    return max(0, limits.min() ?? .max)
  }()

  #if canImport(Glibc)
    /// The limits of the process's control group and of those above it; a group without one says `max`.
    private static var controlGroupLimits: [Int] {
      let text = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
      return text.split(separator: "\n").flatMap { line -> [Int] in
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return [] }
        let isFirst = fields[1].split(separator: ",").contains("memory")
        guard isFirst || fields[1].isEmpty else { return [] }
        let (root, name) =
          isFirst
          ? ("/sys/fs/cgroup/memory", "memory.limit_in_bytes") : ("/sys/fs/cgroup", "memory.max")
        var group = URL(fileURLWithPath: root + fields[2])
        var limits: [Int] = []
        while group.path.hasPrefix(root) {
          let text = try? String(contentsOf: group.appendingPathComponent(name), encoding: .utf8)
          limits += [text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }]
            .compactMap(\.self)
          group.deleteLastPathComponent()
        }
        return limits
      }
    }

    /// The address space that is in use, and a buffer of 128 MiB for each core, which OpenBLAS maps at its first product.
    private static var taken: Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      let pages = text.split(separator: " ").first.flatMap { Int($0) } ?? 0
      return pages * Int(getpagesize()) + ProcessInfo.processInfo.activeProcessorCount << 27
    }
  #endif

  /// Refuses what can't be held.
  ///
  /// - Parameters:
  ///   - needed: The bytes that the work takes, about.
  ///   - work: What takes it, as the beginning of a sentence.
  /// - Throws: `MemoryShortage`.
  public static func check(_ needed: Double, for work: String) throws(MemoryShortage) {
    guard needed <= Double(available) else {
      throw MemoryShortage(work: work, needed: needed, available: available)
    }
  }

  /// Lets the process keep the memory of matrices that it has freed, for those that it makes next.
  ///
  /// By default the GNU allocator gives megabytes back to the system at once, and each new matrix has its
  /// pages brought in and cleared one by one: a third of the time of a rank at n = 1024. Kept, it costs
  /// no time, and the process stays as large as it once was. A program calls this first thing; without the
  /// GNU C library it does nothing.
  public static func keepFreed() {
    #if canImport(Glibc)
      // One heap for all threads, nothing mapped apart, nothing handed back.
      mallopt(M_ARENA_MAX, 1)
      mallopt(M_MMAP_MAX, 0)
      mallopt(M_TRIM_THRESHOLD, -1)
    #endif
  }

  /// From this many bytes on it is worth asking.
  private static let smallestLargeAllocation = 8 << 20

  /// Asks for large pages behind memory that nothing was written to yet.
  ///
  /// For what lives shortly: the weights of a training step are no faster with them.
  ///
  /// - Parameters:
  ///   - start: The first byte.
  ///   - length: The number of bytes; few are left alone.
  static func adviseLargePages(_ start: UnsafeMutableRawPointer?, length: Int) {
    #if canImport(Glibc)
      guard let start = unsafe start, length >= smallestLargeAllocation else { return }
      // From the next usual page on; a system that has no large pages refuses, and nothing is lost.
      let pageSize = sysconf(Int32(_SC_PAGESIZE))
      let skipped = -Int(bitPattern: start) & (pageSize - 1)
      unsafe madvise(start + skipped, length - skipped, MADV_HUGEPAGE)
    #endif
  }
}
