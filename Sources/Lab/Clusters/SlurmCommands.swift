// Slurm's own programs, called and understood.

import Foundation
import Synchronization

/// The commands of a Slurm cluster.
public struct SlurmCommands: Sendable {
  /// The commands that the search path finds.
  public init() {}

  /// Submits a job.
  ///
  /// - Parameters:
  ///   - arguments: Of sbatch.
  ///   - name: The job's name in the queue, for the error.
  /// - Returns: The job's number.
  /// - Throws: `ClusterError`; `.noJobNumber` when sbatch succeeds and prints none, so that a job may be in the queue.
  public func submit(_ arguments: [String], name: String) throws(ClusterError) -> String {
    let output = try run("sbatch", ["--parsable"] + arguments)
    guard let job = Self.jobNumber(in: output) else {
      throw .noJobNumber(output: output, name: name)
    }
    return job
  }

  /// The job number in what `sbatch --parsable` printed: the last line `4242`, or `4242;cluster` in a federation.
  ///
  /// Scripts of a site may print a greeting first.
  static func jobNumber(in output: String) -> String? {
    output.split(whereSeparator: \.isNewline).lazy
      .map { $0.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces) }
      .last { isJobNumber($0) }
  }

  /// Whether a text is a job's number: ASCII digits.
  static func isJobNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// The largest array that the cluster takes, 1001 where it doesn't say.
  ///
  /// - Returns: One more than the largest number of a task.
  /// - Throws: `ClusterError.noSlurm`.
  public func largestArray() throws(ClusterError) -> Int {
    let line = try run("scontrol", ["show", "config"]).split(separator: "\n").first {
      $0.hasPrefix("MaxArraySize")
    }
    let value = line?.split(separator: "=").last?.trimmingCharacters(in: .whitespaces)
    return value.flatMap(Int.init) ?? 1001
  }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - program: Its name.
  ///   - arguments: What it is given.
  /// - Returns: Its output, without the last line's end.
  /// - Throws: `ClusterError`.
  func run(_ program: String, _ arguments: [String]) throws(ClusterError) -> String {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch { throw .noSlurm(program: program) }
    // Both at once: a pipe that nobody reads fills up, and the program waits.
    let reasons = Mutex("")
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      let data = errors.fileHandleForReading.readDataToEndOfFile()
      reasons.withLock { $0 = String(decoding: data, as: UTF8.self) }
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    group.wait()
    let reason = reasons.withLock { $0 }
    process.waitUntilExit()
    switch process.terminationStatus {
    case 0: return text.trimmingCharacters(in: .whitespacesAndNewlines)
    case 127: throw .noSlurm(program: program)
    default:
      let lines = reason.split(whereSeparator: \.isNewline).joined(separator: "; ")
      throw .refused(
        program: program,
        reason: lines.isEmpty ? "exit code \(process.terminationStatus)" : lines)
    }
  }
}
