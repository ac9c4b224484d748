// The built program, started as a user starts it: experiments, here and on a cluster.

import Foundation
import TestSupport
import Testing

@Suite struct ExperimentCommandTests {
  @Test func `run draws its figures, states the verdict, and fails when a claim does`() throws {
    try withImages { folder in
      func experiment(_ bound: Int) -> String {
        """
        name: small
        question: Is it small?
        data: images
        training: {batch_size: 20}
        measure: {every: 2}
        runs: [{init: ZerO, width: [8, 16]}]
        figure: {quantity: rank, tensor: l3.weight, label: "{width}"}
        claims: [{runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: \(bound)}]
        """
      }
      let file = folder.appendingPathComponent("small.yaml")
      try Data(experiment(16).utf8).write(to: file)
      let held = try zerolab(["run", "small.yaml"], in: folder)
      #expect(held.code == 0, "\(held.errors)")
      #expect(held.output.contains("Held: rank(l3.weight - I) of ZerO never exceeds 16"))
      #expect(held.errors.contains("done after"))
      let results = folder.appendingPathComponent("results/small")
      for name in ["small.pdf", "small.svg", "small.png", "report.html"] {
        #expect(
          FileManager.default.fileExists(atPath: results.appendingPathComponent(name).path))
      }
      let page = try Data(contentsOf: results.appendingPathComponent("report.html"))
      let again = try zerolab(["report", "results"], in: folder)
      #expect(again.code == 0 && again.output.contains("Held: "), "\(again.errors)")
      #expect(again.output.contains("results/small/report.html"))
      #expect(try Data(contentsOf: results.appendingPathComponent("report.html")) == page)
      let nothing = try zerolab(["report", "images"], in: folder)
      #expect(
        nothing.code == 65 && nothing.errors.hasPrefix("zerolab: images: contains no experiment"))

      try Data(experiment(0).utf8).write(to: file)
      let broken = try zerolab(["run", "small.yaml", "--quiet"], in: folder)
      #expect(broken.code == 1 && broken.errors.isEmpty)
      #expect(broken.output.contains("Violated: "))

      let fresh = try zerolab(["run", "small.yaml", "--fresh", "--jobs", "1"], in: folder)
      #expect(fresh.errors.contains("earlier results are now in results/small.before-1"))

      let longer = try zerolab(["run", "small.yaml", "--epochs", "2", "--quiet"], in: folder)
      #expect(longer.code == 1, "\(longer.errors)")
      let runs = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("results/small/runs").path)
      #expect(runs.count == 4)
    }
  }

  /// Where runs are made, pictures of their weights are drawn before the figure, letters among them.
  @Test func `a figure has the same pixels whether its runs are made or kept`() throws {
    try withImages { folder in
      let text = """
        name: pixels
        data: images
        training: {batch_size: 20}
        measure: {every: 2}
        runs: [{init: [ZerO, Random], width: 16}]
        figure: {quantity: rank, tensor: l3.weight, label: "{init}"}
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("pixels.yaml"))
      let figure = folder.appendingPathComponent("results/pixels/pixels.png")
      var pictures: [Data] = []
      for _ in 0..<2 {
        #expect(try zerolab(["run", "pixels.yaml", "--quiet"], in: folder).code == 0)
        pictures.append(try Data(contentsOf: figure))
      }
      #expect(pictures[0] == pictures[1])
    }
  }

  @Test func `a sweep is listed, carried out task by task, and gathered`() throws {
    try withImages { folder in
      let text = """
        name: sweep
        data: images
        training: {batch_size: 20}
        measure: {every: 2}
        runs: [{init: Random, width: 8, learning_rate: [0.1, 0.2], repeat: 2}]
        figure: {quantity: rank, tensor: l3.weight, label: "lr {learning_rate}"}
        claims: [{runs: {init: Random}, tensor: l3.weight, quantity: rank, at_most: 8}]
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("sweep.yaml"))
      let results = folder.appendingPathComponent("results/sweep")

      let listing = try zerolab(["run", "sweep.yaml", "--list"], in: folder)
      #expect(listing.code == 0 && listing.errors.isEmpty, "\(listing.errors)")
      #expect(listing.output.contains("4 of 4 runs to do: about "))
      #expect(listing.output.contains("Random-w8-m1-s2-b20-lr0.2"))
      #expect(listing.output.components(separatedBy: "to do\n").count == 5)
      #expect(!FileManager.default.fileExists(atPath: results.path), "nothing is run")

      for task in ["1", "0"] {
        let outcome = try zerolab(
          ["run", "sweep.yaml", "--task", task, "--runs-per-task", "2"], in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        if task == "1" {
          let early = try zerolab(["run", "sweep.yaml", "--gather"], in: folder)
          #expect(
            early.code == 1 && early.output.contains("Undecided: rank(l3.weight - I) of Random"))
          #expect(early.errors.contains("Random-w8-m0-s1-b20-every2-on-images has not started"))
        }
      }
      let gathered = try zerolab(["run", "sweep.yaml", "--gather"], in: folder)
      #expect(gathered.code == 0 && gathered.output.contains("Held: "), "\(gathered.errors)")
      let summary = try String(
        contentsOf: results.appendingPathComponent("summary.csv"), encoding: .utf8)
      #expect(summary.split(separator: "\n").count == 3)

      let beyond = try zerolab(["run", "sweep.yaml", "--task", "4"], in: folder)
      #expect(beyond.code == 64 && beyond.errors.contains("there is no task 4"))
      let absent = try zerolab(["run", "sweep.yaml", "--engine", "slurm"], in: folder)
      #expect(absent.code == 0 && absent.output.contains("every run is done"))
    }
  }

  @Test func `a damaged run is named, the others are made, and the exit code says so`() throws {
    try withImages { folder in
      let text = """
        name: small
        data: images
        training: {batch_size: 20}
        runs: [{init: ZerO, width: [8, 16]}]
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("small.yaml"))
      _ = try zerolab(["run", "small.yaml", "--task", "0"], in: folder)
      let runs = folder.appendingPathComponent("results/small/runs")
      let status = runs.appendingPathComponent(
        "ZerO-w8-m0-s1-b20-on-images-e302e3448d6f/status.json")
      try Data(#"{"status": 1}"#.utf8).write(to: status)
      let outcome = try zerolab(["run", "small.yaml"], in: folder)
      #expect(outcome.code == 65)
      #expect(outcome.errors.contains("not a record of a run ('status' is a number, not a string)"))
      let other = runs.appendingPathComponent(
        "ZerO-w16-m0-s1-b20-on-images-b09aa3eba12d/status.json")
      #expect(try String(contentsOf: other, encoding: .utf8).contains("\"done\""))
      let listing = try zerolab(["run", "small.yaml", "--list"], in: folder)
      #expect(listing.output.contains("damaged") && listing.output.contains("0 of 2 runs to do"))
      // A finished run without its last rows is moved aside and repeated.
      try FileManager.default.removeItem(at: status.deletingLastPathComponent())
      let rows = other.deletingLastPathComponent().appendingPathComponent("metrics.jsonl")
      try Data(contentsOf: rows).dropLast(100).write(to: rows)
      let again = try zerolab(["run", "small.yaml"], in: folder)
      #expect(again.code == 0 && again.errors.contains("moved aside to results/small/runs/"))
      // Interrupted, with a line that is no row.
      try Data(#"{"status":"running"}"#.utf8).write(to: other)
      try Data().write(
        to: other.deletingLastPathComponent().appendingPathComponent("checkpoint.safetensors"))
      let handle = try FileHandle(forWritingTo: rows)
      try handle.truncate(atOffset: 17 << 20)
      try handle.close()
      let begun = try zerolab(["run", "small.yaml", "--list"], in: folder)
      #expect(begun.output.contains("damaged, to do again"), "\(begun.output)")
      #expect(begun.errors.contains("longer than the 16 MiB that a row has at most"))
    }
  }

  @Test func `watch tells how runs stand, and ends as they did`() throws {
    try withImages { folder in
      let text = """
        name: small
        data: images
        training: {batch_size: 20}
        runs: [{init: ZerO, width: [8, 16]}]
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("small.yaml"))
      _ = try zerolab(["run", "small.yaml", "--task", "0"], in: folder)
      let early = try zerolab(["watch", "--once", "results"], in: folder)
      #expect(early.code == 0 && early.errors.isEmpty, "\(early.errors)")
      #expect(early.output.contains("1 of 2 runs done, 1 not started"))
      _ = try zerolab(["run", "small.yaml"], in: folder)
      let watch = try zerolab(["watch", "results/small"], in: folder)
      #expect(watch.code == 0 && watch.output == "2 of 2 runs done\n", "\(watch.errors)")

      let status = folder.appendingPathComponent(
        "results/small/runs/ZerO-w8-m0-s1-b20-on-images-e302e3448d6f/status.json")
      try Data(#"{"status":"failed","message":"no room"}"#.utf8).write(to: status)
      let failed = try zerolab(["watch"], in: folder)
      #expect(failed.code == 1 && failed.output == "1 of 2 runs done, 1 failed\n")
    }
  }

  /// Programs named as Slurm's, in a folder for the search path.
  private func fakeSlurm(_ scripts: [String: String], in folder: URL) throws -> [String: String] {
    let bin = folder.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    for (name, body) in scripts {
      let file = bin.appendingPathComponent(name)
      try Data("#!/bin/sh\n\(body)\n".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return ["PATH": "\(bin.path):\(path)"]
  }

  @Test func `two experiments of one name are refused before either runs`() throws {
    try withImages { folder in
      for (file, initializer) in [("one.yaml", "ZerO"), ("two.yaml", "OnE")] {
        let text = "name: same\ndata: images\nruns: [{init: \(initializer), width: 8}]\n"
        try Data(text.utf8).write(to: folder.appendingPathComponent(file))
      }
      for command in [
        ["one.yaml", "two.yaml"], ["one.yaml", "two.yaml", "--list"], ["one.yaml", "one.yaml"],
      ] {
        let outcome = try zerolab(["run"] + command, in: folder)
        #expect(
          outcome.code == 64
            && outcome.errors.hasPrefix(
              "zerolab: one.yaml and \(command[1]): both experiments are named 'same'"),
          "\(outcome.errors)")
      }
      #expect(
        !FileManager.default.fileExists(atPath: folder.appendingPathComponent("results").path))
    }
  }

  @Test func `an experiment is handed to Slurm, once at a time`() throws {
    try withImages { folder in
      let text = "name: spread\ndata: images\nruns: [{init: ZerO, width: [8, 9, 10]}]\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("spread.yaml"))
      let log = "for word in \"$@\"; do echo \"$word\" >> calls; done; echo Welcome; echo; echo 42"
      let config = "echo 'MaxArraySize = 2'"
      var scripts = ["sbatch": log, "squeue": "echo Welcome", "scontrol": config]
      let slurm = try fakeSlurm(scripts, in: folder)
      func submit(_ more: [String] = []) throws -> Outcome {
        try zerolab(
          ["run", "spread.yaml", "--engine", "slurm", "--sbatch=--account=us"] + more, in: folder,
          environment: slurm)
      }
      let first = try submit()
      #expect(first.code == 0, "\(first.errors)")
      #expect(first.output.contains("3 of 3 runs to do, in 2 tasks of job 42; job 42 gathers"))
      let calls = try String(contentsOf: folder.appendingPathComponent("calls"), encoding: .utf8)
        .split(separator: "\n")
      #expect(calls.contains("--array=0-1") && calls.contains("--dependency=afterany:42"))
      #expect(
        calls.filter { $0 == "--account=us" }.count == 2, "the gathering job is asked for it too")

      scripts["squeue"] = "echo 42_1"
      _ = try fakeSlurm(scripts, in: folder)
      for more in [[], ["--fresh"]] {
        let refused = try submit(more)
        #expect(
          refused.code == 1 && refused.errors.contains("spread is queued or running as job 42"))
      }
      scripts["squeue"] = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(try submit().code == 0, "a job that Slurm has forgotten is no obstacle")
      scripts["squeue"] = "echo 'Unable to contact slurm controller' >&2; exit 1"
      _ = try fakeSlurm(scripts, in: folder)
      let unknown = try submit()
      #expect(unknown.code == 1 && unknown.errors.contains("squeue failed: Unable to contact"))

      scripts["squeue"] = "true"
      scripts["sbatch"] = "case \"$*\" in *gather*) echo no >&2; exit 1;; *) echo 43;; esac"
      _ = try fakeSlurm(scripts, in: folder)
      let half = try submit()
      #expect(
        half.code == 1
          && half.errors.contains("job 43 is submitted, but not the job that gathers its results")
          && half.errors.contains("sbatch failed: no"), "\(half.errors)")
      scripts["squeue"] = "echo 43_1"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(
        try submit().errors.contains("queued or running as job 43"),
        "what was submitted is on record")

      scripts["squeue"] = "true"
      scripts["sbatch"] = "echo Welcome"
      _ = try fakeSlurm(scripts, in: folder)
      let silent = try submit()
      #expect(
        silent.code == 1
          && silent.errors.contains(
            "no job number but 'Welcome'; the job may be in the queue: see "
              + "squeue --name=zerolab-spread"),
        "\(silent.errors)")

      scripts["sbatch"] = "echo 'sbatch: error: one' >&2; echo 'sbatch: error: two' >&2; exit 1"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(try submit().errors.contains("failed: sbatch: error: one; sbatch: error: two"))

      scripts["scontrol"] = "echo 'MaxArraySize = 0'"
      _ = try fakeSlurm(scripts, in: folder)
      #expect(try submit().errors.contains("does not support job arrays"))
      let task = try zerolab(["run", "spread.yaml", "--task", "0", "--fresh"], in: folder)
      #expect(task.code == 64 && task.errors.contains("--fresh would move the results"))
    }
  }

  @Test func `runs on parts of a data set are run, listed and reported`() throws {
    try withImages { folder in
      let text = """
        name: parts
        data: images
        training: {batch_size: 20, test_images: 10, classes: [0, 1, 2]}
        measure: {every: 2}
        runs: [{init: ZerO, width: 8, train_images: [30, 50]}]
        figure: {quantity: rank, tensor: l3.weight, label: "{train_images}"}
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("parts.yaml"))
      let run = try zerolab(["run", "parts.yaml", "--plain"], in: folder)
      #expect(run.code == 0, "\(run.errors)")
      // Of all images there would be 5 updates.
      #expect(run.errors.contains("1/2 ") && run.errors.contains("1/3 "), "\(run.errors)")
      let listing = try zerolab(["run", "parts.yaml", "--list"], in: folder)
      #expect(
        listing.code == 0 && listing.output.contains("0 of 2 runs to do"), "\(listing.errors)")
      let submission = try zerolab(["run", "parts.yaml", "--engine", "slurm"], in: folder)
      #expect(submission.output.contains("every run is done"), "\(submission.errors)")
      for path in ["results", "results/parts/runs"] {
        let report = try zerolab(["report", path], in: folder)
        #expect(report.code == 0 && report.output.contains("report.html"), "\(report.errors)")
      }
    }
  }

  @Test func `a figure of an update that no run measures is refused before anything is trained`()
    throws
  {
    try withImages { folder in
      func experiment(_ update: Int) -> Data {
        Data(
          """
          name: updates
          data: images
          training: {batch_size: 20}
          measure: {every: 3}
          runs: [{init: ZerO, width: 8, depth: 2}]
          figure: {quantity: rank, x: depth, at: \(update), label: a}
          """.utf8)
      }
      let file = folder.appendingPathComponent("updates.yaml")
      for options in [[], ["--list"]] {
        for update in [3, 6] {
          try experiment(update).write(to: file)
          let outcome = try zerolab(["run", "updates.yaml"] + options, in: folder)
          let expected =
            "zerolab: figure 'updates': no run measures update \(update), which 'at' names; its first run "
            + "measures the updates 1, 4, 5; name one of these, or set measure.every\n"
          #expect(outcome.code == 65 && outcome.errors == expected, "\(outcome.errors)")
        }
      }
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("results/updates/runs").path))
      try experiment(5).write(to: file)
      #expect(try zerolab(["run", "updates.yaml", "--quiet"], in: folder).code == 0)
    }
  }
}
