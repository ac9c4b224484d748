// Remarks on a series that deserve attention.

import ZerOMessages
import ZerOSeries

extension SeriesReport {
  /// Sentences on groups without a matrix, and on ranks that rounding may cause.
  public var remarks: [String] {
    unmatchedGroups + roundingRemarks
  }

  /// One sentence per matrix that has no rank at some steps.
  var unranked: [String] {
    let limit = 10
    let defects = history.matrices.compactMap { matrix -> String? in
      let failed = matrix.rows.filter { $0.defect != nil }
      guard let defect = failed.last?.defect else { return nil }
      let steps = firstOf(failed.map { String($0.step) })
      let unit = about.unit.rawValue + (failed.count == 1 ? "" : "s")
      return "\(matrix.name) at \(unit) \(steps): \(defect)"
    }
    return defects.prefix(limit)
      + (defects.count > limit
        ? ["\(defects.count - limit) more matrices; ranks.csv lists all"] : [])
  }

  /// The patterns of groups that match no matrix.
  private var unmatchedGroups: [String] {
    patterns.filter { pattern in
      !history.matrices.contains { MatrixGroup.contains($0.name, pattern) }
    }.map { pattern in
      let hint = history.matrices.first.map { "; the first one is '\($0.name)'" } ?? ""
      return "no matrix is in the group '\(pattern)'\(hint)"
    }
  }

  /// The matrices with singular values above the tolerance that rounding to the stored type alone may cause, at the last
  /// step.
  ///
  /// Rounding turns a change of low rank into one of full rank.
  private var roundingRemarks: [String] {
    let last = history.matrices.compactMap(\.rows.last)
    let rounded = last.compactMap { row -> (text: String, type: String)? in
      guard let results = row.results, let values = results.singularValues else { return nil }
      let above = values.prefix { $0 > results.tolerance }
      let below = above.count { $0 < results.storageNoise }
      return below > 0 ? ("\(row.matrix) (\(below) of \(above.count))", row.type) : nil
    }
    guard !rounded.isEmpty else { return [] }
    let types = Set(rounded.map(\.type)).sorted().joined(separator: ", ")
    return [
      "singular values above the tolerance that rounding to \(types) alone may cause, at the last "
        + "\(about.unit.rawValue): \(firstOf(rounded.map(\.text)))"
    ]
  }
}
