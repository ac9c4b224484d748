// Whether a file is the one that was looked at before.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What tells a file that was replaced or written from what it was; nothing of it is read.
struct FileStamp: Equatable, Sendable {
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// Looks at a file; `nil` where there is none.
  init?(_ url: URL) {
    var found = stat()
    guard unsafe stat(url.path, &found) == 0 else { return nil }
    inode = UInt64(found.st_ino)
    size = Int64(found.st_size)
    #if canImport(Glibc)
      (seconds, nanoseconds) = (found.st_mtim.tv_sec, found.st_mtim.tv_nsec)
    #else
      (seconds, nanoseconds) = (found.st_mtimespec.tv_sec, found.st_mtimespec.tv_nsec)
    #endif
  }
}
