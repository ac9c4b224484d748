// Errors of reading and writing records.

import Foundation
import ZerOMessages

/// The reason why a record could not be written or read.
public enum RecordError: Error, Equatable, CustomStringConvertible {
  /// A write error of the operating system.
  case unwritable(path: String, reason: String)

  /// A read error of the operating system.
  case unreadable(path: String, reason: String)

  /// A file without the format of records.
  case malformed(path: String, line: Int?, reason: String)

  /// A run with missing rows.
  case incomplete(path: String, reason: String)

  /// Rows that the run did not write.
  case notThisRuns(path: String, line: Int?, reason: String)

  /// A folder that contains a run with another plan.
  case otherPlan(path: String, key: String)

  /// A folder that another process is writing to.
  case locked(path: String)

  /// A file that was moved or deleted while this process was writing to it.
  case gone(path: String)

  /// A symbolic link in place of a file or folder of the results.
  case isLink(path: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); check its permissions and the free space"
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); check its permissions and the disk"
    case .malformed:
      "\(defect); move the run's folder aside to repeat the run"
    case .incomplete, .notThisRuns:
      "\(defect); repeat the command; it moves the folder aside and repeats the run"
    case .otherPlan(let path, let key):
      "\(path): contains a run with another '\(key)'; run again with --fresh, which moves results aside, or choose "
        + "another folder with --out"
    case .locked(let path):
      "\(path): another process is using this folder; wait for it, or choose another folder with --out"
    case .gone(let path):
      "\(path): moved or deleted while it was being written; move its folder back, and the same command resumes"
    case .isLink(let path):
      "\(path): a symbolic link, which may lead out of the folder of results; remove it"
    }
  }

  /// Whether the error concerns one run only, so the others can be made and reported.
  public var concernsOneRun: Bool {
    switch self {
    case .unreadable, .malformed, .incomplete, .notThisRuns, .locked, .isLink: true
    case .unwritable, .otherPlan, .gone: false
    }
  }

  /// The defect of a record without the fix; the whole description for other errors.
  public var defect: String {
    switch self {
    case .malformed(let path, let line, let reason):
      "\(Self.place(path, line)): not a record of a run (\(reason))"
    case .incomplete(let path, let reason): "\(path): incomplete (\(reason))"
    case .notThisRuns(let path, let line, let reason):
      "\(Self.place(path, line)): changed since the run wrote it (\(reason))"
    case .unwritable, .unreadable, .otherPlan, .locked, .gone, .isLink: description
    }
  }

  private static func place(_ path: String, _ line: Int?) -> String {
    path + (line.map { ", line \($0)" } ?? "")
  }
}

extension RecordError {
  /// The reason why a file can't be written, from the error of the operating system.
  static func unwritable(_ url: URL, _ error: any Error) -> RecordError {
    switch (error as? POSIXError)?.code {
    case .ENOENT: .gone(path: url.path)
    case .ELOOP: .isLink(path: url.path)
    default: .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }
}
