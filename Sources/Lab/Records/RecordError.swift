// Every way in which records can't be written or read.

import Foundation
import Messages

/// Why a record could not be written or read.
public enum RecordError: Error, Equatable, CustomStringConvertible {
  /// The operating system refused to write.
  case unwritable(path: String, reason: String)

  /// The operating system refused to read.
  case unreadable(path: String, reason: String)

  /// A file that is not what this program writes.
  case malformed(path: String, line: Int?, reason: String)

  /// A run that another build of this program has made, with something that this one doesn't know.
  case otherBuild(path: String, reason: String)

  /// A run whose rows are not all there.
  case incomplete(path: String, reason: String)

  /// Rows that are not the ones that the run wrote.
  case notThisRuns(path: String, line: Int?, reason: String)

  /// A folder that holds a run with another plan.
  case otherPlan(path: String, key: String)

  /// A folder that another process is writing to.
  case locked(path: String)

  /// A file that was moved away or deleted while this process was writing to it.
  case gone(path: String)

  /// A symbolic link where only a file or folder of the results may be.
  case isLink(path: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason):
      "\(path): can't be written (\(reason)); choose another folder with --out, or fix this one"
    case .unreadable(let path, let reason):
      "\(path): can't be read (\(reason)); check its permissions and the disk"
    case .malformed:
      "\(defect); move the run's folder aside to make the run again"
    case .incomplete, .notThisRuns:
      "\(defect); the command that made the run moves it aside and makes it again"
    case .otherBuild(let path, let reason):
      "\(path): made by another build of zerolab (\(reason)); read it with that one"
    case .otherPlan(let path, let key):
      "\(path): holds a run that differs in '\(key)'; run again with --fresh, which moves results aside, or choose "
        + "another folder with --out"
    case .locked(let path):
      "\(path): another process is at work here; wait for it, or choose another folder with --out"
    case .gone(let path):
      "\(path): moved or deleted while it was being written; move its folder back, and the same command resumes"
    case .isLink(let path):
      "\(path): a symbolic link, which may lead out of the folder of results; remove it"
    }
  }

  /// Whether only the run that it names is concerned: others can be made and reported without it.
  public var concernsOneRun: Bool {
    switch self {
    case .unreadable, .malformed, .otherBuild, .incomplete, .notThisRuns, .locked, .isLink: true
    case .unwritable, .otherPlan, .gone: false
    }
  }

  /// What is wrong with records, without the fix; of other errors the whole description.
  public var defect: String {
    switch self {
    case .malformed(let path, let line, let reason):
      "\(Self.place(path, line)): not a record of a run (\(reason))"
    case .incomplete(let path, let reason): "\(path): incomplete (\(reason))"
    case .notThisRuns(let path, let line, let reason):
      "\(Self.place(path, line)): not what this run wrote (\(reason))"
    case .unwritable, .unreadable, .otherBuild, .otherPlan, .locked, .gone, .isLink: description
    }
  }

  private static func place(_ path: String, _ line: Int?) -> String {
    path + (line.map { ", line \($0)" } ?? "")
  }
}

extension RecordError {
  /// Why a file can't be written, from the error of the operating system.
  static func unwritable(_ url: URL, _ error: any Error) -> RecordError {
    switch (error as? POSIXError)?.code {
    case .ENOENT: .gone(path: url.path)
    case .ELOOP: .isLink(path: url.path)
    default: .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }
}
