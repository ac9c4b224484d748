// Memory: how much the process may use, and settings of the allocator for large matrices. Work that needs more memory
// fails with an error instead of a signal.

internal import CMalloc
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// An error for work that needs more memory than is available.
public struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// The work that needs the memory, as the subject of a sentence.
  public let work: String

  /// The approximate number of bytes that the work needs.
  public let needed: Double

  /// The number of bytes that are available to the process.
  public let available: Int

  /// The error in one line.
  public var description: String {
    "\(work) needs about \(Self.text(needed)) of memory, but only \(Self.text(Double(available))) are available; "
      + "reduce its size or allow more memory"
  }

  private static func text(_ bytes: Double) -> String { String(format: "%.1f GB", bytes / 1e9) }
}

/// The memory of the process.
public enum Memory {
  /// The number of bytes that are available to the process.
  ///
  /// It is the minimum of three limits: the memory of the machine, the limits of the process's control groups, and
  /// the limit on address space (`ulimit -v`) minus the address space that the program, its libraries and
  /// OpenBLAS's buffers use.
  public static let available: Int = {
    var limits = [Int(clamping: ProcessInfo.processInfo.physicalMemory)]
    #if canImport(Glibc)
      limits += controlGroupLimits
      var limit = rlimit()
      if unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 {
        let used = limit.rlim_cur == rlim_t.max ? 0 : usedAddressSpace
        limits.append(Int(clamping: limit.rlim_cur) - used)
      }
    #endif
    return max(0, limits.min() ?? .max)
  }()

  #if canImport(Glibc)
    /// The limits of the process's control group and of its parents; a group without a limit reports `max`.
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

    /// The address space in use, plus a buffer of 128 MiB per core, which OpenBLAS maps at its first product.
    private static var usedAddressSpace: Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      let pages = text.split(separator: " ").first.flatMap { Int($0) } ?? 0
      return pages * Int(getpagesize()) + ProcessInfo.processInfo.activeProcessorCount << 27
    }
  #endif

  /// Throws an error if work needs more memory than is available.
  ///
  /// - Parameters:
  ///   - needed: The approximate number of bytes that the work needs.
  ///   - work: The work that needs the memory, as the subject of a sentence.
  /// - Throws: `MemoryShortage`.
  public static func check(_ needed: Double, for work: String) throws(MemoryShortage) {
    guard needed <= Double(available) else {
      throw MemoryShortage(work: work, needed: needed, available: available)
    }
  }

  /// Configures the allocator to keep the memory of freed matrices for new ones.
  ///
  /// By default, the GNU allocator returns large blocks to the system at once, and the pages of each new matrix are
  /// mapped and cleared again. Mapping and clearing cost a third of the time of a rank at n = 1024. With this
  /// setting, the memory of the process stays at its peak. Call this function at the start of the program; it does
  /// nothing without the GNU C library.
  public static func keepFreed() {
    #if canImport(Glibc)
      // One arena for all threads, no separate mappings, no trimming.
      mallopt(M_ARENA_MAX, 1)
      mallopt(M_MMAP_MAX, 0)
      mallopt(M_TRIM_THRESHOLD, -1)
    #endif
  }

  /// The smallest allocation, in bytes, for which large pages are worth a system call.
  private static let smallestLargeAllocation = 8 << 20

  /// Requests large pages for memory that has not been written to yet.
  ///
  /// A large matrix that is written once otherwise spends much of its time on page faults, one per 4 KiB. Use large
  /// pages for temporary matrices; they do not speed up the weights of a training step.
  ///
  /// - Parameters:
  ///   - start: The first byte.
  ///   - length: The number of bytes. Allocations below 8 MiB are left unchanged.
  static func adviseLargePages(_ start: UnsafeMutableRawPointer?, length: Int) {
    #if canImport(Glibc)
      guard let start = unsafe start, length >= smallestLargeAllocation else { return }
      // Starts at the next page boundary. A system without large pages refuses the request, which is harmless.
      let pageSize = sysconf(Int32(_SC_PAGESIZE))
      let skipped = -Int(bitPattern: start) & (pageSize - 1)
      unsafe madvise(start + skipped, length - skipped, MADV_HUGEPAGE)
    #endif
  }
}
