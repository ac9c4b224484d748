// Provenance of all runs of a report.

import Foundation
import ZerOMessages
import ZerORecords
import ZerOTraining

/// The distinct data sets, programs and machines of some runs.
struct ProvenanceSummary: Sendable {
  /// The images of the runs.
  private(set) var data: [DataSelection: Provenance.Data] = [:]

  /// The checksums of the data sets, by the names that plans use.
  private var checksums: [String: [String: String]] = [:]

  private var texts: [String: DistinctTexts] = [:]
  private var started: Date?
  private var ended: Date?
  private var seconds = 0.0

  /// Whether a run's data set has the files of the earlier runs with its name, and its images are those of the earlier runs
  /// with the same selection.
  func agree(with record: RunRecord) -> Bool {
    let (plan, own) = (record.plan, record.provenance.data)
    return checksums[plan.data] ?? own.sha256 == own.sha256
      && data[DataSelection(of: plan)] ?? own == own
  }

  /// Adds a run.
  mutating func add(_ record: RunRecord) {
    let provenance = record.provenance
    data[DataSelection(of: record.plan)] = provenance.data
    checksums[record.plan.data] = provenance.data.sha256
    for (name, text) in Self.texts(of: record) { texts[name, default: DistinctTexts()].add(text) }
    started = min(started ?? provenance.started, provenance.started)
    ended = [ended, provenance.ended].compactMap(\.self).max()
    seconds += record.status.seconds ?? 0
  }

  /// Names and values, in the order of the page.
  var facts: [(name: String, value: String)] {
    let dates = [("started", started), ("ended", ended)].map { ($0, $1?.formatted(.iso8601) ?? "") }
    return Self.names.map { ($0, texts[$0]?.text ?? "") } + dates + [
      ("total run time, s", String(format: "%.1f", seconds))
    ]
  }

  private static let names = [
    "data", "data, SHA-256", "program", "processor", "BLAS", "C library", "resumed",
  ]

  private static func texts(of record: RunRecord) -> [(String, String)] {
    let provenance = record.provenance
    let resumed = provenance.resumed.map { sessions in
      "\(record.plan.identifier) after "
        + sessions.map { counted($0.iteration, "update") }.joined(separator: ", ")
    }
    let values: [String?] = [
      text(of: provenance.data),
      provenance.data.sha256.sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value.prefix(16))…" }.joined(separator: ", "),
      "commit \(provenance.commit), \(provenance.compiler)",
      "\(provenance.processor), \(provenance.cores) cores",
      "\(provenance.blasLibrary), kernel \(provenance.blasKernel)", provenance.systemLibrary,
      resumed,
    ]
    return zip(names, values).compactMap { name, value in value.map { (name, $0) } }
  }

  private static func text(of data: Provenance.Data) -> String {
    let counts = data.counts.map { String($0) }.joined(separator: " + ")
    return "\(data.name): \(counts) images of \(data.inputDimension) pixels, "
      + "\(data.classCount) classes"
  }
}

/// A set of texts that keeps the first 24 in order and counts the rest.
struct DistinctTexts: Sendable {
  private static let limit = 24

  private var known: Set<String> = []
  private var first: [String] = []

  /// Adds a text.
  mutating func add(_ text: String) {
    if known.insert(text).inserted, first.count < Self.limit { first.append(text) }
  }

  /// The kept texts, separated by commas, and the number of others.
  var text: String {
    let shown = first.joined(separator: ", ")
    return known.count > first.count ? "\(shown) and \(known.count - first.count) more" : shown
  }

  /// The number of distinct texts.
  var count: Int { known.count }
}
