import Foundation
import Synchronization

/// The commands of a Slurm cluster.
public struct SlurmCommands: Sendable {
  /// Makes the commands, which are found in the search path.
  public init() {}

  /// Submits a job.
  ///
  /// - Parameters:
  ///   - arguments: The arguments of sbatch.
  ///   - name: The name of the job in the queue, for the error.
  /// - Returns: The job number.
  /// - Throws: `ClusterError`; `.noJobNumber` if sbatch succeeds but prints no number, so a job may
  ///   be queued.
  public func submit(_ arguments: [String], name: String) throws(ClusterError) -> String {
    let output = try run("sbatch", ["--parsable"] + arguments)
    guard let job = Self.jobNumber(in: output) else {
      throw .noJobNumber(output: output, name: name)
    }
    return job
  }

  /// Finds the job number in the output of `sbatch --parsable`.
  ///
  /// It is on the last such line, `4242`, or `4242;cluster` in a federation. Scripts of a site may
  /// print other lines.
  static func jobNumber(in output: String) -> String? {
    output.split(whereSeparator: \.isNewline).lazy
      .map { $0.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces) }
      .last { isJobNumber($0) }
  }

  /// Whether a text is a job number, that is, ASCII digits.
  static func isJobNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Returns the maximum array size of the cluster; 1001 if it is not stated.
  ///
  /// - Returns: One more than the largest task index.
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
  ///   - program: The name of the program.
  ///   - arguments: Its arguments.
  /// - Returns: Its output, without the trailing line break.
  /// - Throws: `ClusterError`.
  func run(_ program: String, _ arguments: [String]) throws(ClusterError) -> String {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch { throw .noSlurm(program: program) }
    // Read both pipes concurrently: an unread pipe fills up and blocks the program.
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
