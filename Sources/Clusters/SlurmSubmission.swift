// Handing an experiment over to Slurm.

public import Foundation
public import Records

/// A job array that was submitted for an experiment; kept beside its results.
public struct SlurmSubmission: Codable, Equatable, Sendable {
  /// The array's job.
  public let job: String

  /// The job that gathers the results.
  public let gatheringJob: String

  /// The runs of each task.
  public let runsPerTask: Int

  /// The tasks that were submitted.
  public let tasks: [Int]

  private enum CodingKeys: String, CodingKey {
    case job, tasks
    case gatheringJob = "gathering_job"
    case runsPerTask = "runs_per_task"
  }

  /// Where scripts and logs lie.
  ///
  /// - Parameter folder: Of the experiment's results.
  /// - Returns: `slurm` in it.
  public static func folder(in folder: ExperimentFolder) -> URL { folder.file("slurm") }

  private static func record(in folder: ExperimentFolder) -> URL {
    Self.folder(in: folder).appendingPathComponent("submission.json")
  }

  /// The latest submission of an experiment, `nil` when there was none.
  ///
  /// - Parameter folder: Of the experiment's results.
  public init?(in folder: ExperimentFolder) {
    guard let data = try? Data(contentsOf: Self.record(in: folder)),
      let submission = try? JSONDecoder().decode(SlurmSubmission.self, from: data)
    else { return nil }
    self = submission
  }

  /// The output of a task.
  ///
  /// - Parameters:
  ///   - run: The run's place in the experiment.
  ///   - folder: Of the experiment's results.
  /// - Returns: The task's log, which may not exist.
  public func log(ofRun run: Int, in folder: ExperimentFolder) -> URL {
    Self.folder(in: folder).appendingPathComponent("\(job)_\(run / runsPerTask).log")
  }

  /// Whether the array has tasks that wait or run.
  ///
  /// - Parameter slurm: Slurm's commands.
  /// - Returns: `false` also for a job that Slurm has forgotten.
  /// - Throws: `ClusterError.noSlurm`.
  public func isUnderWay(_ slurm: SlurmCommands) throws(ClusterError) -> Bool {
    guard
      let lines = try? slurm.run("squeue", ["--noheader", "--jobs", job, "--format", "%i"])
    else { return false }
    return !lines.isEmpty
  }

  /// Submits a job array, and a job that gathers the results when all of its tasks have ended.
  ///
  /// - Parameters:
  ///   - script: The array.
  ///   - gathering: The command that gathers.
  ///   - runsPerTask: The runs of each task.
  ///   - folder: Of the experiment's results.
  ///   - slurm: Slurm's commands.
  /// - Throws: `ClusterError`, `RecordError` when script or record can't be written.
  public init(
    _ script: SlurmScript, gathering: [String], runsPerTask: Int, in folder: ExperimentFolder,
    _ slurm: SlurmCommands
  ) throws {
    let file = Self.folder(in: folder).appendingPathComponent("array.sh")
    try RecordFiles.write(Array(script.text.utf8), to: file)
    job = try slurm.submit([file.path])
    let options = script.options.partition.map { ["--partition=\($0)"] } ?? []
    gatheringJob = try slurm.submit(
      [
        "--job-name=\(script.jobName)-gather", "--dependency=afterany:\(job)",
        "--output=\(Self.folder(in: folder).path)/gather.log", "--ntasks=1",
      ] + options + ["--wrap", "exec \(SlurmScript.quoted(gathering))"])
    self.runsPerTask = runsPerTask
    tasks = script.tasks
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try RecordFiles.write(try encoder.encode(self), to: Self.record(in: folder))
  }
}
