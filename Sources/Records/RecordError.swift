// Every way in which records can't be written or read.

/// Why a record could not be written or read.
public enum RecordError: Error, Equatable, CustomStringConvertible {
  /// The operating system refused to write.
  case unwritable(path: String, reason: String)

  /// The operating system refused to read.
  case unreadable(path: String, reason: String)

  /// A file that is not what this program writes.
  case malformed(path: String, line: Int?, reason: String)

  /// A folder that holds a run with another plan.
  case otherPlan(path: String, key: String)

  /// A folder that another process is writing to.
  case locked(path: String)

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); choose another folder with --out, or mend this one"
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); run it again with --fresh"
    case .malformed(let path, let line, let reason):
      "\(path)\(line.map { ", line \($0)" } ?? ""): not a record of a run (\(reason)); "
        + "run it again with --fresh"
    case .otherPlan(let path, let key):
      "\(path): holds a run that differs in '\(key)'; give --fresh to move it aside, or another "
        + "folder with --out"
    case .locked(let path):
      "\(path): another process is at work here; wait for it, or choose another folder with --out"
    }
  }
}
