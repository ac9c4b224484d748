public import Foundation
import ZerOMessages
public import ZerORecords

/// A submitted job array of an experiment, recorded with its results.
public struct SlurmSubmission: Codable, Equatable, Sendable {
  /// The job number of the array.
  public let job: String

  /// The number of the job that gathers the results; `nil` until it has been submitted.
  public private(set) var gatheringJob: String?

  /// The task of each run, by run identifier; the experiment may have been edited since.
  public let tasksOfRuns: [String: Int]

  private enum CodingKeys: String, CodingKey {
    case job
    case gatheringJob = "gathering_job"
    case tasksOfRuns = "tasks_of_runs"
  }

  /// The folder for scripts and logs.
  ///
  /// - Parameter folder: The folder of the experiment's results.
  /// - Returns: `slurm` in that folder.
  public static func folder(in folder: ExperimentFolder) -> URL { folder.file("slurm") }

  private static func record(in folder: ExperimentFolder) -> URL {
    Self.folder(in: folder).appendingPathComponent("submission.json")
  }

  /// Reads the latest submission of an experiment.
  ///
  /// - Parameter folder: The folder of the experiment's results.
  /// - Returns: `nil` if there was none.
  /// - Throws: `ClusterError.unreadableSubmission`, because the job may be queued or running.
  public static func latest(in folder: ExperimentFolder) throws(ClusterError) -> SlurmSubmission? {
    let record = record(in: folder)
    guard FileManager.default.fileExists(atPath: record.path) else { return nil }
    let data: Data
    do { data = try Data(contentsOf: record) } catch {
      throw .unreadableSubmission(path: record.path, reason: systemReason(of: error))
    }
    let submission: SlurmSubmission
    do { submission = try JSONDecoder().decode(SlurmSubmission.self, from: data) } catch {
      throw .unreadableSubmission(path: record.path, reason: jsonReason(of: error, in: data))
    }
    guard SlurmCommands.isJobNumber(submission.job) else {
      throw .unreadableSubmission(path: record.path, reason: "'job' is not a job number")
    }
    return submission
  }

  /// The log of a run's task.
  ///
  /// - Parameters:
  ///   - run: The identifier of the run.
  ///   - folder: The folder of the experiment's results.
  /// - Returns: The log, which may not exist; `nil` for a run that is not in the array.
  public func log(of run: String, in folder: ExperimentFolder) -> URL? {
    tasksOfRuns[run].map {
      Self.folder(in: folder).appendingPathComponent("\(job)_\($0).log")
    }
  }

  /// Returns whether tasks of the array are queued or running.
  ///
  /// - Parameter slurm: Slurm's commands.
  /// - Returns: `false` also for a job that Slurm no longer knows.
  /// - Throws: `ClusterError`.
  public func isUnderWay(_ slurm: SlurmCommands) throws(ClusterError) -> Bool {
    do {
      let tasks = try slurm.run("squeue", ["--noheader", "--jobs", job, "--format", "%i"])
      // One line per task, 4242_1 or 4242_[2-9]; a site may add other lines.
      return tasks.split(whereSeparator: \.isNewline).contains { line in
        line.prefix { $0 != "_" }.trimmingCharacters(in: .whitespaces) == job
      }
    } catch ClusterError.refused(_, let reason) where reason.contains("Invalid job id") {
      return false
    }
  }

  /// Submits a job array, and a job that gathers the results after all of its tasks have ended.
  ///
  /// - Parameters:
  ///   - script: The array.
  ///   - gathering: The command that gathers the results.
  ///   - tasksOfRuns: The task of each run, by run identifier.
  ///   - folder: The folder of the experiment's results.
  ///   - slurm: Slurm's commands.
  /// - Throws: `ClusterError`; `RecordError` if script or record cannot be written. A submitted
  ///   array is recorded even if the gathering job fails.
  public init(
    _ script: SlurmScript, gathering: [String], tasksOfRuns: [String: Int],
    in folder: ExperimentFolder, _ slurm: SlurmCommands
  ) throws {
    let home = Self.folder(in: folder)
    let file = home.appendingPathComponent("array.sh")
    try RecordFiles.write(Array(script.text.utf8), to: file)
    self.tasksOfRuns = tasksOfRuns
    let job = try slurm.submit(script.arguments + [file.path], name: script.jobName)
    self.job = job
    try write(to: folder)
    let gatherer = "\(script.jobName)-gather"
    do {
      gatheringJob = try slurm.submit(
        script.options.common + [
          "--job-name=\(gatherer)", "--dependency=afterany:\(job)",
          "--output=\(SlurmScript.escaped(home))/gather.log", "--ntasks=1",
          "--wrap", "exec \(SlurmScript.quoted(gathering))",
        ], name: gatherer)
    } catch {
      throw ClusterError.notGathered(job: job, error: error)
    }
    try write(to: folder)
  }

  private func write(to folder: ExperimentFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try RecordFiles.write(try encoder.encode(self), to: Self.record(in: folder))
  }
}
