// ranks.jsonl: lines, interrupted writes, damage, and other settings.

import Foundation
import TestSupport
import Testing
import ZerOSpectra

@testable import ZerOSeries

@Suite struct SeriesStoreTests {
  private func row(_ step: Int, _ matrix: String = "w", defect: String? = nil) -> SeriesRow {
    let quantities = Dictionary(
      uniqueKeysWithValues: SpectralQuantity.catalog.map { ($0.key, 1.5) })
    return SeriesRow(
      step: step, checkpoint: "step\(step).pt", matrix: matrix, rows: 2, columns: 3, type: "F32",
      results: defect == nil
        ? SeriesRow.Results(
          tolerance: 1e-4, storageNoise: 2e-9, quantities: quantities, startNorm: nil,
          similarityToPrevious: 0.1, overlapWithStart: nil, singularValues: [1.25, 3e-7])
        : nil,
      defect: defect,
      identity: SeriesRow.Identity(checkpoint: "c\(step)", previous: nil, start: nil))
  }

  @Test func `a row is written and read without a change`() throws {
    try withTemporaryFolder { folder in
      let settings = SeriesSettings()
      let rows = [row(5), row(6, defect: "1 NaN"), row(5, "v")]
      do {
        let store = try SeriesStore(folder, settings)
        for row in rows { try store.append(row) }
      }
      let store = try SeriesStore(folder, settings)
      #expect(store.rows.count == 3)
      for row in rows {
        let place = SeriesStore.Place(row)
        var read = try #require(store.rows[place])
        #expect(read.results?.singularValues == nil)
        read.results?.singularValues = try store.singularValues(of: place)
        #expect(read == row)
      }
      let lines = try String(contentsOf: store.file, encoding: .utf8).split(separator: "\n")
      #expect(
        lines[0].hasPrefix(
          #"{"checkpoint":"step5.pt","columns":3,"effective_rank":1.5,"energy_rank_90":1.5"#))
      #expect(lines[1].contains(#""defect":"1 NaN""#) && !lines[1].contains("tolerance"))
    }
  }

  @Test func `an incomplete last line is cut off`() throws {
    try withTemporaryFolder { folder in
      let settings = SeriesSettings()
      let file = folder.appendingPathComponent("ranks.jsonl")
      let store = try SeriesStore(folder, settings)
      try store.append(row(1))
      let first = try Data(contentsOf: file)
      try store.append(row(2))
      let both = try Data(contentsOf: file)
      for length in [first.count, first.count + 1, both.count - 1] {
        try both.prefix(length).write(to: file)
        let again = try SeriesStore(folder, settings)
        #expect(again.rows.count == 1)
        #expect(try Data(contentsOf: file) == first)
        try again.append(row(2))
        #expect(try Data(contentsOf: file) == both)
      }
    }
  }

  @Test func `a damaged line is an error that names it`() throws {
    try withTemporaryFolder { folder in
      let settings = SeriesSettings()
      let file = folder.appendingPathComponent("ranks.jsonl")
      try SeriesStore(folder, settings).append(row(1))
      let whole = try Data(contentsOf: file)
      let rank = String(decoding: whole, as: UTF8.self).replacing(
        #""rank":1.5"#, with: #""rank":1e300"#)
      for damage in ["{}\n", "nonsense\n", "\n", rank, #"{"step":"5"}"# + "\n", "\u{0}\n"] {
        try (whole + Data(damage.utf8)).write(to: file)
        let error = #expect(throws: SeriesError.self) { try SeriesStore(folder, settings) }
        guard case .malformedStore(file.path, line: 2, _) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
      }
    }
  }

  @Test func `a later row replaces an earlier one, and the order is restored`() throws {
    try withTemporaryFolder { folder in
      let store = try SeriesStore(folder, SeriesSettings())
      for row in [row(2), row(1), row(2, defect: "new"), row(3)] { try store.append(row) }
      let places = [row(1), row(2)].map { SeriesStore.Place($0) }
      try store.arrange(places)
      let again = try SeriesStore(folder, SeriesSettings())
      #expect(again.rows[places[1]]?.defect == "new" && again.rows.count == 2)
      let text = try String(contentsOf: store.file, encoding: .utf8)
      #expect(text.split(separator: "\n").map { $0.contains("step1.pt") } == [true, false])
      // After the file was replaced, rows are appended to the new one.
      try store.append(row(4))
      #expect(try SeriesStore(folder, SeriesSettings()).rows.count == 3)
      #expect(try store.singularValues(of: SeriesStore.Place(row(4))) == [1.25, 3e-7])
    }
  }

  @Test func `results with other settings are not mixed`() throws {
    try withTemporaryFolder { folder in
      let store = try SeriesStore(folder, SeriesSettings(rule: .absolute(1)))
      // Without rows, the settings may change.
      _ = try SeriesStore(folder, SeriesSettings())
      try store.append(row(1))
      #expect(
        throws: SeriesError.otherSettings(
          path: folder.path, setting: "minus", stored: "W", current: "first")
      ) { try SeriesStore(folder, SeriesSettings(start: .first)) }
      #expect(
        throws: SeriesError.otherSettings(
          path: folder.path, setting: "overlap", stored: "none", current: "3")
      ) { try SeriesStore(folder, SeriesSettings(overlap: 3)) }
      _ = try SeriesStore(folder, SeriesSettings())
    }
  }

  @Test func `a file that can't be written is an error`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("ranks.jsonl")
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
      #expect(throws: SeriesError.self) { try SeriesStore(folder, SeriesSettings()) }
      try FileManager.default.removeItem(at: file)
      // Results are not written through a link.
      let target = folder.appendingPathComponent("target")
      try Data().write(to: target)
      try FileManager.default.createSymbolicLink(at: file, withDestinationURL: target)
      #expect(throws: SeriesError.self) { try SeriesStore(folder, SeriesSettings()) }
    }
  }
}
