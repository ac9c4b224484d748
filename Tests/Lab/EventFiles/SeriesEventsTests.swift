// The event file of a series, from known rows.

import Foundation
import TestSupport
import Testing
import ZerOSeries
import ZerOSpectra

@testable import ZerOEventFiles

@Suite struct SeriesEventsTests {
  private func row(_ step: Int, _ matrix: String = "a.weight") throws -> SeriesRow {
    var fields: [String: Any] = [
      "step": step, "checkpoint": "c", "matrix": matrix, "rows": 2, "columns": 2, "type": "F32",
      "tolerance": 0.1, "storage_noise": 1e-7, "singular_values": [2, 1],
      "identity": ["checkpoint": "c"], "similarity_to_previous": 0.5,
    ]
    for quantity in SpectralQuantity.catalog {
      fields[quantity.key] = quantity.value(of: Spectrum([2, 1]), tolerance: 0.1)
    }
    return try JSONDecoder().decode(
      SeriesRow.self, from: JSONSerialization.data(withJSONObject: fields))
  }

  private func events(in folder: URL) throws -> [ReadEvent] {
    try readEvents(folder.appendingPathComponent(SeriesEvents.fileName))
  }

  @Test func `a row is an event with a scalar per quantity`() throws {
    try withTemporaryFolder { folder in
      try SeriesEvents.write([try row(0), try row(500, "b.weight")], to: folder)
      let events = try events(in: folder)
      #expect(events.map(\.step) == [0, 0, 500])
      #expect(events[0].fileVersion == "brain.Event:2")
      #expect(events[1].scalars["stable_rank/a.weight"] == 1.25)
      #expect(events[2].scalars["similarity_to_previous/b.weight"] == 0.5)
      #expect(events[2].scalars["overlap_with_start/b.weight"] == nil, "it was not computed")
      #expect(events[2].otherTags.isEmpty)
    }
  }

  @Test func `new rows are appended, other changes replace the file`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(SeriesEvents.fileName)
      func number() throws -> UInt64? {
        try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? UInt64
      }
      try SeriesEvents.write([try row(0)], to: folder)
      let first = try number()
      try SeriesEvents.write([try row(0), try row(500)], to: folder)
      #expect(try number() == first, "readers continue in the same file")
      #expect(try events(in: folder).map(\.step) == [0, 0, 500])
      let whole = try Data(contentsOf: url)
      try SeriesEvents.write([try row(0), try row(500)], to: folder)
      #expect(try Data(contentsOf: url) == whole)
      try SeriesEvents.write([try row(0), try row(250), try row(500)], to: folder)
      #expect(try events(in: folder).map(\.step) == [0, 0, 250, 500])
      // A part of a record, as after a full disk, is replaced.
      try whole.dropLast(3).write(to: url)
      try SeriesEvents.write([try row(0), try row(500)], to: folder)
      #expect(try Data(contentsOf: url) == whole)
    }
  }

  @Test func `a link in place of the file is replaced, and its target unchanged`() throws {
    try withTemporaryFolder { folder in
      let other = folder.appendingPathComponent("other")
      try SeriesEvents.write([try row(0)], to: folder)
      let url = folder.appendingPathComponent(SeriesEvents.fileName)
      try FileManager.default.moveItem(at: url, to: other)
      let old = try Data(contentsOf: other)
      try FileManager.default.createSymbolicLink(at: url, withDestinationURL: other)
      try SeriesEvents.write([try row(0), try row(1)], to: folder)
      #expect(try Data(contentsOf: other) == old)
      #expect(try events(in: folder).count == 3)
    }
  }
}
