// Fuzz targets for operations on a model: ranks, tables, report pages, and new weights.

import Foundation
import ZerOCheckpoints
import ZerOInitializers
import ZerOInspection
import ZerOMessages
import ZerONamePatterns
import ZerOParallelism
import ZerOReinitialization
import ZerOReports

extension FuzzTarget {
  /// The targets that use models after reading them.
  static let ofModels = [
    FuzzTarget(name: "rank") { bytes in
      withModel(bytes) { archive, folder in
        for (layout, baseline) in Self.questions {
          guard
            let baseline = baseline.isEmpty ? .nothing : try? Baseline(baseline),
            var settings = try? InspectionSettings(baseline: baseline)
          else { preconditionFailure("cannot create settings for baseline \(baseline)") }
          settings.layouts = layout.map { TensorLayouts($0) } ?? TensorLayouts()
          guard let inspection = ranks(of: archive, settings) else { continue }
          precondition(isTable(inspection.fullTable.commaSeparated, rows: inspection.tensors.count))
          _ = inspection.table.aligned(
            within: 40, dropping: CheckpointInspection.columnsToDrop, elsewhere: "elsewhere")
          for remark in inspection.remarks {
            precondition(remark.inOneLine.wrapped(to: 40).allSatisfy { $0.count <= 40 })
          }
          guard let json = try? inspection.json(),
            (try? JSONSerialization.jsonObject(with: Data(json.utf8))) != nil
          else { preconditionFailure("cannot write JSON for \(inspection.tensors)") }
          let page = folder.appendingPathComponent("page.html")
          guard (try? inspection.writePage(to: page)) != nil else {
            preconditionFailure("cannot write a page for \(inspection.tensors)")
          }
        }
      }
    },
    FuzzTarget(name: "init") { bytes in
      withModel(bytes) { archive, folder in
        for initializer in InitializerCatalog.builtIn.entries {
          do {
            let plan = try ReinitializationPlan(archive, initializer: initializer)
            precondition(plan.table.rows.count == archive.tensors.count)
            precondition(plan.remarks.allSatisfy { !$0.description.isEmpty })
            let output = folder.appendingPathComponent("new.safetensors").path
            try plan.write(to: output, seed: 1)
            let written = try TensorArchive(output)
            precondition(written.tensors.map(\.name) == archive.tensors.map(\.name))
            precondition(written.tensors.map(\.shape) == archive.tensors.map(\.shape))
            for (assignment, tensor) in zip(plan.assignments, written.tensors) {
              guard let values = try? tensor.named().values else { continue }
              precondition(
                assignment.treatment == .keep || values.allSatisfy(\.isFinite),
                "\(tensor.name): \(assignment)")
            }
          } catch {
            precondition(!"\(error)".isEmpty)
          }
        }
      }
    },
    FuzzTarget(name: "name") { bytes in
      let half = bytes.count / 2
      let pattern = NamePattern(String(decoding: bytes.prefix(half), as: UTF8.self))
      let name = String(decoding: bytes.dropFirst(half), as: UTF8.self)
      _ = pattern.matches(name)
      precondition(
        NamePattern(name).matches(name) && NamePattern("*").matches(name.isEmpty ? "a" : name))
      for columns in [1, 7, 80] {
        let lines = name.inOneLine.wrapped(to: columns)
        // A wide character may exceed a line of one column.
        precondition(lines.allSatisfy { $0.printedWidth <= max(2, columns) }, "\(lines)")
      }
      let table = TextTable(
        headings: [name, "b"], rows: [[pattern.description, name], ["c", "d"]])
      precondition(isTable(table.commaSeparated, rows: 2))
      precondition(
        table.aligned.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
      _ = suggestion(for: name, among: [pattern.description])
    },
  ]

  /// Combinations of tensor layout and baseline.
  private static let questions: [(layout: TensorLayout?, baseline: String)] = [
    (nil, ""), (.torch, "identity"), (.jax, "ZerO"), (.mlx, "IDInit"),
  ]

  /// Whether a text has at least one line per row and a heading; names with line breaks add more lines.
  private static func isTable(_ text: String, rows: Int) -> Bool {
    text.count { $0.isNewline } >= rows + 1
  }

  private static func withModel(
    _ bytes: [UInt8], _ body: (TensorArchive, URL) -> Void
  ) {
    let files = FileManager.default
    let process = ProcessInfo.processInfo.processIdentifier
    let folder = files.temporaryDirectory.appendingPathComponent("zerolab-fuzz-\(process)")
    let path = folder.appendingPathComponent("model.safetensors").path
    try? files.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: folder) }
    guard files.createFile(atPath: path, contents: Data(bytes)),
      let archive = try? TensorArchive(path)
    else { return }
    body(archive, folder)
  }

  /// Computes the ranks of an archive and blocks until they are finished; `nil` for an archive without tensors.
  private static func ranks(of archive: TensorArchive, _ settings: InspectionSettings)
    -> CheckpointInspection?
  {
    let result = Result()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      result.value = try? await CheckpointInspection(
        archive, TensorSelection(), settings, on: WorkerPool(threads: 1))
      done.signal()
    }
    done.wait()
    return result.value
  }

  /// Storage for a result, written before the semaphore is signaled and read afterwards.
  private final class Result: @unchecked Sendable {
    var value: CheckpointInspection?
  }
}
