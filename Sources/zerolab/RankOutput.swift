// The results of `zerolab rank` on standard output, for people and for programs.

import Foundation
import Inspection
import Messages
import Reports
import Terminal

/// Prints the ranks of one checkpoint after the other.
struct RankOutput {
  /// For whom.
  enum Form {
    /// A table that fits the window, and remarks.
    case screen

    /// An object a line.
    case json

    /// One table, of several checkpoints with the file in each row.
    case csv(ofSeveral: Bool)
  }

  private let form: Form
  private var isBegun = false

  init(_ form: Form) { self.form = form }

  /// Prints the ranks of a checkpoint.
  mutating func show(_ inspection: CheckpointInspection) throws {
    switch form {
    case .screen: Self.showOnScreen(inspection)
    case .json: print(try inspection.json(), terminator: "")
    case .csv(let isOfSeveral):
      for note in inspection.notes + inspection.remarksForSpreadsheets {
        standardError("note: \(inspection.path): \(note)".inOneLine + "\n")
      }
      let own = inspection.fullTable
      let table = isOfSeveral ? own.preceded(by: "file", inspection.path) : own
      print(isBegun ? table.commaSeparatedRows : table.commaSeparated, terminator: "")
    }
    isBegun = true
  }

  private static func showOnScreen(_ inspection: CheckpointInspection) {
    let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
    print("\(inspection.path): ranks of \(inspection.question)")
    if !inspection.matrices.isEmpty {
      print(
        inspection.table.aligned(
          within: columns, dropping: CheckpointInspection.columnsToDrop, elsewhere: "--csv has all"),
        terminator: "")
    }
    for line in inspection.remarks.flatMap({ $0.inOneLine.wrapped(to: columns, indent: 2) }) {
      print(line)
    }
  }
}
