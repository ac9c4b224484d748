// A fuzz target for the records of a run: reading, reporting and watching them.

import Foundation
import ZerOMessages
import ZerORecords
import ZerOReports
import ZerOTerminal

extension FuzzTarget {
  /// The targets that read records.
  static let ofRecords = [
    FuzzTarget(name: "records") { bytes in
      let process = ProcessInfo.processInfo.processIdentifier
      let results = FileManager.default.temporaryDirectory
        .appendingPathComponent("zerolab-fuzz-records-\(process)")
      let run = results.appendingPathComponent("run")
      defer { try? FileManager.default.removeItem(at: results) }
      // Each part of the input becomes one file.
      let parts = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n---\n", omittingEmptySubsequences: false)
      let names = ["plan.json", "provenance.json", "status.json", "metrics.jsonl"]
      try? FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
      for (name, part) in zip(names, parts) {
        try? Data(part.utf8).write(to: run.appendingPathComponent(name))
      }
      do {
        _ = try RunRecord(RunFolder(run))
      } catch {
        precondition(!"\(error)".isEmpty)
      }
      do {
        let findings = ReportedFolder.all(in: results)
        precondition(findings.failures.allSatisfy { !"\($0)".isEmpty })
        for folder in findings.folders {
          precondition(!folder.report.verdicts.contains { $0.sentence.isEmpty })
          _ = folder.report.overviewText(columns: 80)
          _ = try folder.report.write(to: folder.folder)
        }
        let watch = try RunWatch([results], style: .quiet)
        precondition(watch.table.rows.count <= 1 && !watch.summary.isEmpty)
      } catch {
        precondition(!"\(error)".isEmpty)
      }
    }
  ]
}
