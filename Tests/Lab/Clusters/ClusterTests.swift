// The runs of a task, and the submission to Slurm.

import Foundation
import TestSupport
import Testing
import ZerORecords
import ZerOTraining

@testable import ZerOClusters

@Suite struct ClusterTests {
  private let plans = (1...7).map { TrainingPlan(initializer: "ZerO", width: $0) }

  @Test func `tasks divide the runs without gap or overlap`() throws {
    for runsPerTask in 1...9 {
      let count = TaskShare.taskCount(runs: plans.count, runsPerTask: runsPerTask)
      let shares = try (0..<count).map {
        try TaskShare(index: $0, runsPerTask: runsPerTask).plans(of: plans)
      }
      #expect(Array(shares.joined()) == plans && shares.allSatisfy { !$0.isEmpty })
      #expect(throws: ClusterError.noSuchTask(index: count, count: count)) {
        try TaskShare(index: count, runsPerTask: runsPerTask).plans(of: plans)
      }
    }
  }

  @Test func `the task index is read from the environment of Slurm and Kubernetes`() throws {
    #expect(try TaskShare.index(from: ["PATH": "/bin"]) == nil)
    #expect(try TaskShare.index(from: ["SLURM_ARRAY_TASK_ID": "12"]).map { $0.index } == 12)
    let found = try TaskShare.index(from: ["JOB_COMPLETION_INDEX": "0"])
    #expect(found.map { $0.variable } == "JOB_COMPLETION_INDEX" && found.map { $0.index } == 0)
    for value in ["", "-1", "3.5", "all"] {
      #expect(throws: ClusterError.notATask(variable: "SLURM_ARRAY_TASK_ID", value: value)) {
        _ = try TaskShare.index(from: ["SLURM_ARRAY_TASK_ID": value])
      }
    }
  }

  @Test func `numbers are written as ranges`() {
    #expect(SlurmScript.ranges([]) == "")
    #expect(SlurmScript.ranges([3]) == "3")
    #expect(SlurmScript.ranges([0, 1, 2, 3, 4, 7, 9, 10]) == "0-4,7,9-10")
  }

  @Test func `quoted words reach the shell unchanged`() throws {
    let words = ["/a b/zerolab", "it's", "$HOME", "plain-1.5", "", "\"`\\"]
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "printf '%s|' " + SlurmScript.quoted(words)]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == words.map { $0 + "|" }.joined())
    #expect(SlurmScript.quoted(["plain-1.5", "/x/y_z=1"]) == "plain-1.5 /x/y_z=1")
  }

  @Test func `sbatch receives exactly the requested options`() {
    var options = SlurmOptions()
    let logs = URL(fileURLWithPath: "/100 % results/sweep/slurm")
    func script() -> SlurmScript {
      SlurmScript(
        experiment: "my sweep", tasks: [0, 1, 5], command: ["/bin/zerolab", "run", "my file.yaml"],
        logFolder: logs, options: options)
    }
    #expect(script().arguments.contains("--array=0-1,5"))
    #expect(script().arguments.contains("--job-name=zerolab-my sweep"))
    #expect(script().arguments.contains("--output=/100 %% results/sweep/slurm/%A_%a.log"))
    #expect(!script().arguments.contains { $0.hasPrefix("--partition") || $0.hasPrefix("--time") })
    #expect(
      script().text
        == "#!/bin/sh\nexec /bin/zerolab run 'my file.yaml' --task \"$SLURM_ARRAY_TASK_ID\"\n")
    options.partition = "long"
    options.time = "2:00:00"
    options.arrayLimit = 4
    options.coresPerTask = 8
    options.others = ["--mem=4G"]
    for argument in [
      "--array=0-1,5%4", "--partition=long", "--time=2:00:00", "--cpus-per-task=8", "--mem=4G",
    ] { #expect(script().arguments.contains(argument)) }
  }

  @Test func `the log of a run is that of its task`() throws {
    try withTemporaryFolder { url in
      let folder = ExperimentFolder(url)
      #expect(try SlurmSubmission.latest(in: folder) == nil)
      let json = #"{"job": "42", "tasks_of_runs": {"ZerO-w7": 2}}"#
      try RecordFiles.write(
        Array(json.utf8),
        to: SlurmSubmission.folder(in: folder).appendingPathComponent("submission.json"))
      let submission = try #require(try SlurmSubmission.latest(in: folder))
      #expect(submission.log(of: "ZerO-w7", in: folder)?.lastPathComponent == "42_2.log")
      #expect(submission.log(of: "ZerO-w8", in: folder) == nil && submission.gatheringJob == nil)
    }
  }

  @Test(arguments: [
    ("4242", "4242"), ("4242;west", "4242"), ("Welcome to the cluster\n\n4242", "4242"),
    ("4242\nGoodbye", "4242"), ("7 jobs are waiting\n4242\r\n", "4242"), ("Welcome", nil),
    ("", nil),
    ("-1", nil), ("٤٢", nil),
  ]) func `the job number is found among other lines`(output: String, job: String?) {
    #expect(SlurmCommands.jobNumber(in: output) == job)
  }

  @Test func `an unreadable submission record prevents a new submission`() throws {
    try withTemporaryFolder { url in
      let folder = ExperimentFolder(url)
      let record = SlurmSubmission.folder(in: folder).appendingPathComponent("submission.json")
      for (text, reason) in [
        ("{", "not JSON: Unexpected end of file during JSON parse"),
        (#"{"job": "Welcome\n4242", "tasks_of_runs": {}}"#, "'job' is not a job number"),
      ] {
        try RecordFiles.write(Array(text.utf8), to: record)
        #expect(throws: ClusterError.unreadableSubmission(path: record.path, reason: reason)) {
          try SlurmSubmission.latest(in: folder)
        }
      }
    }
  }
}
