// The reference pages, compared with the code and with files that the program writes.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOExperiments
import ZerOMessages
import ZerORecords
import ZerOReports
import ZerOTraining

@testable import ZerOCommand

@Suite struct ReferenceTests {
  @Test func `the page of the exit codes lists every code`() throws {
    let rows = [["0", "Done."]] + Failure.Code.allCases.map { ["\($0.rawValue)", $0.meaning] }
    try ReferencePage("ExitCodes").expect(["codes": markdownTable(["code", "meaning"], rows)])
  }

  @Test func `the page of the command line lists every command and option`() throws {
    try withImages { folder in
      let help = try zerolab(["--experimental-dump-help"], in: folder)
      let dump = try JSONDecoder().decode(HelpDump.self, from: Data(help.output.utf8))
      try ReferencePage("CommandLine").expect([
        "commands": dump.command.sections().joined(separator: "\n")
      ])
    }
  }

  /// The key and the words of a setting in records, where they differ.
  private func recordNote(_ setting: TrainingPlan.Setting) -> String {
    let words = setting.choices.compactMap { choice -> String? in
      guard let value = setting.value(of: choice) else { return nil }
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      plan.set(setting, to: value)
      let word = plan.recordText(of: setting)
      return word == choice ? nil : ", with `\(word)` for `\(choice)`"
    }
    guard setting.recordKey != setting.keyInTable else { return "" }
    return " In records: `\(setting.recordKey)`\(words.joined())."
  }

  @Test func `the page of the settings lists every key of an experiment`() throws {
    let settings = TrainingPlan.settings.map { setting in
      let old = setting.oldKeys.map { "`\($0)`" }.joined(separator: ", ")
      return [
        "`\(setting.path)`", "`\(setting.option)`", setting.type, "`\(setting.defaultText)`",
        setting.range,
        setting.help + (old.isEmpty ? "" : " Formerly \(old).") + recordNote(setting),
      ]
    }
    let keys = Experiment.keys.map { key in
      ["`\(key.path)`", key.type, key.defaultText, key.help]
    }
    try ReferencePage("Settings").expect([
      "settings": markdownTable(
        ["key", "option", "type", "default", "range", "meaning"], settings),
      "keys": markdownTable(["key", "type", "default", "meaning"], keys),
    ])
  }

  @Test func `the page of the columns lists the fields of every row and table`() throws {
    let rows = RecordFields.rows.map { row in
      "### `\(row.kind)`\n\n\(row.meaning)\n\n" + markdownTable("field", row.fields)
    }
    let numbers = ReportFields.numbers
    try ReferencePage("Columns").expect([
      "rows": rows.joined(separator: "\n"),
      "spectrum": markdownTable("field", RecordFields.spectrum),
      "status": markdownTable("field", RecordFields.status),
      "provenance": markdownTable("field", RecordFields.provenance),
      "runs": markdownTable("column", ReportFields.run + numbers),
      "summary": markdownTable("column", ReportFields.setting),
      "statistics": markdownTable("suffix", ReportFields.statistics),
    ])
  }

  @Test func `the page of rank's output lists its fields and columns`() throws {
    try ReferencePage("RankOutput").expect([
      "json": markdownTable("field", InspectionFields.json),
      "tensor": markdownTable("field", InspectionFields.jsonTensor),
      "matrix": markdownTable("field", InspectionFields.jsonMatrix),
      "csv": markdownTable("column", InspectionFields.csv),
      "series": markdownTable("column", SeriesFields.csv),
      "seriesjson": markdownTable("field", SeriesFields.json),
    ])
  }

  @Test func `the page of the formats lists every element type`() throws {
    let rows = FloatFormat.allCases.map { format in
      ["`\(format.rawValue)`", "\(8 * format.byteCount)", "\(format.mantissaBits)"]
    }
    try ReferencePage("FileFormats").expect([
      "types": markdownTable(["type", "bits", "bits of the mantissa"], rows)
    ])
  }

  @Test func `the described fields are those of a run's files`() throws {
    try withExperiment { folder in
      let run = folder.appendingPathComponent("runs/\(try Self.firstRun(in: folder))")
      var kinds: [String] = []
      let text = try String(
        contentsOf: run.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
      for line in text.split(separator: "\n") {
        let object = try Self.object(Data(line.utf8))
        let kind = try #require(object["kind"] as? String)
        let fields = try #require(RecordFields.rows.first { $0.kind == kind }).fields
        var found = Set(object.keys).subtracting(["kind"])
        if kind == "train" {
          #expect(found.isSuperset(of: ["rank", "rank_from_start"]))
          found = found.subtracting(["rank", "rank_from_start"]).union(["QUANTITY"])
        }
        #expect(found == Set(fields.map(\.name)))
        if let spectra = object["spectra"] as? [String: [String: Any]] {
          let names = Set(RecordFields.spectrum.map(\.name))
          for spectrum in spectra.values { #expect(names.isSuperset(of: spectrum.keys)) }
        }
        if !kinds.contains(kind) { kinds.append(kind) }
      }
      #expect(Set(kinds) == Set(RecordFields.rows.map(\.kind)))
      for (name, fields) in [
        ("status", RecordFields.status), ("provenance", RecordFields.provenance),
      ] {
        let data = try Data(contentsOf: run.appendingPathComponent(name + ".json"))
        let absent = Set(fields.map(\.name)).subtracting(try Self.object(data).keys)
        #expect(absent.isSubset(of: ["message", "resumed"]))
        #expect(Set(try Self.object(data).keys).isSubset(of: fields.map(\.name)))
      }
    }
  }

  @Test func `the described columns are those of an experiment's tables`() throws {
    try withExperiment { folder in
      func headings(_ name: String) throws -> [String] {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return text.prefix { !$0.isNewline }.split(separator: ",").map(String.init)
      }
      func described(_ heading: String) -> String {
        heading.replacing(/^final_.*_l\d$/, with: "final_QUANTITY_LAYER")
          .replacing(/^ceiling_l\d$/, with: "ceiling_LAYER")
      }
      let settings = Set(TrainingPlan.settings.map(\.recordKey))
      let runs = try headings("runs.csv").filter { !settings.contains($0) }.map(described)
      let fields = (ReportFields.run + ReportFields.numbers).map(\.name)
      #expect(Set(runs) == Set(fields))
      let summary = try headings("summary.csv").filter { !settings.contains($0) }
      let numbers = summary.filter { heading in
        !ReportFields.setting.contains { $0.name == heading }
      }
      #expect(summary.count - numbers.count == ReportFields.setting.count)
      let suffixes = ReportFields.statistics.map { "_" + $0.name }
      for heading in numbers {
        let suffix = try #require(suffixes.first(where: heading.hasSuffix))
        let name = described(String(heading.dropLast(suffix.count)))
        #expect(ReportFields.numbers.contains { $0.name == name })
      }
    }
  }

  @Test func `the described fields are those of rank's output`() throws {
    try withTemporaryFolder { folder in
      let made = try zerolab(
        ["init", "--init", "ZerO", "--shape", "16x8", "--out", "w.safetensors"], in: folder)
      #expect(made.code == 0)
      let csv = try zerolab(["rank", "w.safetensors", "--csv"], in: folder)
      #expect(
        csv.output.hasPrefix(
          InspectionFields.csv.map(\.name).joined(separator: ",") + "\n"))
      let json = try zerolab(["rank", "w.safetensors", "--json"], in: folder)
      let document = try Self.object(Data(json.output.utf8))
      #expect(Set(document.keys) == Set(InspectionFields.json.map(\.name)))
      let tensor = try #require((document["tensors"] as? [[String: Any]])?.first)
      let names = Set(InspectionFields.jsonTensor.map(\.name))
      #expect(Set(tensor.keys) == names.subtracting(["reason"]))
      let matrix = try #require(tensor["matrix"] as? [String: Any])
      let absent = Set(InspectionFields.jsonMatrix.map(\.name)).subtracting(matrix.keys)
      #expect(absent.isSubset(of: ["largest_below"]))
      #expect(Set(matrix.keys).isSubset(of: InspectionFields.jsonMatrix.map(\.name)))
    }
  }

  /// Runs a small experiment.
  private func withExperiment(_ body: (URL) throws -> Void) throws {
    try withImages { folder in
      let source = """
        name: small
        data: images
        training: {batch_size: 20}
        runs: [{init: OnE, width: 16, repeat: 2}]
        measure: {every: 2}
        """
      try source.write(
        to: folder.appendingPathComponent("small.yaml"), atomically: true, encoding: .utf8)
      let outcome = try zerolab(["run", "small.yaml", "--quiet"], in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      try body(folder.appendingPathComponent("results/small"))
    }
  }

  private static func firstRun(in folder: URL) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("runs").path)
    return try #require(names.min())
  }

  private static func object(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
